#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/arena/contestant.h"
#include "fairfight/arena/metric.h"
#include "fairfight/arena/scores.h"
#include "fairfight/arena/seal.h"
#include "fairfight/base/error.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// Somebody who works against what was handed in, once it is out of its maker's hands. A fight is ruled on as it is, and again under each of its threats.
struct Threat {
  std::string name, title;  // "open_weights", "open weights"
  std::string about;        // what is done, as a sentence without its end
};

/// What a fight is about, and by what it is decided.
struct FightInfo {
  std::string name, title, question;
  std::string prediction;  // of the essay, "T3"
  std::string discipline;  // "detector"
  Metric metric;
  std::vector<Constraint> constraints = {};  // side effects; empty: there are none
  std::vector<Threat> threats = {};
};

/// What a trial came to on validation.
struct Validation {
  double score = 0;            // of the metric
  Effects side_effects{};      // one a constraint of the fight
  std::string note{};          // of an artifact that was not made as it should have been
  double chance = 0;           // how far two readings of the same thing are apart by chance (SearchSpace::reading)
  bool allowed = true;         // its side effects keep within the constraints: the referee's to say
};

/// What a choice came to on the test: its scores, what it changed besides, one a constraint of the fight (beyond a limit it has no skill), and what else was seen on the way
/// (reported, never judged).
struct Tested {
  ItemScores scores;
  Effects side_effects{};
  std::map<std::string, double> findings{};
};

/// What is left of a choice under a threat: its metric on validation, by which sides put somebody forward, and its scores on the test.
struct Attacked {
  double validation = 0;
  ItemScores scores{};
  bool gone = false;  // by what it is, not by how it was tuned: a hook is no part of the weights
};

/// A model that is fought about, and what says which one it is.
struct NamedModel {
  NamedModel(const LoadedModel& loaded) : model(loaded.model), sha256(loaded.sha256), revision(loaded.revision) {}
  NamedModel(LoadedModel&&) = delete;  // it would be gone
  NamedModel(const Model& m, std::string hash) : model(m), sha256(std::move(hash)) {}
  const Model& model;
  std::string sha256, revision{};
};

/// One organism of a fight, as the referee sees it: its model and its data. The test data lie sealed in here, out of every corner's reach.
class Round {
 public:
  virtual ~Round() = default;
  virtual NamedModel model() const = 0;
  virtual const Json& datasheet() const = 0;                           // what is known of the model and of a user's text
  virtual NamedModel harvested() const { return model(); }     // whose activations the dictionary learns from
  virtual std::string note() const { return ""; }                      // of the draw, for the user
  virtual const Batch& pool() const = 0;                               // clean text for everyone
  virtual Json hashes() const = 0;                                     // name -> SHA-256 of all data
  virtual void close_test(const Registration& registration, const std::filesystem::path& file) = 0;
  virtual void open_test(const Registration& registration) = 0;
  virtual std::vector<const Batch*> opened() const { return {}; }      // the test's text, of fights that score texts by their rows

  virtual std::unique_ptr<Desk> desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared) const = 0;
  virtual Validation validate(const Made& made, const SharedModel& model) const = 0;
  virtual Tested test(const Made& made, const SharedModel& model) const = 0;  // error before it is open
  virtual Attacked attack(const Made& made, const std::string& threat) const = 0;  // the same
  virtual std::string tag(const Made& made) const = 0;
  virtual std::map<std::string, double> inspect(const Made& made) const = 0;
  virtual void keep(const Made& made, const std::filesystem::path& folder, const std::string& name) const = 0;
};

/// The same with the discipline's types: what a fight implements.
template <class D>
class Setup : public Round {
 public:
  using Artifact = typename D::Artifact;
  virtual const typename D::Offer* offer() const { return nullptr; }          // for every contestant
  virtual const typename D::Privilege* privilege() const { return nullptr; }  // for references alone
  virtual Validation validate(const Artifact& artifact, const SharedModel& model) const = 0;
  virtual Tested test(const Artifact& artifact, const SharedModel& model) const = 0;
  /// Under a threat of the fight, once the test is open. Not booked.
  virtual Attacked attack(const Artifact&, const std::string& threat) const { fail("[fight] nobody here attacks by {}", threat); }
  /// A word for the artifact's kind, which stands beside its contestant's title; empty: there is only one.
  virtual std::string tag(const Artifact&) const { return ""; }
  /// What is costly to find and reported besides: asked once an organism, of the first dictionary seed. Not booked.
  virtual std::map<std::string, double> inspect(const Artifact&) const { return {}; }
  /// Leaves what was chosen in the fight's output folder, for use after the fight.
  virtual void keep(const Artifact&, const std::filesystem::path& /*folder*/, const std::string& /*name*/) const {}

  std::unique_ptr<Desk> desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared) const final {
    return std::make_unique<Corner<D>>(ground, std::move(contestant), role, model_memo, shared, offer(), privilege());
  }
  Validation validate(const Made& made, const SharedModel& model) const final { return validate(of(made), model); }
  Tested test(const Made& made, const SharedModel& model) const final { return test(of(made), model); }
  Attacked attack(const Made& made, const std::string& threat) const final { return attack(of(made), threat); }
  std::string tag(const Made& made) const final { return tag(of(made)); }
  std::map<std::string, double> inspect(const Made& made) const final { return inspect(of(made)); }
  void keep(const Made& made, const std::filesystem::path& folder, const std::string& name) const final { keep(of(made), folder, name); }

 private:
  static const Artifact& of(const Made& made) { return *static_cast<const Artifact*>(made.get()); }
};

}  // namespace fairfight
