#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace fairfight {

/// Whether a training was long enough, reported by its own loss: the mean over the last tenth of the steps, counted back from where the learning rate begins to
/// fall (from there on any loss falls), against that over the tenth before.
class Curve {
 public:
  static constexpr double kFlat = 0.01;  // a smaller fall a tenth of the run is none

  Curve(int64_t steps, int64_t at_full_rate);
  void add(int64_t step, double loss);  // each step once, in any order

  /// By what share the later mean is below the earlier one; nothing of a run of less than ten steps.
  std::optional<double> fall() const;
  const at::Tensor& sums() const { return sums_; }  // [2] float64: all that a stopped run must keep

 private:
  int64_t tenth_, end_;
  at::Tensor sums_;
};

}  // namespace fairfight
