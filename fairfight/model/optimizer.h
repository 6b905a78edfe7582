#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fairfight {

/// One step of Adam (Kingma & Ba 2015), number by number: m and v are the moments, g the gradient, multiplied by `scale` first. `step` counts from 1.
struct AdamStep {
  float rate, beta1, beta2, eps, scale;
  float correct1, correct2;  // of the moments' beginning at 0
  AdamStep(double rate, double beta1, double beta2, double eps, double scale, int64_t step);
};
void adam(const AdamStep& step, int64_t from, int64_t to, const float* g, float* m, float* v, float* w);
/// With decoupled decay: w loses rate * decay * w besides.
void adam_with_decay(const AdamStep& step, float decay, int64_t from, int64_t to, const float* g, float* m, float* v, float* w);

/// AdamW (Loshchilov & Hutter 2019) with decoupled decay on matrices only, the gradient's global norm clipped, in one fused
/// pass a tensor.
class AdamW {
 public:
  struct Settings {
    double beta1 = 0.9, beta2 = 0.98, eps = 1e-8, weight_decay = 0.01, clip_norm = 1.0;
  };

  /// `units`: each parameter learns as if it were so many times shorter (its gradient longer, and its steps, too); empty: as it is.
  AdamW(std::vector<at::Tensor> parameters, Settings settings, std::vector<double> units = {});

  /// Applies and clears the gradients; returns their norm before the clip.
  double step(double learning_rate);

  /// Moments and step count, to save and to restore.
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& state);

 private:
  std::vector<at::Tensor> parameters_, first_, second_;
  Settings settings_;
  std::vector<double> units_;
  int64_t steps_ = 0;
};

/// Linear warm-up over the first `warm_up` steps, then a cosine from `peak` to `peak * floor`.
double cosine_schedule(int64_t step, int64_t steps, double peak, int64_t warm_up, double floor);
/// The same warm-up, then peak * (1 - step / steps) ^ power: sooner at low rates than a cosine.
double power_schedule(int64_t step, int64_t steps, double peak, int64_t warm_up, double power);

}  // namespace fairfight
