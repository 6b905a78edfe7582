#include "fairfight/arena/portfolio.h"

#include <algorithm>
#include <map>
#include <optional>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

/// The runs of a contestant in one organism: one for each dictionary seed, or one for all.
const std::vector<Run>& runs_in(const RoundOutcome& outcome, const ContestantInfo& info, size_t contestant, const std::string& basis) {
  return outcome.entry(contestant, uses_dictionary(info.role) ? basis : "").runs;
}

const Run& run_of(const std::vector<Run>& runs, size_t seed) { return runs[runs.size() == 1 ? 0 : seed]; }

struct Candidate {
  Pick pick;
  double validation = 0, flops = 0;
};

Candidate candidate(size_t contestant, const Run& run, double no_skill, size_t share, double dictionary_flops, const std::string& threat) {
  const auto chosen = run.chosen[share];
  if (!chosen) return {};
  const Pick pick{contestant, &run, share, threat};
  if (pick.validation() < no_skill) return {};
  return {pick, pick.validation(), double(run.trials[*chosen].flops) + kShares[share] * dictionary_flops};
}

}  // namespace

std::vector<Lineup> ranked(const std::vector<ContestantInfo>& contestants, const std::vector<RoundOutcome>& outcomes, const std::set<Role>& side, const std::string& basis,
                           double no_skill, size_t share, const std::string& threat) {
  std::vector<size_t> members;
  for (size_t c = 0; c < contestants.size(); ++c)
    if (side.contains(contestants[c].role)) members.push_back(c);
  std::vector<Lineup> lineups(members.size(), Lineup(outcomes.size()));
  for (size_t o = 0; o < outcomes.size(); ++o) {
    size_t seeds = 1;
    for (const size_t c : members) seeds = std::max(seeds, runs_in(outcomes[o], contestants[c], c, basis).size());
    for (size_t s = 0; s < seeds; ++s) {
      std::vector<Candidate> all;
      for (const size_t c : members)
        all.push_back(candidate(c, run_of(runs_in(outcomes[o], contestants[c], c, basis), s), no_skill, share, uses_dictionary(contestants[c].role) ? outcomes[o].dictionary_flops : 0, threat));
      std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
        if (!a.pick.run || !b.pick.run) return a.pick.run != nullptr && b.pick.run == nullptr;
        return a.validation != b.validation ? a.validation > b.validation : a.flops < b.flops;
      });
      for (size_t r = 0; r < all.size(); ++r) lineups[r][o].push_back(all[r].pick);
    }
  }
  return lineups;
}

Lineup alone(const std::vector<RoundOutcome>& outcomes, size_t contestant, const std::string& basis, size_t share) {
  Lineup lineup;
  for (const auto& outcome : outcomes) {
    auto& organism = lineup.emplace_back();
    for (const Run& run : outcome.entry(contestant, basis).runs) organism.push_back(run.chosen[share] ? Pick{contestant, &run, share} : Pick{});
  }
  return lineup;
}

Lineup champions(const std::vector<ContestantInfo>& contestants, const std::vector<RoundOutcome>& outcomes, Role role, const std::string& basis, double no_skill, size_t share) {
  const std::string own = role == Role::challenger ? basis : "";
  const auto validation = [&](size_t c, size_t o) {
    std::vector<double> scores;
    for (const Run& run : outcomes[o].entry(c, own).runs) scores.push_back(run.chosen[share] ? run.trials[*run.chosen[share]].validation.score : no_skill);
    return mean(scores);
  };
  Lineup lineup;
  for (size_t o = 0; o < outcomes.size(); ++o) {
    std::optional<size_t> best;
    double most = 0;
    for (size_t c = 0; c < contestants.size(); ++c) {
      if (contestants[c].role != role) continue;
      std::vector<double> elsewhere;
      for (size_t other = 0; other < outcomes.size(); ++other)
        if (other != o || outcomes.size() == 1) elsewhere.push_back(validation(c, other));
      if (best && mean(elsewhere) <= most) continue;
      best = c;
      most = mean(elsewhere);
    }
    if (!best) fail("[portfolio] nobody is a {}", name_of(role));
    lineup.push_back(std::move(alone(outcomes, *best, own, share)[o]));
  }
  return lineup;
}

std::vector<double> best_of_some(size_t all, size_t some) {
  if (some == 0 || some > all) fail("[portfolio] got {} of {}", some, all);
  std::vector<double> shares{double(some) / double(all)};  // and each next one from the one before
  for (size_t r = 1; r + some <= all; ++r) shares.push_back(shares.back() * double(all - some - r + 1) / double(all - r));
  return shares;
}

size_t commonest(const Lineup& lineup) {
  std::map<size_t, size_t> counts;
  for (const auto& organism : lineup)
    for (const Pick& pick : organism)
      if (pick.run) ++counts[pick.contestant];
  size_t best = Pick::kNobody;
  for (const auto& [contestant, count] : counts)
    if (best == Pick::kNobody || count > counts[best]) best = contestant;
  return best;
}

}  // namespace fairfight
