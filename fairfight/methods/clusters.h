#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/base/random.h"

namespace fairfight {

/// k-means: rows drawn as in k-means++ (Arthur & Vassilvitskii 2007), then Lloyd's steps until no label moves (at most 50).
struct Clusters {
  at::Tensor centroids;  // [k, d] float32
  at::Tensor labels;     // [n] int32
};
Clusters k_means(const at::Tensor& x, int64_t k, Random random);  // x [n, d] float32; error if n < k

}  // namespace fairfight
