#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/report/section.h"

namespace fairfight {

/// All that a report shows of one fight, the content of `result.json`: a report is rebuilt from it on another machine. It knows no discipline: what one
/// tells besides stands in `sections`, and its words in the metric.
/// Only what stands in a `timing` object may differ between two runs of one card.
/// Every `families` runs parallel to `fight.families`, and `models` to `seeds`. An estimate's low and high are the judge's one-sided bounds: together an
/// interval of `interval.level`. Of every score and difference higher is better.
struct Result {
  static constexpr std::string_view kSchema = "fairfight.result/7";
  static constexpr double kShares[] = {0, 0.1, 1};  // of the dictionary's training that are charged
  static constexpr double kPrimaryShare = 0.1;      // the verdict's

  struct Metric {
    std::string name, title;           // "auroc", "AUROC"
    double no_skill = 0, perfect = 1;  // perfect > no_skill: whoever makes a metric turns it so
    std::string of_no_skill = "no skill", of_perfect = "perfect";  // who has these scores: "the untouched model"
    std::string below = {}, above = {};  // what a score beyond these ends says, "there is more of the insult than ..."; empty: nothing
    std::string says = {};               // what a contestant does, "removes {} of the insult" with its score for {}; empty: it scores
    bool operator==(const Metric&) const = default;
  };
  struct Family {
    std::string name, about;  // names of families, contestants, sections, columns and axes: a-z, 0-9 and _
    bool operator==(const Family&) const = default;
  };
  struct Fight {
    std::string name, title, question;
    std::string prediction;  // which claim it settles: "T3"
    std::string discipline;  // "detector"; a name for readers, no switch
    std::vector<std::string> sites;  // where contestants read
    Metric metric;
    std::vector<Family> families;
    int64_t clean = 0, per_family = 0;  // test items of one seed; clean: those that every family is held against, 0 where there are none
    int64_t trials = 0;                 // registered for everyone; a small space has fewer
    bool operator==(const Fight&) const = default;
  };
  struct Registration {
    std::string card;                 // as `fairfight fight` takes it: "cards/anomaly.toml"
    std::string sha256, card_sha256;  // 64 hexadecimal digits
    bool operator==(const Registration&) const = default;
  };
  struct Sinks {  // at a site: rows of the pool with a norm above so many medians: reported of no text, and left out of whatever is fitted
    std::string site;
    int64_t rows = 0, left_out = 0;
    double median_norm = 0, most_norm = 0;
    int64_t tested = 0, tested_left_out = 0;  // rows of the test where the pool has sinks; else no row of it is left out, and nobody counts
    bool operator==(const Sinks&) const = default;
  };
  struct Model {
    std::string name;
    int64_t seed = 0;
    std::string sha256;
    Json datasheet = Json::object();  // what is known of it, and of a user's text; free
    std::string revision = {};        // the commit on the hub; empty, and left out: it is no model from there
    std::vector<Sinks> sinks = {};    // by site; empty, and left out: nobody looked for any
    bool operator==(const Model&) const = default;
  };
  struct Quality {
    int64_t seed = 0, dictionary_seed = 0;
    std::string site;
    double fvu = 0, explained_variance = 0;  // fraction of variance unexplained, and the rest
    double l0 = 0;                           // active features a token
    double dead = 0;                         // fraction of features that never fire
    struct Spliced {  // with its reconstruction in the activations' place
      double delta_ce = 0;      // nats a token
      double ce_recovered = 0;  // 1: nothing lost; 0: as bad as zero ablation
      double kl = 0;            // nats a token
      bool operator==(const Spliced&) const = default;
    };
    std::optional<Spliced> spliced = {};  // left out: the model says nothing of tokens
    bool operator==(const Quality&) const = default;
  };
  struct Dictionary {
    std::string kind;
    int64_t width = 0;
    Json settings = Json::object();  // the kind's own knobs, {"k": 8}; free
    int64_t tokens = 0;              // it was trained on
    std::vector<Quality> trained;    // every seed with every dictionary seed at every site, the seed's first
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
    struct Limit {
      std::string name;  // of a constraint of the fight
      double value = 0, error = 0;
      bool kept = true;
      auto operator<=>(const Limit&) const = default;
    };
    std::vector<Limit> limits;  // what it changed besides, on the test: with one that is not kept its scores are those of no skill
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
  enum class Role { challenger,
                    baseline,
                    fusion,       // of a dictionary with what needs none: on neither side, it counts for the marginal value alone
                    reference };  // stands outside the contest
  struct Contestant {
    std::string name, title, about;
    Role role = Role::baseline;
    Score score;
    std::vector<Run> runs;  // one a seed; of whoever uses a dictionary one a seed and dictionary seed
    std::optional<Calibration> calibration;
    std::string under_tuned;  // why the judge calls it so; empty: it was not
    bool unpaid = false;      // ... for the budget did not pay for its trials; left out where false
    Spent ledger;
    std::string tag = {};  // a word beside its title, "runtime edit"; empty where a discipline has none
    bool challenger() const { return role == Role::challenger; }
    bool uses_dictionary() const { return role == Role::challenger || role == Role::fusion; }
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

