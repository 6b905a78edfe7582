#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fairfight/model/config.h"

namespace fairfight {

/// Keys and values of texts that grow, so that a further token costs one token. Each text is a row with a past of its own:
/// what stands after it is never looked at, so texts need no padding and no mask.
struct Cache {
  Cache(const Config& config, int64_t texts, int64_t capacity);  // capacity: positions a text

  struct Layer {
    at::Tensor k, v;  // [text, position, kv_head, d_head] float32; keys after they turned
  };
  std::vector<Layer> layers;
};

}  // namespace fairfight
