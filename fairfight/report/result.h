#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

/// A number with its confidence interval.
struct Estimate {
  double value = 0, low = 0, high = 0;
  bool operator==(const Estimate&) const = default;
};

/// All that a report shows of one fight, the content of `result.json`: a report is rebuilt from it on another machine.
/// Only what stands in a `timing` object may differ between two runs of one card.
/// Every `families` runs parallel to `fight.families`, every `secondary` to `fight.secondary`, and `models` to `seeds`. An
/// estimate's low and high are the judge's one-sided bounds: together an interval of `interval.level`. Differences are plain
/// ones, of whatever metric; "lower bound" and "> 0" below are said of a metric where higher is better, see `ahead`.
struct Result {
  static constexpr std::string_view kSchema = "fairfight.result/3";
  static constexpr double kShares[] = {0, 0.1, 1};  // of the dictionary's training that are charged
  static constexpr double kPrimaryShare = 0.1;      // the verdict's

  struct Metric {
    std::string name, title;           // "auroc", "AUROC"
    double no_skill = 0, perfect = 1;  // of a coin (AUROC 0.5) or an untouched model; of an oracle
    bool higher_is_better() const { return perfect > no_skill; }
    bool operator==(const Metric&) const = default;
  };
  struct Secondary {
    std::string name, title;  // "tpr_at_1_fpr", "TPR at 1 % FPR"; told, never judged
    double ideal = 1;         // what a perfect contestant shows: 1 for a TPR, 0.01 for the realised FPR at a nominal 1 %
    bool operator==(const Secondary&) const = default;
  };
  struct Family {
    std::string name, about;  // names of families and contestants: a-z, 0-9 and _
    bool operator==(const Family&) const = default;
  };
  struct Fight {
    std::string name, title, question;
    std::string prediction;  // which claim it settles: "T3"
    std::string discipline;  // "detector", "patch"
    std::string site;        // where every contestant reads
    Metric metric;
    std::vector<Secondary> secondary;
    std::vector<Family> families;
    int64_t clean = 0, per_family = 0;  // test items of one seed; clean: 0 where nobody needs such a group
    bool operator==(const Fight&) const = default;
  };
  struct Registration {
    std::string card;                 // as `fairfight fight` takes it: "cards/anomaly.toml"
    std::string sha256, card_sha256;  // 64 hexadecimal digits
    bool operator==(const Registration&) const = default;
  };
  struct Sinks {  // rows of the pool with a norm above so many medians: told of no text, and left out of dictionaries and detectors
    int64_t rows = 0, left_out = 0;
    double median_norm = 0, most_norm = 0;
    int64_t tested = 0, tested_left_out = 0;  // rows of the test where the pool has sinks; else no row of it is left out, and nobody counts
    bool operator==(const Sinks&) const = default;
  };
  struct Model {
    std::string name;
    int64_t seed = 0;
    std::string sha256;
    Json papers = Json::object();  // what is known of it, and of a user's text; free
    std::string revision = {};     // the commit on the hub; empty, and left out: it is no model from there
    std::optional<Sinks> sinks = {};  // left out: nobody looked for any
    bool operator==(const Model&) const = default;
  };
  struct Quality {
    int64_t seed = 0, dictionary_seed = 0;
    double fvu = 0, explained_variance = 0;  // fraction of variance unexplained, and the rest
    double l0 = 0;                           // active features a token
    double dead = 0;                         // fraction of features that never fire
    double delta_ce = 0;                     // nats a token, reconstruction spliced in
    double ce_recovered = 0;                 // 1: nothing lost; 0: as bad as zero ablation
    double kl = 0;                           // nats a token
    bool operator==(const Quality&) const = default;
  };
  struct Dictionary {
    std::string kind, site;
    int64_t width = 0;
    Json settings = Json::object();  // the kind's own knobs, {"k": 8}; free
    int64_t tokens = 0;              // it was trained on
    std::vector<Quality> trained;    // every seed with every dictionary seed, the seed's first
    bool operator==(const Dictionary&) const = default;
  };
  struct Score {
    Estimate mean;  // over the families
    std::vector<Estimate> families;
    bool operator==(const Score&) const = default;
  };
  struct Run {
    int64_t seed = 0;
    int64_t dictionary_seed = -1;    // -1: it uses no dictionary; the key is left out then
    Json settings = Json::object();  // chosen on validation; free
    double validation = 0;           // what it scored there
    double mean = 0;
    std::vector<double> families;
    bool nothing = false;  // it handed nothing in, for no trial was allowed and paid for, and was scored as no skill is; left out where false
    bool operator==(const Run&) const = default;
  };
  struct ChargedFlops {
    double at_0 = 0, at_10 = 0, at_100 = 0;  // own FLOPs and 0, 10 or 100 % of the dictionary's training
    bool operator==(const ChargedFlops&) const = default;
  };
  struct Spent {  // of all runs together
    int64_t tokens_forward = 0, tokens_backward = 0;
    int64_t queries = 0, labels = 0, trials = 0;
    ChargedFlops charged_flops;
    double seconds = 0;  // under `timing`
    bool operator==(const Spent&) const = default;
  };
  struct Calibration {  // on a fixed task with a known answer: is a baseline what it says it is?
    double reached = 0, reference = 0, tolerance = 0;
    bool holds() const { return reached >= reference - tolerance; }
    bool operator==(const Calibration&) const = default;
  };
  enum class Role { challenger, baseline, reference };  // a reference stands outside the contest
  struct Contestant {
    std::string name, title, about;
    Role role = Role::baseline;
    Score score;
    std::vector<double> secondary;
    std::vector<Run> runs;  // a baseline: one a seed; a challenger: one a seed and dictionary seed
    std::optional<Calibration> calibration;
    std::string starved;  // why the judge calls it so; empty: it was fed
    Spent ledger;
    std::string form = {};  // of a patch: "hooked" or "baked"; empty in other disciplines
    bool challenger() const { return role == Role::challenger; }
    bool handed_in() const;  // in one of its runs at least: else it has no rates to show
    bool operator==(const Contestant&) const = default;
  };
  struct Difference {
    std::string challenger, baseline;  // names
    Score score;                       // challenger - baseline, paired
    bool operator==(const Difference&) const = default;
  };
  struct Interval {
    double level = 0.9;   // two-sided
    double bound = 0.95;  // of each end: what the judge reads
    std::string method;
    int64_t resamples = 0;
    bool operator==(const Interval&) const = default;
  };

