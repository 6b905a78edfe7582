#pragma once
#include <cstdint>
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
/// Every `families` runs parallel to `fight.families`; `models`, `dictionary.trained` and `by_seed` run parallel to `seeds`.
struct Result {
  static constexpr std::string_view kSchema = "fairfight.result/1";

  struct Metric {
    std::string name, title;           // "auroc", "AUROC"
    double no_skill = 0, perfect = 1;  // of a coin (AUROC 0.5) or an untouched model; of an oracle
    bool higher_is_better() const { return perfect > no_skill; }
    bool operator==(const Metric&) const = default;
  };
  struct Family {
    std::string name, about;  // names of families and contestants: a-z, 0-9 and _
    bool operator==(const Family&) const = default;
  };
  struct Fight {
    std::string name, title, question;
    std::string prediction;  // which claim it settles: "T3"
    std::string discipline;  // "detector" ...
    std::string site;        // where every contestant reads
    Metric metric;
    std::vector<Family> families;
    int64_t clean = 0, anomalous_per_family = 0;  // test items of one seed
    bool operator==(const Fight&) const = default;
  };
  struct Registration {
    std::string card;                 // as `fairfight fight` takes it: "cards/anomaly.toml"
    std::string sha256, card_sha256;  // 64 hexadecimal digits
    bool operator==(const Registration&) const = default;
  };
  struct Model {
    std::string name;
    int64_t seed = 0;
    std::string sha256;
    Json papers = Json::object();  // what an organism documents about itself; free
    bool operator==(const Model&) const = default;
  };
  struct Quality {
    int64_t seed = 0;
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
    std::vector<Quality> trained;
    bool operator==(const Dictionary&) const = default;
  };
  struct Score {
    Estimate mean;  // over the families
    std::vector<Estimate> families;
    bool operator==(const Score&) const = default;
  };
  struct Run {
    int64_t seed = 0;
    Json settings = Json::object();  // chosen on validation; free
    double mean = 0;
    std::vector<double> families;
    bool operator==(const Run&) const = default;
  };
  struct ChargedFlops {
    double at_0 = 0, at_10 = 0, at_100 = 0;  // own FLOPs and 0, 10 or 100 % of the dictionary's training
    bool operator==(const ChargedFlops&) const = default;
  };
  struct Ledger {  // of all seeds together
    int64_t tokens_forward = 0, tokens_backward = 0;
    int64_t queries = 0, labels = 0, trials = 0;
    ChargedFlops charged_flops;
    double seconds = 0;
    bool operator==(const Ledger&) const = default;
  };
  struct Contestant {
    std::string name, title, about;
    bool challenger = false;  // uses the dictionary; otherwise it is a baseline
    Score score;
    std::vector<Run> by_seed;
    Ledger ledger;
    bool operator==(const Contestant&) const = default;
  };
  struct Difference {
    std::string challenger, baseline;  // names
    Score score;                       // challenger - baseline, paired
    bool operator==(const Difference&) const = default;
  };
  struct Interval {
    double level = 0.95;
    std::string method;
    int64_t resamples = 0;
    bool operator==(const Interval&) const = default;
  };
  struct Leader {
    std::string name, sentence;
    bool operator==(const Leader&) const = default;
  };
  struct Timing {
    std::string started;
    double seconds = 0;
    std::string machine;
    bool operator==(const Timing&) const = default;
  };

  std::string fairfight;  // the version that ran the fight
  Fight fight;
  Registration registration;
  std::vector<Model> models;
  Dictionary dictionary;
  std::vector<int64_t> seeds;
  std::vector<Contestant> contestants;
  std::vector<Difference> differences;  // every challenger with every baseline
  Interval interval;
  Leader leader;
  Timing timing;

  /// Error for an unknown or missing key, a wrong type, a number that is out of range, or parts that do not fit together.
  static Result from_json(const Json& json);

  /// What it writes can be read back: it checks first.
  Json to_json() const;

  /// Error for parts that do not fit together: seeds, families, names, a missing difference. The reports rely on it.
  void check() const;

  const Contestant& contestant(std::string_view name) const;
  const Difference& difference(std::string_view challenger, std::string_view baseline) const;

  /// The best mean first; equals stay in their order.
  std::vector<const Contestant*> ranked() const;

  bool operator==(const Result&) const = default;
};

}  // namespace fairfight
