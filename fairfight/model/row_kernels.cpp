#include "fairfight/model/row_kernels.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/simd.h"
#include "fairfight/model/lanes.h"

namespace fairfight {

FAIRFIGHT_SIMD float row_softmax(int64_t n, const float* x, float* p) {
  float highest = x[0], sum = 0;
#pragma omp simd reduction(max : highest)
  for (int64_t i = 0; i < n; ++i) highest = std::max(highest, x[i]);
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += p[i] = fast_exp(x[i] - highest);
  const float inverse = 1 / sum;
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) p[i] *= inverse;
  return std::log(sum) + highest;
}

FAIRFIGHT_SIMD float row_log_probability(int64_t n, const float* logits, int64_t target) {
  float highest = logits[0], sum = 0;
#pragma omp simd reduction(max : highest)
  for (int64_t i = 0; i < n; ++i) highest = std::max(highest, logits[i]);
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) sum += fast_exp(logits[i] - highest);
  return logits[target] - highest - std::log(sum);
}

FAIRFIGHT_SIMD float row_divergence(int64_t n, float* logits, const float* reference, float* p, float* p_ref) {
  const float shift = row_softmax(n, reference, p_ref) - row_softmax(n, logits, p);
  float sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < n; ++i) {
    sum += p_ref[i] * (reference[i] - logits[i] - shift);
    logits[i] = p[i] - p_ref[i];
  }
  return sum;
}

}  // namespace fairfight
