#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

/// A product of two thin matrices that is added to a map (Hu et al. 2021, section 4.1): w + scale b a.
struct Adapter {
  at::Tensor a, b;  // [rank, in], [out, rank]; undefined: none
  double scale = 0;
};

/// y = x wᵀ + b. A tensor that a model does not have (a bias of a Llama) is undefined.
struct Linear {
  at::Tensor w;  // [out, in]
  at::Tensor b;  // [out]
  Adapter adapter{};

  bool adapted() const { return adapter.a.defined(); }
  at::Tensor whole() const;  // w with its adapter, in float32 if there is one
};

}  // namespace fairfight
