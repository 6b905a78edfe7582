#include "fairfight/arena/outcome.h"

#include <algorithm>

#include "fairfight/base/error.h"

namespace fairfight {

size_t affordable(const std::vector<Trial>& trials, double budget, double charge) {
  if (budget == 0) return trials.size();
  const auto first_too_many = std::find_if(trials.begin(), trials.end(), [&](const Trial& t) { return t.flops + charge > budget; });
  return size_t(first_too_many - trials.begin());  // spending only grows
}

std::optional<size_t> best_trial(const std::vector<Trial>& trials, double budget, double charge) {
  const auto end = trials.begin() + int64_t(affordable(trials, budget, charge));
  const auto best = std::max_element(trials.begin(), end, [](const Trial& a, const Trial& b) { return a.validation < b.validation; });
  if (best == end) return std::nullopt;
  return size_t(best - trials.begin());
}

const Entry& RoundOutcome::entry(size_t contestant, const std::string& basis) const {
  for (const auto& e : entries)
    if (e.contestant == contestant && e.basis == basis) return e;
  fail("[outcome] there is no run of contestant {} with the basis \"{}\"", contestant, basis);
}

}  // namespace fairfight
