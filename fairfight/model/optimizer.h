#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fairfight {

/// AdamW (Loshchilov & Hutter 2019) with decoupled decay on matrices only, the gradient's global norm clipped, in one fused
/// pass a tensor.
class AdamW {
 public:
  struct Settings {
    double beta1 = 0.9, beta2 = 0.98, eps = 1e-8, weight_decay = 0.01, clip_norm = 1.0;
  };

  AdamW(std::vector<at::Tensor> parameters, Settings settings);

  /// Applies and clears the gradients; returns their norm before the clip.
  double step(double learning_rate);

  /// Moments and step count, to save and to restore.
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& state);

 private:
  std::vector<at::Tensor> parameters_, first_, second_;
  Settings settings_;
  int64_t steps_ = 0;
};

/// Linear warm-up over the first `warm_up` steps, then a cosine from `peak` to `peak * floor`.
double cosine_schedule(int64_t step, int64_t steps, double peak, int64_t warm_up, double floor);

}  // namespace fairfight
