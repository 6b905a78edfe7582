#pragma once
#include <limits>
#include <memory>
#include <set>
#include <string>

#include "fairfight/arena/role.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/base/random.h"
#include "fairfight/dict/dictionary.h"

namespace fairfight {

/// What the desks of one organism share, computed once: the model, the text, and a dictionary learned from it.
struct Ground {
  const Transformer& model;
  Site site;
  const at::Tensor& pool;            // [rows, d_model]: activations of the clean pool, the dictionary's own training rows
  Work pool_price;                   // of harvesting it
  std::shared_ptr<const Dictionary> dictionary;  // null where only baselines and references play
  std::string basis;                 // a name for that dictionary, "topk/0"
  double fvu;                        // of the fight's own dictionaries on the pool, their mean: numbers that everyone may know
  int64_t width;                     // of these dictionaries
  uint64_t seed;
  const Batch* text = nullptr;       // the documents of the clean pool
  double most_norm = std::numeric_limits<double>::infinity();  // what is above it is an attention sink (acts/sinks.h) and in no pool
};

/// What every contestant may see, whatever its discipline: the model, the clean pool, a stream of its own and, for a challenger, the
/// dictionary. There is no way from here to the test split.
class Desk {
 public:
  /// `shared` outlives the desk; it holds what the trials of this ground need twice.
  Desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared);
  virtual ~Desk() = default;
  Desk(const Desk&) = delete;

  const SharedModel& model() const { return model_; }
  const Site& site() const { return ground_.site; }

  /// Clean activations, in shuffled order; the harvest is paid on first use.
  const at::Tensor& pool();  // [rows, d_model]

  /// The documents of the clean pool, the very ones that dictionaries are learned from.
  const Batch& text() const;
  Batch first_texts() const;  // 256 of them: what is usual

  /// Rows with a larger norm are attention sinks: the pool has none, and no document is reported by them.
  double most_norm() const { return ground_.most_norm; }

  /// Error for a baseline. Its training is charged by the referee at 0, 10 and 100 %.
  const std::shared_ptr<const Dictionary>& dictionary() const;  // a hook may keep it
  double dictionary_fvu() const { return ground_.fvu; }
  int64_t dictionary_width() const { return ground_.width; }

  /// A stream of this contestant's own.
  Random random(std::string_view what) const;

  Memo& memo() const { return shared_; }
  const std::string& basis() const { return ground_.basis; }
  std::string memo_key() const { return contestant_ + "@" + ground_.basis; }

  /// So many labels more were asked for. What is computed counts itself.
  void ask(int64_t labels) { account_.labels += labels; }

  /// All that a desk remembers.
  struct Account {
    int64_t labels = 0;
    std::set<std::string> used;  // what is paid for once
  };
  const Account& account() const { return account_; }
  void restore(Account account) { account_ = std::move(account); }

 protected:
  const std::string& contestant() const { return contestant_; }
  Role role() const { return role_; }
  bool first_use(const std::string& what) { return account_.used.insert(what).second; }

 private:
  const Ground& ground_;
  std::string contestant_;
  Role role_;
  Account account_;
  SharedModel model_;
  Memo& shared_;
};

}  // namespace fairfight
