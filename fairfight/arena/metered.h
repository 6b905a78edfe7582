#pragma once
#include <functional>
#include <map>
#include <string>

#include "fairfight/arena/ledger.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// FLOPs of a forward pass over `tokens`: 2 for every weight that multiplies an activation, up to `layer` if it stops there
/// (FIGHTS.md 1.2's unit costs; attention's own products, below 5 % at these lengths, are left out for everyone alike).
double forward_flops(const Config& config, int64_t tokens);
double forward_flops(const Config& config, int64_t tokens, const Site& stop);

/// What several contestants would all compute: each pays in full, the machine computes it once.
class Memo {
 public:
  at::Tensor get(const std::string& key, const std::function<at::Tensor()>& compute);
  void clear() { known_.clear(); }

 private:
  std::map<std::string, at::Tensor> known_;
};

/// The model as a contestant sees it: every pass is booked in its ledger.
class MeteredModel {
 public:
  MeteredModel(const Transformer& model, Ledger& ledger, Memo& memo) : model_(model), ledger_(ledger), memo_(memo) {}

  at::Tensor activations(const Batch& batch, const Site& site) const;   // [docs, pos, width at the site]
  at::Tensor log_probabilities(const Batch& batch) const;               // [docs, pos], nats; 0 at the first position
  const Config& config() const { return model_.config(); }

 private:
  const Transformer& model_;
  Ledger& ledger_;
  Memo& memo_;
};

/// Runs `pass` over slices of the batch that fit in the caches and stacks what it returns.
at::Tensor in_slices(const Batch& batch, const std::function<at::Tensor(const at::Tensor& tokens)>& pass);

}  // namespace fairfight
