#include "fairfight/acts/sinks.h"

#include <limits>

#include "fairfight/model/torch.h"

namespace fairfight {

SinkRule sink_rule(const at::Tensor& rows) {
  const double median = rows.norm(2, 1).median().item<double>();
  return {median, median > 0 ? kSinkMedians * median : std::numeric_limits<double>::infinity()};
}

at::Tensor no_sinks(const at::Tensor& x, double most_norm) { return x.norm(2, -1) <= most_norm; }

at::Tensor no_sinks(const at::Tensor& x, const at::Tensor& valid, double most_norm) {
  const auto kept = no_sinks(x.flatten(2), most_norm).logical_and(valid);
  return at::where(kept.any(1, true), kept, valid);
}

}  // namespace fairfight
