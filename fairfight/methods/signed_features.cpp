#include "fairfight/methods/signed_features.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

at::Tensor SignedFeatures::fired(const Codes& codes, const at::Tensor& features) {
  const int64_t n = features.size(0), rows = codes.values.size(0);
  // Where a latent stands among the chosen signed features; those that are not chosen share a column that is dropped.
  const auto place = at::full({kHalves * codes.width}, n, at::kLong);
  place.index_put_({features}, at::arange(n, at::kLong));
  const auto indices = codes.indices.to(at::kLong);
  const auto half = at::where(codes.values < 0, indices + codes.width, indices);
  auto fired = at::zeros({rows, n + 1}, at::kFloat);
  fired.scatter_add_(1, place.index({half}), codes.values.abs());
  return fired.narrow(1, 0, n);
}

at::Tensor SignedFeatures::directions(const Dictionary& dictionary, const at::Tensor& features) {
  const int64_t width = dictionary.width();
  if (features.numel() > 0 && (features.min().item<int64_t>() < 0 || features.max().item<int64_t>() >= kHalves * width))
    fail("[half axes] a feature is outside [0, {})", kHalves * width);
  const auto sign = at::where(features < width, at::ones_like(features), -at::ones_like(features)).to(at::kFloat);
  return dictionary.w_dec().index_select(0, features.remainder(width)) * sign.unsqueeze(1);
}

FiringCounter::FiringCounter(int64_t width)
    : count_(at::zeros({SignedFeatures::kHalves * width}, at::kDouble)), sum_(count_.clone()), square_(count_.clone()), largest_(count_.clone()) {}

void FiringCounter::add(const Codes& codes) {
  const auto values = codes.values.flatten().to(at::kDouble);
  const auto indices = codes.indices.flatten().to(at::kLong);
  const auto half = at::where(values < 0, indices + codes.width, indices);
  const auto size = values.abs();
  count_.index_add_(0, half, (values != 0).to(at::kDouble));
  sum_.index_add_(0, half, size);
  square_.index_add_(0, half, size.square());
  const auto* at = half.data_ptr<int64_t>();
  const auto* f = size.data_ptr<double>();
  auto* largest = largest_.data_ptr<double>();
  for (int64_t i = 0; i < half.numel(); ++i) largest[at[i]] = std::max(largest[at[i]], f[i]);
  rows_ += codes.values.size(0);
}

at::Tensor FiringCounter::frequency() const { return count_ / double(std::max<int64_t>(rows_, 1)); }
at::Tensor FiringCounter::mean() const { return sum_ / double(std::max<int64_t>(rows_, 1)); }
at::Tensor FiringCounter::mean_square() const { return square_ / double(std::max<int64_t>(rows_, 1)); }

}  // namespace fairfight