  enum class Label { beats, competitive, inconclusive, loses };  // "BEATS", "COMPETITIVE", "INCONCLUSIVE", "LOSES"
  struct Ruling {
    std::string challenger;
    Label label = Label::inconclusive;
    bool beats = false, competitive = false;  // against every baseline; both readings, whatever the label
    std::string against;                      // the baseline that binds: the difference with the lowest lower bound
    Estimate interval;                        // challenger - against
    bool operator==(const Ruling&) const = default;
  };
  struct Verdict {
    Ruling ruling;            // of the challenger that was best on validation; at 10 % amortisation
    double margin = 0;        // of "competitive", in units of the metric
    std::vector<Ruling> all;  // every challenger, the first one included
    std::string sentence;
    bool operator==(const Verdict&) const = default;
  };
  struct Amortised {
    double share = 0;  // of the dictionary's training that is charged: 0, 0.1, 1
    Ruling ruling;
    double challenger_flops = 0;  // a run's mean
    bool over_budget = false;     // not even one trial fitted
    bool operator==(const Amortised&) const = default;
  };
  struct LedgerSummary {
    double budget_flops = 0;      // of one run; 0: no limit
    double dictionary_flops = 0;  // of one dictionary: harvest and training, their mean
    std::vector<Amortised> amortisation;
    bool operator==(const LedgerSummary&) const = default;
  };
  struct Control {
    std::string challenger, basis, title;  // "rarity", "pca", "PCA axes"
    bool required = false;                 // the dictionary must beat it to be called necessary
    double fvu = 0, l0 = 0;                // means over its dictionaries
    Estimate score, difference;            // the challenger with this basis; with the dictionary minus with this basis
    bool beaten = false;                   // difference.low > 0
    bool operator==(const Control&) const = default;
  };
  struct Necessity {
    std::string challenger;         // the verdict's
    bool passed = false;            // every required basis is beaten
    std::vector<Control> controls;  // every challenger with every basis, the verdict's first
    std::string sentence;
    bool operator==(const Necessity&) const = default;
  };
  struct Evidence {
    std::string text;  // "the test split was sealed until everything was registered"
    bool holds = false;
    int64_t tier = 0;  // needed for this tier and above
    bool operator==(const Evidence&) const = default;
  };
  struct Tier {
    int64_t value = 1, most = 3;  // most: what such a fight can reach
    std::vector<Evidence> evidence;
    std::string sentence;
    bool operator==(const Tier&) const = default;
  };
  struct Curve {
    std::string contestant;
    std::vector<double> expected;  // best validation score that n = 1, 2 ... of its trials can be expected to find
    bool operator==(const Curve&) const = default;
  };
  struct Tuning {
    int64_t trials = 0;  // registered for everyone; a small space has fewer
    std::vector<Curve> curves;
    bool operator==(const Tuning&) const = default;
  };

