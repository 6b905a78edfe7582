#include "fairfight/model/tensor_file.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

struct Pair {
  Dtype file;
  at::ScalarType memory;
};
constexpr Pair kDtypes[] = {{Dtype::f64, at::kDouble}, {Dtype::f32, at::kFloat}, {Dtype::f16, at::kHalf}, {Dtype::bf16, at::kBFloat16}, {Dtype::i64, at::kLong}, {Dtype::i32, at::kInt}, {Dtype::i16, at::kShort}, {Dtype::i8, at::kChar}, {Dtype::u8, at::kByte}, {Dtype::boolean, at::kBool}};

}  // namespace

at::ScalarType scalar_type_of(Dtype dtype) {
  for (const auto& [file, memory] : kDtypes)
    if (file == dtype) return memory;
  fail("[tensor] the dtype {} is not supported", name_of(dtype));
}

at::Tensor tensor_of(const TensorInfo& info, const std::function<void(void*)>& read) {
  auto tensor = at::empty(std::vector<int64_t>(info.shape.begin(), info.shape.end()), scalar_type_of(info.dtype));
  if (info.bytes() > 0) read(tensor.data_ptr());
  return tensor;
}

TensorFile read_tensors(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  TensorFile result{{}, file.header().metadata};
  for (const auto& info : file.header().tensors)
    result.tensors[info.name] = tensor_of(info, [&](void* into) { file.read(info, into); });
  return result;
}

void write_tensors(const std::filesystem::path& path, const TensorFile& file) {
  SafetensorsWriter writer;
  std::vector<at::Tensor> alive;
  for (const auto& [key, value] : file.metadata) writer.metadata(key, value);
  for (const auto& [name, tensor] : file.tensors) {
    alive.push_back(tensor.detach().contiguous());
    for (const auto& [dtype, memory] : kDtypes)
      if (memory == tensor.scalar_type())
        writer.add(name, dtype, std::vector<uint64_t>(tensor.sizes().begin(), tensor.sizes().end()), alive.back().data_ptr());
  }
  writer.write(path);
}

}  // namespace fairfight
