#include "fairfight/dict/tensors.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

at::Tensor require_tensor(const Tensors& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape,
                          const std::string& where) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) fail("[{}] the tensor \"{}\" is missing", where, name);
  const auto& tensor = found->second;
  bool fits = tensor.scalar_type() == type && tensor.dim() == int64_t(shape.size());
  for (size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] == -1 || shape[i] == tensor.size(int64_t(i));
  if (!fits)
    fail("[{}] tensor \"{}\": got {} [{}], expected {} [{}]", where, name, c10::toString(tensor.scalar_type()),
         fmt::join(tensor.sizes(), ", "), c10::toString(type), fmt::join(shape, ", "));
  return tensor;
}

at::Tensor require_finite(const Tensors& tensors, const std::string& name, at::IntArrayRef shape) {
  auto tensor = require_tensor(tensors, name, at::kFloat, shape, "dictionary");
  if (!at::isfinite(tensor).all().item<bool>()) fail("[dictionary] tensor \"{}\" holds a value that is not finite", name);
  return tensor;
}

int64_t require_count(const Tensors& tensors, const std::string& name, int64_t low, int64_t high) {
  const auto count = require_tensor(tensors, name, at::kLong, {}, "dictionary").item<int64_t>();
  if (count < low || count > high) fail("[dictionary] {}: got {}, expected {} to {}", name, count, low, high);
  return count;
}

}  // namespace fairfight
