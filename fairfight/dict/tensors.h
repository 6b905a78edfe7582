#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace fairfight {

using Tensors = std::map<std::string, at::Tensor>;

/// The tensor of that name out of a file; error, naming `where`, if it is missing or of another type or shape (-1 fits any
/// size).
at::Tensor require_tensor(const Tensors& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape,
                          const std::string& where);

/// The same for a dictionary's float32 tensor, which must be finite as well.
at::Tensor require_finite(const Tensors& tensors, const std::string& name, at::IntArrayRef shape);

/// A count that a dictionary's file holds as an int64 scalar.
int64_t require_count(const Tensors& tensors, const std::string& name, int64_t low, int64_t high);

}  // namespace fairfight
