#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "fairfight/dict/dictionary.h"

namespace fairfight {

/// The sparse half of a dictionary's training: what depends on the k active latents of a row costs k, not width. Everything
/// is float32 and contiguous, and the same for every run with the same number of threads. kernels_test.cpp holds the plain
/// formula of each.

/// The k largest entries of each row of x [rows, width] that are greater than `floor`, in the order of their indices; among
/// equals the lower index wins, NaN never does. Places that stay empty hold value 0 at index 0.
Codes top_k(const at::Tensor& x, int64_t k, float floor = -std::numeric_limits<float>::infinity());

/// A set of latents that compete for k places in every row, with scores greater than `floor`; the floor 0 is a ReLU.
struct Competition {
  int64_t k;
  at::Tensor among = {};  // [m] int32, ascending; undefined: all latents
  float floor = 0;
};

/// TopK of x wᵀ + b for each competition. x [rows, d], w [width, d], b [width]. The product is made a tile of rows at a
/// time, so [rows, width] never exists.
std::vector<Codes> encode_top_k(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b,
                                std::span<const Competition> competitions);
Codes encode_top_k(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, const Competition& competition);

/// b_dec + sum of value * atom: w_dec [width, d], b_dec [d] -> [rows, d]. Error: an index outside [0, width).
at::Tensor sparse_decode(const Codes& codes, const at::Tensor& w_dec, const at::Tensor& b_dec);

/// What a squared error asks of the codes: error = decode(codes) - target [rows, d], and pulls[r, i] = error[r] . atom, the
/// gradient of ½ ‖error‖² with respect to values[r, i]; 0 where the value is 0 (the ReLU is shut). One pass over the w_dec.
struct Pull {
  at::Tensor error;  // [rows, d]
  at::Tensor pulls;  // [rows, k]
};
Pull pull(const Codes& codes, const at::Tensor& w_dec, const at::Tensor& b_dec, const at::Tensor& target);

/// One term of a loss: scale * ½ ‖decode(codes) - target‖².
struct LossTerm {
  const Codes& codes;
  const Pull& pull;
  double scale;
};

/// Gradients of the terms' sum with respect to the encoder's rows and biases and the decoder's rows.
struct SparseGradients {
  at::Tensor encoder, decoder;  // [width, d]
  at::Tensor bias;              // [width]
  double squares = 0;           // ‖all three‖²

  SparseGradients(int64_t width, int64_t d);
};

/// x [rows, d] is the encoder's input. From each decoder gradient the part along its own unit-norm atom is removed: it would
/// only change a norm that is reset anyway. A latent belongs to one thread: no atomics, a fixed order of sums.
void sparse_backward(std::span<const LossTerm> terms, const at::Tensor& x, const at::Tensor& w_dec,
                     SparseGradients& gradients);

/// ‖x‖² of x [..., d]: a row's in float32, their sum in float64.
double sum_of_squares(const at::Tensor& x);

/// One step of Adam(0.9, 0.999) (model/optimizer.h) of tensors of one shape; `step` counts from 1, the gradient is multiplied by `scale` first. `unit_rows`: then
/// every row of w is scaled back to norm 1, in the same pass.
void adam_rows(double rate, double scale, int64_t step, const at::Tensor& g, at::Tensor& m, at::Tensor& v, at::Tensor& w, bool unit_rows);

}  // namespace fairfight
