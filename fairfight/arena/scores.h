#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

constexpr std::string_view kClean = "clean";

/// What an artifact scored on the items, group by group ("clean", then the families); items are in the same order for every
/// contestant.
using ItemScores = std::map<std::string, std::vector<double>>;

/// [organism][dictionary seed]; a contestant that uses no dictionary has one entry an organism.
using ScoreGrid = std::vector<std::vector<ItemScores>>;

}  // namespace fairfight
