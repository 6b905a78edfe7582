#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace fairfight {

using Tensors = std::map<std::string, at::Tensor>;

/// Named tensors and words about them, as one safetensors file. float64, float32, bfloat16, int64, int32 and bool.
struct TensorsFile {
  Tensors tensors;
  std::map<std::string, std::string> metadata;
};
void save_tensors(const std::filesystem::path& path, const TensorsFile& content);
TensorsFile load_tensors(const std::filesystem::path& path);

/// The tensor of that name; error, naming `where`, if it is missing or of another type or shape (-1 fits any size).
at::Tensor require_tensor(const Tensors& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape,
                          const std::string& where);

}  // namespace fairfight
