#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "fairfight/report/result.h"

namespace fairfight {

/// A fight that was held: its result, checked against the registration that lies beside it.
struct HeldFight {
  std::filesystem::path path;  // of result.json, as it was given
  Result result;

  Json registration;

  const Result::Ruling& ruling() const { return result.verdict.ruling; }
  bool settled() const { return ruling().label != Result::Label::inconclusive; }
  bool as_good() const { return ruling().label == Result::Label::beats || ruling().label == Result::Label::competitive; }
  /// Why it settles no prediction, whatever it says: a margin or a level that is laxer than those of the ready cards, contestants that its card leaves out, or evidence for less than tier 3. Empty: it counts.
  std::string set_aside() const;
  bool of_a_sample() const { return result.verdict.scope == "on models like these"; }
  /// One-sided p-value of "the dictionary's side is behind by the margin or more", read off the judge's interval: its lower bound is so many standard
  /// errors away as a normal distribution has at that level, or of a sample of models the t distribution.
  double p_competitive() const;
};

/// result.json, or a folder that holds it; registration.json lies beside it. The same result twice counts once. Errors: one that cannot be read, that is not what its
/// registration says, or that is about an unknown prediction; two of one registration with different numbers.
std::vector<HeldFight> read_fights(const std::vector<std::filesystem::path>& paths);

/// One of the market's rules ("will SAEs be successfully used on a downstream task and beat baselines?"), as far as a result can answer it.
struct MarketRule {
  std::string_view rule;
  bool holds;
  std::string how;  // what it was read off
};
std::vector<MarketRule> market_rules(const Result& result);

}  // namespace fairfight
