#include "fairfight/acts/tensors.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr std::pair<Dtype, at::ScalarType> kTypes[] = {{Dtype::f64, at::kDouble}, {Dtype::f32, at::kFloat},
                                                       {Dtype::bf16, at::kBFloat16}, {Dtype::i64, at::kLong},
                                                       {Dtype::i32, at::kInt}, {Dtype::boolean, at::kBool}};

Dtype dtype_of(const at::Tensor& tensor, const std::string& name) {
  for (const auto& [dtype, type] : kTypes)
    if (type == tensor.scalar_type()) return dtype;
  fail("[save_tensors] tensor \"{}\" is of type {}, which fairfight does not write", name, c10::toString(tensor.scalar_type()));
}

at::ScalarType type_of(Dtype dtype, const std::string& name, const std::filesystem::path& path) {
  for (const auto& [known, type] : kTypes)
    if (known == dtype) return type;
  fail("[load_tensors] {}: tensor \"{}\" is of type {}, which no file of fairfight holds", path.string(), name, name_of(dtype));
}

}  // namespace

void save_tensors(const std::filesystem::path& path, const TensorsFile& content) {
  SafetensorsWriter writer;
  for (const auto& [key, value] : content.metadata) writer.metadata(key, value);
  std::vector<at::Tensor> alive;  // the writer keeps pointers only
  for (const auto& [name, tensor] : content.tensors) {
    alive.push_back(tensor.contiguous());
    const auto sizes = tensor.sizes();
    writer.add(name, dtype_of(tensor, name), {sizes.begin(), sizes.end()}, alive.back().data_ptr());
  }
  writer.write(path);
}

TensorsFile load_tensors(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  TensorsFile content{{}, file.header().metadata};
  for (const auto& info : file.header().tensors) {
    auto tensor = at::empty(std::vector<int64_t>(info.shape.begin(), info.shape.end()), type_of(info.dtype, info.name, path));
    file.read(info, tensor.data_ptr());
    content.tensors[info.name] = tensor;
  }
  return content;
}

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

}  // namespace fairfight
