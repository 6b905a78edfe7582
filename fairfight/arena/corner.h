#pragma once
#include <string>

#include "fairfight/arena/metered.h"
#include "fairfight/base/random.h"
#include "fairfight/dict/dictionary.h"

namespace fairfight {

/// What several corners of one seed share, computed once: the model, the dictionary and the text it was learned from.
struct Ground {
  const Transformer& model;
  Site site;
  const at::Tensor& pool;        // [rows, d_model]: activations of the clean pool, the dictionary's own training rows
  int64_t pool_tokens;           // what harvesting it cost, in tokens
  const Dictionary& dictionary;
  uint64_t seed;
};

/// All that a contestant may see: the model behind a meter, the clean pool, a seed and, for a challenger, the dictionary.
/// There is no way from here to the test split.
class Corner {
 public:
  Corner(const Ground& ground, std::string contestant, bool challenger, Memo& memo);

  const MeteredModel& model() const { return model_; }
  const Site& site() const { return ground_.site; }

  /// Clean activations, in shuffled order; the harvest is booked on first use.
  const at::Tensor& pool();  // [rows, d_model]

  /// Error for a baseline. Its training is charged by the referee at 0, 10 and 100 %.
  const Dictionary& dictionary() const;

  /// A stream of this contestant's own.
  Random random(std::string_view what) const;

  Ledger& ledger() { return ledger_; }

 private:
  const Ground& ground_;
  std::string contestant_;
  bool challenger_, pool_booked_ = false;
  Ledger ledger_;
  MeteredModel model_;
};

}  // namespace fairfight
