#include "fairfight/dict/dictionary.h"

#include <cmath>

#include "fairfight/acts/sinks.h"
#include "fairfight/model/torch.h"

namespace fairfight {

Codes Dictionary::encode(const at::Tensor& x) const {
  Codes codes = encode_any(x);
  if (std::isinf(most_norm_)) return codes;
  const auto sinks = no_sinks(x.detach(), most_norm_).logical_not();
  if (!sinks.any().item<bool>()) return codes;
  const auto which = sinks.unsqueeze(1);
  return {codes.values.masked_fill(which, 0), codes.indices.masked_fill(which, 0), codes.width};
}

at::Tensor Dictionary::reconstruct(const at::Tensor& x) const {
  const auto said = decode(encode(x));
  return std::isinf(most_norm_) ? said : at::where(no_sinks(x.detach(), most_norm_).unsqueeze(1), said, x);
}

std::map<std::string, at::Tensor> Dictionary::tensors() const {
  auto all = parameters();
  if (!std::isinf(most_norm_)) all["most_norm"] = at::scalar_tensor(most_norm_, at::kDouble);
  return all;
}

}  // namespace fairfight
