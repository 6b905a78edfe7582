#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "fairfight/model/kernels.h"

namespace fairfight {

/// What a model's logits say at every position, in nats.
struct Outputs {
  at::Tensor log_probability;      // log p(target), 0 where there is none
  at::Tensor max_log_probability;  // log max p
  at::Tensor entropy;              // of the distribution
  at::Tensor log_normalizer;       // log Σ exp of the logits: minus the energy
  at::Tensor gradient_norm = {};   // ReadOut::gradient_norms, which cost the logits once more: undefined where nobody asked
};

/// The end of a pass at some positions: the state after the final norm, and the map that makes logits of it. With a vocabulary of 50,000
/// the logits of a few documents are gigabytes, and what is asked of them is a few numbers a position: that is worked out here from a few
/// MB of logits at a time, whatever the vocabulary. Targets are token ids in the shape of the positions, negative where nothing is asked.
class ReadOut {
 public:
  /// state [..., d_model], unembed [vocab, d_model], bias [vocab] or undefined; a cap of 0 is none.
  ReadOut(const at::Tensor& state, at::Tensor unembed, at::Tensor bias = {}, double cap = 0, Precision products = Precision::float32);

  int64_t vocab() const { return unembed_.size(0); }
  at::IntArrayRef shape() const { return shape_; }               // of the positions
  ReadOut at(const at::Tensor& positions) const;                 // some of them, counted through
  bool learns() const;                                           // a gradient is wanted
  ReadOut biased(const at::Tensor& bias) const;                  // [vocab] is added to the logits, before their cap; a token at -1e4 is banned
  void force(const at::Tensor& where, int64_t token);            // this one comes next there, for sure. `where` in the shape of the positions

  bool recorded() const { return state_.requires_grad(); }       // for gradients
  at::Tensor logits() const;  // [..., vocab]: for a few positions, or a small vocabulary

  // Without gradients
  at::Tensor probability(const at::Tensor& targets) const;  // Σ p of all targets of a position, [..., most] -> [...]
  Outputs outputs(const at::Tensor& targets) const;
  at::Tensor gradient_norms() const;                        // ‖∂KL(uniform ‖ p) / ∂unembed‖₁, which is ‖h‖₁ ‖p − 1/V‖₁ (Huang et al. 2021)
  struct Comparison {
    at::Tensor log_probability, reference_log_probability, divergence;  // ...; KL(p_reference ‖ p), float64
  };
  Comparison compared(const ReadOut& reference, const at::Tensor& targets) const;

  // With gradients to the state, the unembedding and its bias, where they learn. None goes to the reference.
  at::Tensor log_probabilities(const at::Tensor& targets) const;                           // 0 where nothing is asked
  at::Tensor divergence(const ReadOut& reference, const at::Tensor& counted) const;        // KL(p_reference ‖ p), 0 where not counted

 private:
  friend struct Judging;
  /// Of the rows from `row` on, whose logits these are: their values; the logits become the gradient of the values.
  using Judge = std::function<void(int64_t row, const at::Tensor& logits, float* values)>;

  int64_t rows() const { return state_.size(0); }
  at::Tensor tile(int64_t row, int64_t rows, int64_t token, int64_t tokens) const;
  at::Tensor gradient_tile(const Judge& judge, int64_t row, int64_t rows, float* values) const;
  at::Tensor tiled(int64_t values, const std::function<at::Tensor(int64_t row, int64_t rows)>& of_rows) const;
  at::Tensor shaped(const at::Tensor& values) const { return values.view(shape_); }

  at::Tensor state_;            // [rows, d_model]
  std::vector<int64_t> shape_;
  at::Tensor unembed_, bias_;
  double cap_;
  Precision precision_;
  at::Tensor forced_;  // [rows] int64, negative where nothing is; undefined: nowhere
};

}  // namespace fairfight