  enum class Label { beats,
                     competitive,
                     inconclusive,
                     loses };  // "BEATS", "COMPETITIVE", "INCONCLUSIVE", "LOSES"
  struct Ruling {
    std::string challenger;  // who stands for the side of the dictionary: a contestant, or whom its portfolio has most often
    Label label = Label::inconclusive;
    bool beats = false, competitive = false;  // both readings, whatever the label
    std::string against;                      // whom the baselines' portfolio has most often
    Estimate interval;                        // this side - the baselines' portfolio
    bool operator==(const Ruling&) const = default;
  };
  /// The same question when somebody works against what was handed in.
  struct Threatened {
    std::string threat, title, about;  // "open_weights", "open weights", what is done
    Ruling ruling;
    Estimate challengers, baselines;  // what the two portfolios come to
    bool operator==(const Threatened&) const = default;
  };
  /// In each organism and dictionary seed a side's portfolio is its run that is best on validation of what is allowed and paid for.
  struct Verdict {
    Ruling ruling;         // the challengers' portfolio against the baselines'; at 10 % amortisation
    double margin = 0;     // of "competitive", in units of the metric
    std::string scope;     // what it speaks of: "on this model", "on these 3 models", "on models like these"
    Estimate challengers, baselines;  // what the two portfolios score
    Estimate marginal;     // the portfolio of all - the baselines': what dictionaries add for somebody who has all the rest
    Estimate size_matched; // the ruling's difference, the larger side cut to as many as the smaller one has: the mean over all such cuts
    Estimate champions;    // ... with one contestant a side, chosen in the other organisms
    struct Failures {      // organisms in which a portfolio scores below half of the way from no skill to perfect
      int64_t challengers = 0, baselines = 0, organisms = 0;
      bool operator==(const Failures&) const = default;
    } failures;
    int64_t would_settle = 0;  // an inconclusive difference: so many models, with four chances in five, if they are like these; 0, and left out: nobody can say, or it is settled
    std::vector<Ruling> all;  // every challenger alone; description, no judgement
    std::vector<Threatened> rulings;  // one a threat of the fight
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
  std::vector<Section> sections;  // in the order of the page
  Timing timing;

  /// Error for an unknown or missing key, a wrong type, a number that is out of range, or parts that do not fit together.
  static Result from_json(const Json& json);

  /// What it writes can be read back: it checks first.
  Json to_json() const;

  /// Error for parts that do not fit together: seeds, families, names, a missing difference. The reports rely on it.
  void check() const;

  const Contestant& contestant(std::string_view name) const;
  const Contestant& challenger() const { return contestant(verdict.ruling.challenger); }  // whom the verdict's portfolio has most often
  const Difference& difference(std::string_view challenger, std::string_view baseline) const;

  /// Null where there is no such section, or it has another shape.
  const Section* section(std::string_view id) const;
  template <class Shape>
  const Shape* section_as(std::string_view id) const {
    const Section* found = section(id);
    return found ? std::get_if<Shape>(&found->body) : nullptr;
  }

  /// Whether neither of two sides with these scores is surely above no skill by the margin: nobody wins there.
  bool have_nothing(const Estimate& challengers, const Estimate& baselines) const {
    const double most = fight.metric.no_skill + verdict.margin;
    return challengers.low < most && baselines.low < most;
  }

  /// What is charged at 10 %, the share of the verdict.
  const Amortised& primary() const;

  /// The best mean first; equals stay in their order. References come last.
  std::vector<const Contestant*> ranked() const;

  bool operator==(const Result&) const = default;
};

/// Of a file; errors name it.
Result read_result(const std::filesystem::path& file);

/// As `result.json` has them: "BEATS", "challenger".
std::string_view name_of(Result::Label label);
std::string_view name_of(Result::Role role);

}  // namespace fairfight
