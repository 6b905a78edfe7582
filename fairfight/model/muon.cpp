#include "fairfight/model/muon.h"

#include <fmt/format.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
at::Tensor orthogonalised(const at::Tensor& matrix) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  auto x = matrix / (matrix.norm() + 1e-7);
  for (int step = 0; step < 5; ++step) {
    const auto square = x.mm(x.t());
    x = at::addmm(x, at::addmm(square, square, square, b, c), x, a, 1);
  }
  return x;
}

Muon::Muon(std::vector<at::Tensor> matrices, Settings settings) : matrices_(std::move(matrices)), settings_(settings) {
  for (const auto& m : matrices_) {
    if (m.dim() != 2) fail("[Muon] got a parameter of {} dimensions, expected matrices", m.dim());
    momenta_.push_back(at::zeros_like(m));
  }
}

void Muon::step(double learning_rate) {
  side_by_side(matrices_.size(), [&](size_t i) {
    at::NoGradGuard no_grad;
    auto& m = matrices_[i];
    const auto& gradient = m.grad();
    if (!gradient.defined()) fail("[Muon] a matrix has no gradient");
    momenta_[i].lerp_(gradient, 1 - settings_.momentum);
    const auto nesterov = gradient.lerp(momenta_[i], settings_.momentum);
    const bool tall = m.size(0) > m.size(1);
    const auto update = orthogonalised(tall ? nesterov.t() : nesterov);
    if (!std::isfinite(update.sum().item<double>())) fail("[Muon] a gradient is not finite; lower the learning rate");
    const double stretch = std::sqrt(std::max(1.0, double(m.size(0)) / double(m.size(1))));
    m.mul_(1 - learning_rate * settings_.weight_decay).sub_(tall ? update.t() : update, learning_rate * stretch);
    m.mutable_grad() = at::Tensor();
  });
}

std::map<std::string, at::Tensor> Muon::state() const {
  std::map<std::string, at::Tensor> state;
  for (size_t i = 0; i < momenta_.size(); ++i) state[fmt::format("muon.{}", i)] = momenta_[i];
  return state;
}

void Muon::restore(const std::map<std::string, at::Tensor>& state) {
  for (size_t i = 0; i < momenta_.size(); ++i) {
    const auto found = state.find(fmt::format("muon.{}", i));
    if (found == state.end()) fail("[Muon] the saved state has no momentum {}", i);
    momenta_[i].copy_(found->second);
  }
}

}  // namespace fairfight
