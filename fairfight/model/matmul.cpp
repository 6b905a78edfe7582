#include "fairfight/model/matmul.h"

#include <algorithm>

#include "fairfight/base/simd.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/torch.h"

/// oneDNN's product of matrices. Debian's libtorch brings the library along; null where it is not among the process's symbols.
extern "C" int dnnl_sgemm(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b,
                          int64_t ldb, float beta, float* c, int64_t ldc) __attribute__((weak));
/// The same of bfloat16 with sums in float32. The library exports it; its headers do not name it.
extern "C" int dnnl_gemm_bf16bf16f32(char transa, char transb, int64_t m, int64_t n, int64_t k, float alpha, const at::BFloat16* a, int64_t lda,
                                     const at::BFloat16* b, int64_t ldb, float beta, float* c, int64_t ldc) __attribute__((weak));

namespace fairfight {
namespace {

// Found by trying, and held by matmul_test.cpp: oneDNN 2.6 adds up a row of fewer rows in another order, and cuts longer sums among
// the threads where the product is small.
constexpr int64_t kLeastRows = 16;
constexpr int64_t kLongestSum = 512;

bool in_rows(const at::Tensor& x) { return x.stride(1) == 1 && x.stride(0) >= std::max<int64_t>(1, x.size(1)); }

using Bits = uint32_t __attribute__((may_alias));

/// To the nearest bfloat16, ties to even; a NaN stays one. ATen's own conversion takes as long as the products do.
FAIRFIGHT_SIMD void narrow(int64_t from, int64_t to, const Bits* x, uint16_t* y) {
#pragma omp simd
  for (int64_t i = from; i < to; ++i) {
    const uint32_t bits = x[i], rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    y[i] = uint16_t((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
  }
}

FAIRFIGHT_SIMD void widen(int64_t from, int64_t to, const uint16_t* x, Bits* y) {
#pragma omp simd
  for (int64_t i = from; i < to; ++i) y[i] = uint32_t(x[i]) << 16;
}

/// c = alpha a b + beta c by oneDNN, where it is at hand. Where both threads of a core multiply, as trials do side by side, it is up to 1.4
/// times as fast as Debian's OpenBLAS 0.3.21 (bench_products); the newest torch multiplies with MKL, which is as fast. Its product of
/// bfloat16 writes floats, where ATen's writes bfloat16.
bool multiplied_by_onednn(const Factor& a, const Factor& b, const at::Tensor& c, float beta, float alpha) {
  const auto by = [&]<class Number>(auto gemm) {
    if (!gemm || !in_rows(a.x) || !in_rows(b.x) || !in_rows(c)) return false;
    const int status = gemm(a.turned ? 'T' : 'N', b.turned ? 'T' : 'N', a.rows(), b.columns(), a.columns(), alpha, a.x.data_ptr<Number>(), a.x.stride(0),
                            b.x.data_ptr<Number>(), b.x.stride(0), beta, c.data_ptr<float>(), c.stride(0));
    if (status != 0) return false;  // this CPU has no such product
    count_flops(2.0 * double(a.x.numel()) * double(b.columns()));
    return true;
  };
  return a.x.scalar_type() == at::kFloat ? by.operator()<float>(dnnl_sgemm) : by.operator()<at::BFloat16>(dnnl_gemm_bf16bf16f32);
}

/// a b by libtorch.
at::Tensor multiplied_by_libtorch(const Factor& a, const Factor& b, float alpha) {
  auto product = widened(a.matrix().mm(b.matrix()));
  return alpha == 1 ? product : product.mul_(alpha);
}

}  // namespace

at::Tensor to_bf16(const at::Tensor& x_in) {
  if (x_in.scalar_type() == at::kBFloat16) return x_in;
  const auto x = x_in.contiguous();
  auto y = at::empty(x.sizes(), x.options().dtype(at::kBFloat16));
  at::parallel_for(0, x.numel(), 32768, [&](int64_t a, int64_t b) {
    narrow(a, b, reinterpret_cast<const Bits*>(x.data_ptr<float>()), reinterpret_cast<uint16_t*>(y.data_ptr<at::BFloat16>()));
  });
  return y;
}

at::Tensor widened(const at::Tensor& x_in) {
  if (x_in.scalar_type() == at::kFloat) return x_in;
  const auto x = x_in.contiguous();
  auto y = at::empty(x.sizes(), x.options().dtype(at::kFloat));
  at::parallel_for(0, x.numel(), 32768, [&](int64_t a, int64_t b) {
    widen(a, b, reinterpret_cast<const uint16_t*>(x.data_ptr<at::BFloat16>()), reinterpret_cast<Bits*>(y.data_ptr<float>()));
  });
  return y;
}

void multiply(const Factor& a, const Factor& b, at::Tensor c, float beta, float alpha) {
  if (multiplied_by_onednn(a, b, c, beta, alpha)) return;
  if (a.x.scalar_type() == at::kFloat)
    c.addmm_(a.matrix(), b.matrix(), beta, alpha);
  else if (const auto product = multiplied_by_libtorch(a, b, alpha); beta == 0)
    c.copy_(product);
  else
    c.mul_(beta).add_(product);
}

at::Tensor multiplied(const Factor& a, const Factor& b, float alpha) {
  const auto c = at::empty({a.rows(), b.columns()}, a.x.options().dtype(at::kFloat));
  return multiplied_by_onednn(a, b, c, 0, alpha) ? c : multiplied_by_libtorch(a, b, alpha);
}

void map_rows(const at::Tensor& x, const at::Tensor& w, at::Tensor y, float beta) {
  const int64_t rows = x.size(0), lacking = kLeastRows - rows;
  if (rows == 0) return;
  if (!dnnl_sgemm || lacking <= 0 || w.size(1) > kLongestSum) return multiply({x}, {w, true}, y, beta);
  const auto padded = [&](const at::Tensor& t) { return at::constant_pad_nd(t, {0, 0, 0, lacking}); };
  const auto more = padded(y);
  multiply({padded(x)}, {w, true}, more, beta);
  y.copy_(more.narrow(0, 0, rows));
}

}  // namespace fairfight
