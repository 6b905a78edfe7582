#include "fairfight/dict/curve.h"

#include "fairfight/model/torch.h"

namespace fairfight {

Curve::Curve(int64_t steps, int64_t at_full_rate) : tenth_(steps / 10), end_(at_full_rate), sums_(at::zeros({2}, at::kDouble)) {}

void Curve::add(int64_t step, double loss) {
  if (step >= end_ || step < end_ - 2 * tenth_) return;
  sums_.data_ptr<double>()[step >= end_ - tenth_] += loss;
}

std::optional<double> Curve::fall() const {
  const double* sum = sums_.data_ptr<double>();
  if (tenth_ == 0 || !(sum[0] > 0)) return {};
  return 1 - sum[1] / sum[0];
}

}  // namespace fairfight
