#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// Attention sinks: a few rows whose norm is tens or hundreds of times that of all others (Sun et al. 2024, "Massive activations"), at <bos>, and elsewhere
/// too. They hold no text, but nearly all of the variance, so that a dictionary learns them alone. What is above so many median norms of a site's rows is
/// one. In the residual stream of SmolLM2-135M from its middle on, text stays below 4 medians and sinks stand above 36.
constexpr double kSinkMedians = 10;

struct SinkRule {
  double median;    // of the rows' norms
  double most;      // a norm above it is a sink's; infinite where the median is 0, and tells nothing
};
SinkRule sink_rule(const at::Tensor& rows);  // [n, width]

/// Which rows are no sinks: x [..., width] -> [...] bool.
at::Tensor no_sinks(const at::Tensor& x, double most_norm);

/// The same among the valid positions of documents, x [docs, pos, ...], valid [docs, pos]. A document that has nothing but sinks keeps them: whoever scores
/// documents owes it a number.
at::Tensor no_sinks(const at::Tensor& x, const at::Tensor& valid, double most_norm);

}  // namespace fairfight
