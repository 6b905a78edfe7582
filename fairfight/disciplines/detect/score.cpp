#include "fairfight/disciplines/detect/score.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

constexpr std::array<double, 3> kNominal{0.01, 0.05, 0.10};  // false-positive rates of the conformal threshold

std::vector<Section::Table::Column> columns() {
  using Form = Section::Form;
  std::vector<Section::Table::Column> list{{"tpr_at_1_fpr", "TPR at 1 % FPR", "", Form::number, {}, {}, 1}, {"fpr_at_95_tpr", "FPR at 95 % TPR", "", Form::number, {}, {}, 0}};
  for (const double alpha : kNominal)
    list.push_back({fmt::format("realised_fpr_{:g}", 100 * alpha), fmt::format("realised FPR, nominal {:g} %", 100 * alpha), "", Form::number, {}, {}, alpha});
  return list;
}

/// Means over runs and families. A run that its budget did not pay for flags nothing.
std::vector<std::optional<Estimate>> cells_of(const std::vector<Result::Family>& families, const std::vector<const Run*>& runs) {
  double tpr = 0, fpr = 0;
  std::array<double, kNominal.size()> realised{};
  for (const auto* run : runs) {
    const double share = 1. / double(runs.size());
    if (!run->chosen[kPrimary]) {
      fpr += share;
      continue;
    }
    const auto& scores = run->scores.at(*run->chosen[kPrimary]);
    const auto& everything_clean = scores.at(std::string(kClean));
    for (const auto& family : families) {
      const auto& clean = scores.at(clean_for(scores, family.name));
      tpr += share * tpr_at_fpr(clean, scores.at(family.name), 0.01) / double(families.size());
      fpr += share * fpr_at_tpr(clean, scores.at(family.name), 0.95) / double(families.size());
    }
    for (size_t i = 0; i < kNominal.size(); ++i) realised[i] += share * conformal_flag_rate(scores.at(std::string(kCalibration)), everything_clean, kNominal[i]);
  }
  std::vector<std::optional<Estimate>> cells;
  const auto add = [&](double value) { cells.push_back(Estimate{value, value, value}); };
  add(tpr);
  add(fpr);
  for (const double flagged : realised) add(flagged);
  return cells;
}

}  // namespace

double mean_auroc(const ItemScores& scores) {
  std::vector<double> values;
  for (const auto& [name, group] : scores)
    if (!is_clean(name) && name != kCalibration) values.push_back(auroc(scores.at(clean_for(scores, name)), group));
  if (values.empty()) fail("[mean_auroc] got no family of anomalies");
  return mean(values);
}

ItemScores or_no_skill(ItemScores scores) {
  const auto wrong = [](const auto& group) { return std::any_of(group.second.begin(), group.second.end(), [](double s) { return std::isnan(s); }); };
  if (std::any_of(scores.begin(), scores.end(), wrong))
    for (auto& [name, values] : scores) std::fill(values.begin(), values.end(), 0.0);
  constexpr double kMost = std::numeric_limits<double>::max();  // an infinite score ranks first or last, and can be written
  for (auto& [name, values] : scores)
    for (double& score : values) score = std::clamp(score, -kMost, kMost);
  return scores;
}

Section detection_section(const Contest& contest) {
  Section::Table table{columns(), {}};
  for (size_t c = 0; c < contest.contestants.size(); ++c) table.rows.push_back({contest.contestants[c].name, cells_of(contest.families, runs_of(contest, c))});
  return {"secondary", "Also measured", "Reported, not judged", "Means over runs and families.", std::move(table)};
}

}  // namespace fairfight
