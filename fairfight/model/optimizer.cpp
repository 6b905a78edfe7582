#include "fairfight/model/optimizer.h"

#include <cmath>
#include <numbers>

#include "fairfight/base/error.h"
#include "fairfight/base/simd.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// In double, lane by lane and in the same order wherever it runs.
FAIRFIGHT_SIMD double sum_of_squares(int64_t n, const float* x) {
  constexpr int64_t kLanes = 16;
  double sums[kLanes] = {}, sum = 0;
  for (int64_t from = 0; from + kLanes <= n; from += kLanes)
#pragma omp simd
    for (int64_t i = 0; i < kLanes; ++i) sums[i] += double(x[from + i]) * double(x[from + i]);
  for (int64_t i = n / kLanes * kLanes; i < n; ++i) sum += double(x[i]) * double(x[i]);
  for (const double s : sums) sum += s;
  return sum;
}

}  // namespace

AdamStep::AdamStep(double rate, double beta1, double beta2, double eps, double scale, int64_t step)
    : rate(float(rate)),
      beta1(float(beta1)),
      beta2(float(beta2)),
      eps(float(eps)),
      scale(float(scale)),
      correct1(float(1 / (1 - std::pow(beta1, double(step))))),
      correct2(float(1 / (1 - std::pow(beta2, double(step))))) {}

FAIRFIGHT_SIMD void adam(const AdamStep& s, int64_t from, int64_t to, const float* g, float* m, float* v, float* w) {
#pragma omp simd
  for (int64_t i = from; i < to; ++i) {
    const float gi = g[i] * s.scale;
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * gi;
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * gi * gi;
    w[i] -= s.rate * m[i] / (std::sqrt(v[i] * s.correct2) + s.eps) * s.correct1;
  }
}

FAIRFIGHT_SIMD void adam_with_decay(const AdamStep& s, float decay, int64_t from, int64_t to, const float* g, float* m, float* v, float* w) {
#pragma omp simd
  for (int64_t i = from; i < to; ++i) {
    const float gi = g[i] * s.scale;
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * gi;
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * gi * gi;
    w[i] -= s.rate * (m[i] * s.correct1 / (std::sqrt(v[i] * s.correct2) + s.eps) + decay * w[i]);
  }
}

AdamW::AdamW(std::vector<at::Tensor> parameters, Settings settings, std::vector<double> units) : parameters_(std::move(parameters)), settings_(settings), units_(std::move(units)) {
  if (units_.empty()) units_.assign(parameters_.size(), 1);
  if (units_.size() != parameters_.size()) fail("[AdamW] got {} units, expected one a parameter, {}", units_.size(), parameters_.size());
  for (const auto& p : parameters_) {
    first_.push_back(at::zeros_like(p));
    second_.push_back(at::zeros_like(p));
  }
}

double AdamW::step(double learning_rate) {
  double squares = 0;
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (parameters_[i].grad().defined()) {
      const auto g = parameters_[i].grad().contiguous();
      squares += units_[i] * units_[i] * sum_of_squares(g.numel(), g.data_ptr<float>());
    }
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm)) fail("[AdamW] the gradient is not finite after {} steps; lower the learning rate", steps_);
  ++steps_;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    auto& p = parameters_[i];
    if (!p.grad().defined()) continue;
    const auto g = p.grad().contiguous();
    const AdamStep step(learning_rate * units_[i], settings_.beta1, settings_.beta2, settings_.eps, units_[i] * std::min(1.0, settings_.clip_norm / (norm + 1e-12)), steps_);
    const float decay = p.dim() > 1 ? float(settings_.weight_decay / units_[i]) : 0.0f;  // its step is so many times longer
    at::parallel_for(0, p.numel(), 16384, [&](int64_t a, int64_t b) {
      adam_with_decay(step, decay, a, b, g.data_ptr<float>(), first_[i].data_ptr<float>(), second_[i].data_ptr<float>(), p.data_ptr<float>());
    });
    p.mutable_grad() = at::Tensor();
  }
  return norm;
}

std::map<std::string, at::Tensor> AdamW::state() const {
  std::map<std::string, at::Tensor> state{{"steps", at::scalar_tensor(steps_, at::kLong)}};
  for (size_t i = 0; i < parameters_.size(); ++i) {
    state[fmt::format("first.{}", i)] = first_[i];
    state[fmt::format("second.{}", i)] = second_[i];
  }
  return state;
}

void AdamW::restore(const std::map<std::string, at::Tensor>& state) {
  const auto find = [&](const std::string& name) {
    const auto found = state.find(name);
    if (found == state.end()) fail("[AdamW] the saved state has no \"{}\"", name);
    return found->second;
  };
  steps_ = find("steps").item<int64_t>();
  for (size_t i = 0; i < parameters_.size(); ++i) {
    first_[i].copy_(find(fmt::format("first.{}", i)));
    second_[i].copy_(find(fmt::format("second.{}", i)));
  }
}

double cosine_schedule(int64_t step, int64_t steps, double peak, int64_t warm_up, double floor) {
  if (step < warm_up) return peak * double(step + 1) / double(warm_up);
  const double done = double(step - warm_up) / double(std::max<int64_t>(1, steps - warm_up));
  return peak * (floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * done)));
}

double power_schedule(int64_t step, int64_t steps, double peak, int64_t warm_up, double power) {
  const double warm = std::min(1.0, double(step + 1) / double(warm_up));
  return peak * warm * std::pow(1 - double(step) / double(steps), power);
}

}  // namespace fairfight
