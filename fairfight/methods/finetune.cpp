#include "fairfight/methods/finetune.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using End = FineTuneLog::End;

/// Parameters as they were after some update.
class Snapshot {
 public:
  explicit Snapshot(const std::vector<at::Tensor>& parameters) : live_(parameters) {
    for (const auto& p : live_) kept_.push_back(p.detach().clone());
  }
  void take(int64_t step) {
    for (size_t i = 0; i < live_.size(); ++i) kept_[i].copy_(live_[i].detach());
    step_ = step;
  }
  int64_t restore() const {
    for (size_t i = 0; i < live_.size(); ++i) live_[i].detach().copy_(kept_[i]);
    return step_;
  }

 private:
  std::vector<at::Tensor> live_, kept_;
  int64_t step_ = 0;
};

void require_sense(const std::vector<at::Tensor>& parameters, const FineTuneSettings& s, bool validated) {
  if (parameters.empty()) fail("[fine_tune] got no parameters");
  for (const auto& p : parameters)
    if (!p.is_leaf() || !p.requires_grad() || !p.is_contiguous() || p.scalar_type() != at::kFloat)
      fail("[fine_tune] got a parameter of shape {} that is not a contiguous float32 leaf with a gradient",
           fmt::join(p.sizes(), "x"));
  if (s.steps < 1 || !(s.learning_rate > 0))
    fail("[fine_tune] got {} steps at learning rate {}, expected both above 0", s.steps, s.learning_rate);
  if (s.warm_up < 0 || s.warm_up > s.steps)
    fail("[fine_tune] got a warm-up of {} steps, expected 0 to {}", s.warm_up, s.steps);
  if (validated && (s.check_every < 1 || s.patience < 1))
    fail("[fine_tune] got a validation every {} steps with a patience of {}, expected both above 0", s.check_every,
         s.patience);
}

double rate_at(int64_t step, const FineTuneSettings& s) {
  const double floor = s.schedule == FineTuneSettings::Schedule::constant ? 1 : 0;
  return cosine_schedule(step, s.steps, s.learning_rate, s.warm_up, floor);
}

bool finite(const std::vector<at::Tensor>& parameters) {
  return std::all_of(parameters.begin(), parameters.end(),
                     [](const at::Tensor& p) { return p.detach().isfinite().all().item<bool>(); });
}

}  // namespace

std::string FineTuneLog::note() const {
  if (end != End::not_finite) return "";
  return fmt::format("the training came to numbers that are not finite after update {}; kept are the weights after update {}", steps, kept);
}

double rate_at_width(double rate, int64_t d_model) {
  constexpr double kFoundAt = 128;
  return rate * std::min(1.0, kFoundAt / double(d_model));
}

FineTuneLog fine_tune(const std::vector<at::Tensor>& parameters, const FineTuneSettings& settings,
                      const std::function<at::Tensor(int64_t)>& loss, const std::function<double()>& validation) {
  require_sense(parameters, settings, bool(validation));
  FineTuneLog log;
  AdamW optimizer(parameters, settings.adam);
  Snapshot sound(parameters), best(parameters);  // of the last finite loss; of the lowest value of the validation
  double lowest = INFINITY;
  int64_t without_better = 0;
  const auto check = [&] {
    if (!validation) return;
    double value = NAN;
    try {
      value = validation();
    } catch (const NotFinite&) {
    }
    log.checks.push_back(value);
    without_better = value < lowest ? 0 : without_better + 1;  // one that is not a number is not lower
    if (without_better > 0) return;
    lowest = value;
    best.take(log.steps);
  };

  while (log.steps < settings.steps) {
    check_stop();
    if (validation && log.steps % settings.check_every == 0) check();
    if (validation && without_better >= settings.patience) {
      log.end = End::no_better;
      break;
    }
    const auto value = loss(log.steps);
    if (!std::isfinite(value.item<double>())) {
      log.end = End::not_finite;
      break;
    }
    log.losses.push_back(value.item<double>());
    sound.take(log.steps);
    value.backward();
    try {
      optimizer.step(rate_at(log.steps, settings));
    } catch (const Error&) {  // it says that the gradient is not finite, and has moved nothing
      log.end = End::not_finite;
      break;
    }
    ++log.steps;
  }
  for (const auto& p : parameters) p.mutable_grad() = at::Tensor();

  log.kept = log.steps;
  if (log.end == End::all_steps && !finite(parameters)) log.end = End::not_finite;
  if (log.end == End::not_finite)
    log.kept = sound.restore();
  else if (log.end == End::all_steps)
    check();
  if (validation) log.kept = best.restore();
  return log;
}

}  // namespace fairfight
