#pragma once
#include <functional>
#include <string>

#include "fairfight/model/batch.h"
#include "fairfight/model/memo.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// What the model's outputs say at every token, [docs, pos] float32 each: its own log-probability, 0 at the first position, and the rest of
/// the next-token distribution after it.
Outputs outputs_of(const ReadOut& said, const at::Tensor& tokens);

/// The model, and what several want to know of it: that is computed once, and paid by each. Passes of one's own count themselves.
class SharedModel {
 public:
  SharedModel(const Model& model, Memo& memo) : model_(model), memo_(memo) {}

  const at::Tensor& activations(const Batch& batch, const Site& site) const;  // [docs, pos, width at the site]
  Outputs outputs(const Batch& batch) const;
  at::Tensor gradient_norms(const Batch& batch) const;  // [docs, pos], of what is said after each token
  /// The first positions of some documents of a batch, of which everybody asks for some: [rows, positions, width]. `key` is the whole batch's key_of.
  at::Tensor excerpt(const Batch& of, const std::string& key, const at::Tensor& rows, int64_t positions, const Site& site) const;

  const Transformer& transformer() const;  // error: it is none
  const Config& config() const { return transformer().config(); }
  Transformer copy() const;  // its weights can be trained

 private:
  const at::Tensor& known(const Batch& batch, const Site& site, const std::string& key, double share) const;

  const Model& model_;
  Memo& memo_;
};

/// Runs `pass` ([docs, n] -> [docs, n, ...]) over slices of documents of like length, side by side, and stacks what it returns,
/// [docs, pos, ...] with zeros where a document's slice had ended. Attention is causal: what stands before is not touched by it.
at::Tensor in_slices(const Batch& batch, const std::function<at::Tensor(const at::Tensor& tokens)>& pass);

}  // namespace fairfight
