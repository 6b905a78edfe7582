#pragma once
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fairfight/arena/role.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/base/random.h"
#include "fairfight/dict/dictionary.h"

namespace fairfight {

/// A site of a fight, with what is learned from the clean pool there.
struct View {
  Site site;
  at::Tensor pool;                               // [rows, width at the site]: activations of the clean pool, the dictionary's own training rows
  Work pool_price;                               // of harvesting it
  std::shared_ptr<const Dictionary> dictionary;  // null where only baselines and references play
  double fvu;                                    // of the fight's own dictionaries on the pool, their mean: numbers that everyone may know
  int64_t width;                                 // of these dictionaries
  double most_norm = std::numeric_limits<double>::infinity();  // what is above it is an attention sink (acts/sinks.h) and in no pool
};

/// What the desks of one organism share, computed once: the model, the text, and what is seen at each of the card's sites.
struct Ground {
  const Model& model;
  std::vector<View> views;
  std::string basis;  // a name for the dictionaries, "topk/0"
  uint64_t seed;
  const Batch* text = nullptr;  // the documents of the clean pool
};

/// What every contestant may see, whatever its discipline: the model, the clean pool, a stream of its own and, for a challenger, the
/// dictionary. There is no way from here to the test split. Of a card's several sites a trial stands at the one that its settings name, or at all of them.
class Desk {
 public:
  /// `shared` outlives the desk; it holds what the trials of this ground need twice.
  Desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared);
  virtual ~Desk() = default;
  Desk(const Desk&) = delete;

  const SharedModel& model() const { return model_; }
  /// What follows is of this site.
  const Site& site() const { return view().site; }
  /// Goes to each site where the trial stands, and stays at the last.
  void at_each_site(const std::function<void()>& work);

  /// Clean activations, in shuffled order; the harvest is paid on first use.
  const at::Tensor& pool();  // [rows, width at the site]

  /// The documents of the clean pool, the very ones that dictionaries are learned from.
  const Batch& text() const;
  Batch first_texts() const;  // 256 of them: what is usual

  /// Rows with a larger norm are attention sinks: the pool has none, and no document is reported by them.
  double most_norm() const { return view().most_norm; }

  /// Error for a baseline. Its training is charged by the referee at 0, 10 and 100 %.
  const std::shared_ptr<const Dictionary>& dictionary() const;  // a hook may keep it
  double dictionary_fvu() const { return view().fvu; }
  int64_t dictionary_width() const { return view().width; }

  /// A stream of this contestant's own.
  Random random(std::string_view what) const;

  Memo& memo() const { return shared_; }
  std::string basis() const;  // with the site, if the card has several
  std::string memo_key() const { return contestant_ + "@" + basis(); }

  /// So many labels more were asked for. What is computed counts itself.
  void ask(int64_t labels) { account_.labels += labels; }

  /// The referee's: where the next trial stands, by indices of the card's sites; nowhere, for who needs none (SiteUse).
  void stand(std::vector<size_t> places);

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
  const View& view() const;  // error if the trial stands nowhere

  const Ground& ground_;
  std::vector<size_t> places_{0};
  std::optional<size_t> at_ = 0;
  std::string contestant_;
  Role role_;
  Account account_;
  SharedModel model_;
  Memo& shared_;
};

}  // namespace fairfight