  // Of patches alone: a fight of detectors has none of what follows. Scores are in units of the metric.
  struct Trial {  // of one run, on validation
    int64_t seed = 0;
    int64_t dictionary_seed = -1;  // as a run's
    double score = 0;
    double delta_ce = 0;  // change of the cross-entropy, nats a token
    double ability = 1;   // what is left of the worst ability, as a share of what it was
    bool allowed = false, chosen = false;
    Json tried = Json::object();  // its settings
    std::string note{};           // of a training that did not end as it should; empty otherwise
    bool operator==(const Trial&) const = default;
  };
  struct Trials {
    std::string contestant;
    std::vector<Trial> trials;  // every one that was made
    bool operator==(const Trials&) const = default;
  };
  struct SideEffects {  // what a patch breaks elsewhere; how much of it is allowed decides what is chosen
    std::string text;   // what the cross-entropy is of: "retained text"
    double most_delta_ce = 0, least_ability = 0;
    std::vector<std::string> abilities;  // "facts/recall", ...
    std::vector<Trials> contestants;
    bool within_budget(const Trial& trial) const {
      return trial.delta_ce <= most_delta_ce && trial.ability >= least_ability;
    }
    bool operator==(const SideEffects&) const = default;
  };
  struct Attack {
    std::string name, title, about;  // "relearn_8", "after 8 examples"
    double worst = 0, best = 1;      // the ends of its scale
    bool higher_is_better() const { return best > worst; }
    bool operator==(const Attack&) const = default;
  };
  struct Withstood {
    std::string contestant;
    std::vector<std::optional<Estimate>>
        values;  // one an attack; none where it does not apply: a hook's removal, to what is baked
    bool operator==(const Withstood&) const = default;
  };
  struct Robustness {  // what is left of a repair when somebody works against it; means over the runs
    std::vector<Attack> attacks;
    std::vector<Withstood> contestants;
    bool operator==(const Robustness&) const = default;
  };
  struct Line {
    std::string contestant;
    std::vector<Estimate> scores;  // one for each amount of what is varied
    bool operator==(const Line&) const = default;
  };
  struct Slope {
    std::string contestant;
    Estimate per_decade;  // score gained with ten times the share
    bool operator==(const Slope&) const = default;
  };
  struct Doses {                 // the same with dictionaries that saw some of the behaviour
    std::vector<double> shares;  // of their training text, ascending: 0, 0.0001 ...
    std::vector<Line> lines;
    std::vector<Slope> slopes;  // over the shares above 0
    bool operator==(const Doses&) const = default;
  };
  struct FewShots {                 // the same with so many examples of the behaviour at hand
    std::vector<int64_t> examples;  // ascending: 0, 4 ...
    std::vector<Line> lines;
    bool operator==(const FewShots&) const = default;
  };
  struct Level {
    std::string name, text;  // "C0", what it asks for
    bool holds = false;
    std::string evidence;  // what was found
    bool operator==(const Level&) const = default;
  };
  struct Certificate {          // that the dictionary did not see the behaviour
    std::vector<Level> levels;  // each one rests on those before it
    std::string reached;        // the last one before the first that does not hold; empty: none
    std::string sentence;
    bool operator==(const Certificate&) const = default;
  };

  struct Phase {
    std::string name;
    double seconds = 0;
    bool operator==(const Phase&) const = default;
  };
  struct Timing {
    std::string started;
    double seconds = 0;
    std::string machine;
    std::vector<Phase> profile;  // where the time went, in seconds of a core
    bool operator==(const Timing&) const = default;
  };

  std::string fairfight;  // the version that ran the fight
  Fight fight;
  Registration registration;
  std::vector<Model> models;
  Dictionary dictionary;
  std::vector<int64_t> seeds, dictionary_seeds;
  std::vector<Contestant> contestants;
  std::vector<Difference> differences;  // every challenger with every baseline
  Interval interval;
  Verdict verdict;
  LedgerSummary ledger;
  Necessity necessity;
  Tier tier;
  Tuning tuning;
  std::optional<SideEffects> side_effects;  // these five: left out where there is none
  std::optional<Robustness> robustness;
  std::optional<Doses> doses;
  std::optional<FewShots> few_shots;
  std::optional<Certificate> certificate;
  Timing timing;

  /// Error for an unknown or missing key, a wrong type, a number that is out of range, or parts that do not fit together.
  static Result from_json(const Json& json);

  /// What it writes can be read back: it checks first.
  Json to_json() const;

  /// Error for parts that do not fit together: seeds, families, names, a missing difference. The reports rely on it.
  void check() const;

  const Contestant& contestant(std::string_view name) const;
  const Contestant& challenger() const { return contestant(verdict.ruling.challenger); }  // the verdict's
  const Difference& difference(std::string_view challenger, std::string_view baseline) const;

  /// Their discipline: a contestant hands in a changed model, and the metric says how much of a behaviour is gone.
  bool of_patches() const { return fight.discipline == "patch"; }

  /// A difference turned so that positive is better, whichever way the metric points.
  Estimate ahead(const Estimate& difference) const;

  /// What is charged at 10 %, the share of the verdict.
  const Amortised& primary() const;

  /// The best mean first; equals stay in their order. References come last.
  std::vector<const Contestant*> ranked() const;

  bool operator==(const Result&) const = default;
};

/// As `result.json` has them: "BEATS", "challenger".
std::string_view name_of(Result::Label label);
std::string_view name_of(Result::Role role);

}  // namespace fairfight
