#include "fairfight/arena/detection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

constexpr std::array<double, 3> kNominal{0.01, 0.05, 0.10};  // false-positive rates of the conformal threshold

std::vector<Result::Secondary> secondary_metrics() {
  std::vector<Result::Secondary> list{{"tpr_at_1_fpr", "TPR at 1 % FPR", 1}, {"fpr_at_95_tpr", "FPR at 95 % TPR", 0}};
  for (const double alpha : kNominal)
    list.push_back({fmt::format("realised_fpr_{:g}", 100 * alpha), fmt::format("realised FPR, nominal {:g} %", 100 * alpha), alpha});
  return list;
}

/// Means over runs and families. A run that its budget did not pay for flags nothing.
std::vector<double> secondary_of(const std::vector<Result::Family>& families, const std::vector<const Run*>& runs) {
  double tpr = 0, fpr = 0;
  std::array<double, kNominal.size()> realised{};
  for (const auto* run : runs) {
    const double share = 1. / double(runs.size());
    if (!run->chosen[kPrimary]) {
      fpr += share;
      continue;
    }
    const auto& scores = run->scores.at(*run->chosen[kPrimary]);
    const auto& clean = scores.at(std::string(kClean));
    for (const auto& family : families) {
      tpr += share * tpr_at_fpr(clean, scores.at(family.name), 0.01) / double(families.size());
      fpr += share * fpr_at_tpr(clean, scores.at(family.name), 0.95) / double(families.size());
    }
    for (size_t i = 0; i < kNominal.size(); ++i) realised[i] += share * conformal_flag_rate(scores.at(std::string(kCalibration)), clean, kNominal[i]);
  }
  std::vector<double> values{tpr, fpr};
  values.insert(values.end(), realised.begin(), realised.end());
  return values;
}

}  // namespace

double mean_auroc(const ItemScores& scores) {
  std::vector<double> values;
  for (const auto& [name, group] : scores)
    if (name != kClean && name != kCalibration) values.push_back(auroc(scores.at(std::string(kClean)), group));
  if (values.empty()) fail("[mean_auroc] got no family of anomalies");
  return mean(values);
}

ItemScores or_no_skill(ItemScores scores) {
  const auto wrong = [](const auto& group) { return std::any_of(group.second.begin(), group.second.end(), [](double s) { return std::isnan(s); }); };
  if (std::any_of(scores.begin(), scores.end(), wrong))
    for (auto& [name, values] : scores) std::fill(values.begin(), values.end(), 0.0);
  return scores;
}

Result judge_detection(Contest contest, const Tick& tick) {
  contest.metric = {"auroc", "AUROC", 0.5, 1};
  contest.range = {0, 1};
  contest.secondary = secondary_metrics();
  contest.told = [&families = contest.families](const std::vector<const Run*>& runs) { return secondary_of(families, runs); };
  return judge_contest(contest, tick);
}

}  // namespace fairfight
