#include "fairfight/model/weight_arena.h"

#include <sys/mman.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {
constexpr uint64_t kHugePage = 2 << 20;
}

WeightArena::WeightArena(uint64_t bytes) : left_(bytes) {
  const uint64_t size = bytes + kHugePage;  // room to begin at a huge page
  void* const start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) throw std::bad_alloc();
  memory_ = {static_cast<char*>(start), [size](char* memory) { ::munmap(memory, size); }};
  next_ = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(start) + kHugePage - 1) / kHugePage * kHugePage);
  if (bytes >= kHugePage) ::madvise(next_, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);  // a wish: small pages are right, too
}

at::Tensor WeightArena::take(at::IntArrayRef shape, at::ScalarType dtype) {
  uint64_t bytes = c10::elementSize(dtype);
  for (const int64_t n : shape) bytes *= uint64_t(n);
  if (rounded(bytes) > left_) fail("[room] got a tensor of {} bytes, expected at most the {} that are left", bytes, left_);
  const auto tensor = at::from_blob(next_, shape, [memory = memory_](void*) {}, at::TensorOptions(dtype));
  next_ += rounded(bytes);
  left_ -= rounded(bytes);
  return tensor;
}

}  // namespace fairfight
