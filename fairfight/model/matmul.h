#pragma once
#include <ATen/core/Tensor.h>

namespace fairfight {

// Precision of matrices by the fastest library at hand. None of them is seen by autograd.

/// To the nearest bfloat16, ties to even, and back; what is so already stays as it is. Contiguous.
at::Tensor to_bf16(const at::Tensor& x);
at::Tensor widened(const at::Tensor& x);

/// A factor as it stands in memory, rows of numbers that lie side by side, or its transpose.
struct Factor {
  at::Tensor x;
  bool turned = false;
  int64_t rows() const { return x.size(turned ? 1 : 0); }
  int64_t columns() const { return x.size(turned ? 0 : 1); }
  at::Tensor matrix() const { return turned ? x.t() : x; }
};

/// c = alpha a b + beta c in float32, both factors in float32 or both in bfloat16; c keeps its strides.
void multiply(const Factor& a, const Factor& b, at::Tensor c, float beta = 0, float alpha = 1);
at::Tensor multiplied(const Factor& a, const Factor& b, float alpha = 1);

/// y = x wᵀ + beta y, for x [rows, in], w [out, in], y [rows, out]. With oneDNN and at most 512 inputs a row's bits hang neither on the rows
/// beside it nor on the number of threads: a document scores alone as it scores among others, to the detectors that compare equal rows
/// as well.
void map_rows(const at::Tensor& x, const at::Tensor& w, at::Tensor y, float beta = 0);

}  // namespace fairfight
