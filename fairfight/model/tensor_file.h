#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "fairfight/io/safetensors.h"

namespace fairfight {

at::ScalarType scalar_type_of(Dtype dtype);

/// A tensor of a file's dtype and shape, its bytes filled in by `read`.
at::Tensor tensor_of(const TensorInfo& info, const std::function<void(void* into)>& read);

/// All tensors of a safetensors file in their own dtypes, and its metadata.
struct TensorFile {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};
TensorFile read_tensors(const std::filesystem::path& path);
void write_tensors(const std::filesystem::path& path, const TensorFile& file);

}  // namespace fairfight
