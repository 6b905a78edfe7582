#include "fairfight/arena/repair.h"

#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"

namespace fairfight {
namespace {

/// Means over the runs that made the finding.
double finding(const std::vector<const Run*>& runs, const std::string& name, double otherwise) {
  std::vector<double> values;
  for (const auto* run : runs)
    if (const auto found = run->findings.find(name); found != run->findings.end()) values.push_back(found->second);
  return values.empty() ? otherwise : mean(values);
}

}  // namespace

Result judge_repair(Contest contest, const Tick& tick) {
  using namespace repair;
  contest.metric = {"removed", "removed", 0, 1};
  contest.secondary = {{kRate, "rate of the behaviour", 0},
                       {kGenerated, "answers with it, sampled", 0},
                       {kDeltaCe, "ΔCE, retained text", 0},
                       {kProvokedCe, "ΔCE, provoking text", 0},
                       {kAbility, "worst other ability", 1}};
  contest.told = [](const std::vector<const Run*>& runs) {
    return std::vector<double>{finding(runs, kRate, 1), finding(runs, kGenerated, 1), finding(runs, kDeltaCe, 0), finding(runs, kProvokedCe, 0),
                               finding(runs, kAbility, 1)};
  };
  return judge_contest(contest, tick);
}

}  // namespace fairfight
