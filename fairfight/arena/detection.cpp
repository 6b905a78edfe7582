#include "fairfight/arena/detection.h"

#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"
#include "fairfight/report/statement.h"

namespace fairfight {
namespace {

/// AUROCs of one draw of the items: [contestant][family], averaged over seeds.
using Table = std::vector<std::vector<double>>;

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (double v : x) sum += v;
  return sum / double(x.size());
}

class Bootstrap {
 public:
  Bootstrap(const std::vector<Result::Family>& families, const std::vector<RoundOutcome>& outcomes) : families_(families), outcomes_(outcomes) {
    for (const auto& outcome : outcomes) {
      auto& seed = curves_.emplace_back();
      for (const auto& bout : outcome.bouts) {
        auto& row = seed.emplace_back();
        for (const auto& family : families) row.emplace_back(group(bout, kClean), group(bout, family.name));
      }
    }
  }

  /// Without a generator: every item once.
  Table draw(Random* random) const {
    Table table(outcomes_[0].bouts.size(), std::vector<double>(families_.size(), 0));
    for (size_t s = 0; s < outcomes_.size(); ++s) {
      const auto counts = [&](const std::string& name) {
        const size_t n = group(outcomes_[s].bouts[0], name).size();
        return random ? resample_counts(n, *random) : std::vector<uint32_t>(n, 1);
      };
      const auto clean = counts(std::string(kClean));
      for (size_t f = 0; f < families_.size(); ++f) {
        const auto anomalous = counts(families_[f].name);
        for (size_t c = 0; c < table.size(); ++c) table[c][f] += curves_[s][c][f](clean, anomalous) / double(outcomes_.size());
      }
    }
    return table;
  }

  std::vector<double> of_seed(size_t seed, size_t contestant) const {
    std::vector<double> row;
    for (const auto& family : families_)
      row.push_back(auroc(group(outcomes_[seed].bouts[contestant], kClean), group(outcomes_[seed].bouts[contestant], family.name)));
    return row;
  }

 private:
  static const std::vector<double>& group(const Bout& bout, std::string_view name) { return bout.scores.at(std::string(name)); }

  const std::vector<Result::Family>& families_;
  const std::vector<RoundOutcome>& outcomes_;
  std::vector<std::vector<std::vector<WeightedAuroc>>> curves_;  // [seed][contestant][family]
};

/// Intervals of one row of numbers from its replicates; the last column is the mean over families.
Result::Score score_of(const std::vector<double>& row, const std::vector<std::vector<double>>& replicates, double level) {
  const auto estimate = [&](double value, const std::function<double(const std::vector<double>&)>& pick) {
    std::vector<double> values;
    for (const auto& replicate : replicates) values.push_back(pick(replicate));
    const Interval i = percentile_interval(value, std::move(values), level);
    return Estimate{i.value, i.low, i.high};
  };
  Result::Score score{estimate(mean(row), mean), {}};
  for (size_t f = 0; f < row.size(); ++f) score.families.push_back(estimate(row[f], [f](const auto& r) { return r[f]; }));
  return score;
}

std::vector<double> minus(std::vector<double> a, const std::vector<double>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

Result::Ledger ledger_of(const std::vector<RoundOutcome>& outcomes, size_t contestant, bool challenger) {
  Ledger sum;
  double dictionary = 0;
  for (const auto& outcome : outcomes) {
    sum += outcome.bouts[contestant].ledger;
    if (challenger) dictionary += outcome.dictionary_flops;
  }
  return {sum.tokens_forward, sum.tokens_backward, sum.queries, sum.labels, sum.trials,
          {sum.flops, sum.flops + 0.1 * dictionary, sum.flops + dictionary}, sum.seconds};
}

}  // namespace

double mean_auroc(const ItemScores& scores) {
  std::vector<double> values;
  for (const auto& [name, group] : scores)
    if (name != kClean) values.push_back(auroc(scores.at(std::string(kClean)), group));
  if (values.empty()) fail("[mean_auroc] got no family of anomalies");
  return mean(values);
}

Result detection_result(const FightInfo& info, const Card& card, const std::vector<ContestantInfo>& contestants,
                        const std::vector<Result::Family>& families, const std::vector<RoundOutcome>& outcomes) {
  Result result;
  result.fairfight = FAIRFIGHT_VERSION;
  result.fight = {std::string(info.name), std::string(info.title), std::string(info.question), std::string(info.prediction),
                  std::string(info.discipline), card.site.name(), {"auroc", "AUROC", 0.5, 1.0}, families,
                  int64_t(outcomes[0].bouts[0].scores.at(std::string(kClean)).size()),
                  int64_t(outcomes[0].bouts[0].scores.at(families[0].name).size())};
  result.seeds = card.seeds;
  result.interval = {card.level, "percentile bootstrap over items, paired across contestants, within seeds", card.resamples};
  const Json settings = to_json(card.dictionary);
  result.dictionary = {card.dictionary.kind, card.site.name(), card.dictionary.width, settings, card.dictionary.tokens, {}};
  for (const auto& outcome : outcomes) {
    result.models.push_back(outcome.model);
    result.dictionary.trained.push_back(outcome.dictionary);
  }

  const Bootstrap bootstrap(families, outcomes);
  const Table estimate = bootstrap.draw(nullptr);
  Random random(uint64_t(card.seeds[0]), "bootstrap");
  std::vector<Table> replicates;
  for (int64_t i = 0; i < card.resamples; ++i) replicates.push_back(bootstrap.draw(&random));

  for (size_t c = 0; c < contestants.size(); ++c) {
    std::vector<std::vector<double>> rows;
    for (const auto& replicate : replicates) rows.push_back(replicate[c]);
    const bool challenger = contestants[c].role == Role::challenger;
    Result::Contestant entry{contestants[c].name, contestants[c].title, contestants[c].about, challenger,
                             score_of(estimate[c], rows, card.level), {}, ledger_of(outcomes, c, challenger)};
    for (size_t s = 0; s < outcomes.size(); ++s) {
      const auto row = bootstrap.of_seed(s, c);
      entry.by_seed.push_back({card.seeds[s], outcomes[s].bouts[c].settings, mean(row), row});
    }
    result.contestants.push_back(std::move(entry));
  }
  for (size_t a = 0; a < contestants.size(); ++a)
    for (size_t b = 0; b < contestants.size(); ++b) {
      if (contestants[a].role != Role::challenger || contestants[b].role != Role::baseline) continue;
      std::vector<std::vector<double>> rows;
      for (const auto& replicate : replicates) rows.push_back(minus(replicate[a], replicate[b]));
      result.differences.push_back({contestants[a].name, contestants[b].name, score_of(minus(estimate[a], estimate[b]), rows, card.level)});
    }
  result.leader = plain_statement(result);
  return result;
}

}  // namespace fairfight
