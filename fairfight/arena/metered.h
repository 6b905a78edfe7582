#pragma once
#include <any>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "fairfight/arena/ledger.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/patch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// FLOPs of a forward pass over `tokens`: 2 for every weight that multiplies an activation, up to `layer` if it stops there
/// (FIGHTS.md 1.2's unit costs). Left out for everyone alike: attention's own products, below 5 % at these lengths, and the
/// padding of a batch. contestants/ledger_test.cpp holds what is booked against the products that are really made.
double forward_flops(const Config& config, int64_t tokens);
double forward_flops(const Config& config, int64_t tokens, const Site& stop);
/// Of passes that are asked for the logits of some tokens alone (Taps::only_at): the last block, behind its attention, and the
/// unembedding work for those.
struct Passed {
  int64_t tokens = 0, asked = 0;
  Passed& operator+=(const Passed& more) {
    tokens += more.tokens;
    asked += more.asked;
    return *this;
  }
};
double forward_flops(const Config& config, Passed passed);

/// Of the backward pass: 2 for every weight that is moved, and 2 for every weight through which the gradient goes on to
/// something in front of it that is moved. `weights` says by requires_grad what is; where everything is, it is twice the
/// forward pass, and less where a training moves little. Adapters' own forward products count here.
double backward_flops(const Config& config, const Weights& weights, Passed passed);
double backward_flops(const Config& config, const Weights& weights, int64_t tokens, const Site& stop);

/// What several contestants, or several trials of one, would all compute: each pays in full, the machine computes it once.
/// Contestants that are tuned side by side share it: whoever comes second waits.
class Memo {
 public:
  /// One that is not shared is of a contestant that is watched for what it computes itself: nothing is prepared for others.
  explicit Memo(bool shared = true) : shared_(shared) {}
  bool shared() const { return shared_; }

  template <class T>
  const T& get(const std::string& key, const std::function<T()>& compute) {
    Slot& slot = at(key);
    const std::lock_guard lock(slot.computing);
    if (!slot.value.has_value()) slot.value = compute();
    return std::any_cast<const T&>(slot.value);
  }
  void clear() { known_.clear(); }

 private:
  struct Slot {
    std::mutex computing;
    std::any value;
  };
  Slot& at(const std::string& key) {
    const std::lock_guard lock(looking_);
    return known_[key];
  }

  bool shared_;
  std::mutex looking_;
  std::map<std::string, Slot> known_;
};

/// What the model's outputs say at every token, [docs, pos] float32 each: its own log-probability, 0 at the first position, and the rest of
/// the next-token distribution behind it.
Outputs outputs_of(const ReadOut& said, const at::Tensor& tokens);

/// The model as a contestant sees it: every pass is booked in its ledger.
class MeteredModel {
 public:
  MeteredModel(const Transformer& model, Ledger& ledger, Memo& memo) : model_(model), ledger_(ledger), memo_(memo) {}

  at::Tensor activations(const Batch& batch, const Site& site) const;  // [docs, pos, width at the site]
  Outputs outputs(const Batch& batch) const;
  /// Activations for whoever books the passes by hand; `key` is the batch's key_of.
  const at::Tensor& known(const Batch& batch, const Site& site, const std::string& key) const;

  /// What the model says under a patch of [docs, pos]. `count` of the tokens are real.
  ReadOut under(const Patch& patch, const at::Tensor& tokens, int64_t count, const Taps& taps = {}) const;

  /// A copy whose weights can be trained. Whoever trains it says what went through: `book`.
  Transformer copy() const;
  /// Passes of the model, under taps or with other weights.
  void book(int64_t tokens, const Site* stop = nullptr) const;
  void book(Passed passed) const;
  /// Backward passes of a training, behind forward ones: `moved` says by requires_grad which weights' gradients it makes.
  void book_training(const Weights& moved, Passed passed, const Site* stop = nullptr) const;
  /// Backward passes to an activation and no further: no weight has a gradient, so they cost as much as the way there.
  void book_gradient(int64_t tokens, const Site& at) const;
  /// The model itself, for passes that are booked by hand.
  const Transformer& unmetered() const { return model_; }
  const Config& config() const { return model_.config(); }

  /// A contestant's own computing (what it fits, what it does with a row) is booked by the shared bases of the disciplines.
  void spend(double flops) const { ledger_.flops += flops; }
  Memo& memo() const { return memo_; }

 private:
  const Transformer& model_;
  Ledger& ledger_;
  Memo& memo_;
};

/// Runs `pass` ([docs, n] -> [docs, n, ...]) over slices of documents of like length, side by side, and stacks what it returns,
/// [docs, pos, ...] with zeros where a document's slice had ended. Attention is causal: what stands before is not touched by it.
at::Tensor in_slices(const Batch& batch, const std::function<at::Tensor(const at::Tensor& tokens)>& pass);

}  // namespace fairfight
