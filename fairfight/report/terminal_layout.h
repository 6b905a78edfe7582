#pragma once
#include <string>
#include <vector>

#include "fairfight/report/result.h"

// How a result is laid out in a terminal's columns.
namespace fairfight {

constexpr size_t kMargin = 4, kShortestTitle = 20, kValue = 7, kCost = 9;
constexpr size_t kScores = 13;  // "0.816–0.848", with room for a sign

/// What stands beside a contestant's score: as much as the columns hold.
struct ScorePlan {
  std::vector<std::string> families;  // heads; empty: none
  size_t family_width = 0;            // 0: each as its head
  bool tight = false;                 // ".842" for "0.842"
  bool interval = true, costs = false;
  size_t tag = 0;  // 0: nobody has one
  size_t title = 0;

  size_t width_of_family(size_t i) const;
  size_t used() const;
};
ScorePlan score_plan(const Result& result, size_t columns);

/// Contestants with a few values each; texts are untrusted.
struct TextTable {
  struct Row {
    std::string title;
    std::vector<std::string> cells;
    bool aside = false;  // no contestant's
  };
  std::string corner;
  std::vector<std::string> heads;
  std::vector<Row> rows;
};

/// Its lines, at most `columns` wide, with as many of its columns as fit; the first `heads` of them are its heads.
struct LaidOut {
  std::vector<std::string> lines;
  size_t heads = 0;
  bool whole = true;  // every column is there
};
LaidOut laid_out(const TextTable& table, size_t columns);

/// In four characters: ".842", "1.00".
std::string tight_text(double value);

/// An interval drawn on an axis of `width` characters from `low` to `high`, with a mark at zero.
std::string interval_bar(const Estimate& estimate, double low, double high, size_t width);

}  // namespace fairfight
