#include "fairfight/arena/outcome.h"

#include "fairfight/base/error.h"

namespace fairfight {

std::optional<size_t> best_trial(const std::vector<Trial>& trials, double budget, double charge) {
  std::optional<size_t> best;
  for (size_t i = 0; i < trials.size(); ++i) {
    if (budget > 0 && trials[i].flops + charge > budget) break;  // spending only grows
    if (!best || trials[i].validation > trials[*best].validation) best = i;
  }
  return best;
}

const Entry& RoundOutcome::entry(size_t contestant, const std::string& basis) const {
  for (const auto& e : entries)
    if (e.contestant == contestant && e.basis == basis) return e;
  fail("[outcome] there is no run of contestant {} with the basis \"{}\"", contestant, basis);
}

}  // namespace fairfight
