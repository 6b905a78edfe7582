#include "fairfight/model/muon.h"

#include <fmt/format.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

bool is_tall(const at::Tensor& matrix) { return matrix.size(0) > matrix.size(1); }

}  // namespace

at::Tensor orthogonalised(const at::Tensor& matrices) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  auto x = matrices / (matrices.flatten(1).norm(2, 1).view({-1, 1, 1}) + 1e-7);
  for (int step = 0; step < 5; ++step) {
    const auto square = x.bmm(x.transpose(1, 2));
    x = at::baddbmm(x, at::baddbmm(square, square, square, b, c), x, a, 1);
  }
  return x;
}

Muon::Muon(std::vector<at::Tensor> matrices, Settings settings) : matrices_(std::move(matrices)), settings_(settings) {
  for (size_t i = 0; i < matrices_.size(); ++i) {
    const auto& m = matrices_[i];
    if (m.dim() != 2) fail("[Muon] got a parameter of {} dimensions, expected matrices", m.dim());
    momenta_.push_back(at::zeros_like(m));
    shapes_[{std::min(m.size(0), m.size(1)), std::max(m.size(0), m.size(1))}].push_back(i);
  }
}

void Muon::step(double learning_rate) {
  at::NoGradGuard no_grad;
  for (const auto& [shape, members] : shapes_) {
    std::vector<at::Tensor> updates;
    for (size_t i : members) {
      const auto& gradient = matrices_[i].grad();
      if (!gradient.defined()) fail("[Muon] a matrix has no gradient");
      momenta_[i].lerp_(gradient, 1 - settings_.momentum);
      const auto update = gradient.lerp(momenta_[i], settings_.momentum);  // Nesterov's
      updates.push_back(is_tall(update) ? update.t() : update);
    }
    const auto steps = orthogonalised(at::stack(updates));
    if (!std::isfinite(steps.sum().item<double>())) fail("[Muon] a gradient is not finite; lower the learning rate");
    for (size_t k = 0; k < members.size(); ++k) {
      auto& m = matrices_[members[k]];
      const double tall = std::sqrt(std::max(1.0, double(m.size(0)) / double(m.size(1))));
      m.mul_(1 - learning_rate * settings_.weight_decay).sub_(is_tall(m) ? steps[int64_t(k)].t() : steps[int64_t(k)], learning_rate * tall);
      m.mutable_grad() = at::Tensor();
    }
  }
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
