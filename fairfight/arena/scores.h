#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

constexpr std::string_view kClean = "clean";

/// What an artifact scored on the items, group by group ("clean", then the families); items are in the same order for every
/// contestant. A family may have clean items of its own, "clean/FAMILY": then it is held against these, its like but for what is anomalous.
using ItemScores = std::map<std::string, std::vector<double>>;

inline std::string twins_of(std::string_view family) { return std::string(kClean) + "/" + std::string(family); }
inline bool is_clean(std::string_view group) { return group == kClean || group.starts_with("clean/"); }
/// The group of clean items that a family is held against.
inline std::string clean_for(const ItemScores& scores, const std::string& family) {
  std::string twins = twins_of(family);
  return scores.contains(twins) ? twins : std::string(kClean);
}

/// [organism][dictionary seed]; a contestant that uses no dictionary has one entry an organism.
using ScoreGrid = std::vector<std::vector<ItemScores>>;

}  // namespace fairfight
