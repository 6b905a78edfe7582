#include "fairfight/report/terminal_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kLongestTag = 14;

/// "false_fact" -> "faf", and another where that is taken: what stands above a column of "0.123".
std::vector<std::string> short_names(const std::vector<Result::Family>& families) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const auto& family : families) {
    const size_t second = family.name.find('_');
    const std::string joint =
        second == std::string::npos ? family.name : family.name.substr(0, 2) + family.name.substr(second + 1);
    std::string name = joint.substr(0, 3);
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}{}", joint.substr(0, 2), i);
    names.push_back(name);
  }
  return names;
}

}  // namespace

size_t ScorePlan::width_of_family(size_t i) const {
  return family_width ? family_width : std::max<size_t>(width_of(families[i]), 5) + 2;
}

size_t ScorePlan::used() const {
  size_t used = kMargin + kValue + (interval ? 2 + kScores : 0) + (costs ? 2 * kCost : 0) + tag;
  for (size_t i = 0; i < families.size(); ++i) used += width_of_family(i);
  return used;
}

ScorePlan score_plan(const Result& result, size_t columns) {
  std::vector<std::string> words;
  for (const auto& family : result.fight.families) words.push_back(spoken(family.name));
  const auto letters = short_names(result.fight.families);
  bool tight = true;  // AUROCs are, losses are not
  for (const auto& contestant : result.contestants)
    for (const auto& family : contestant.score.families) tight = tight && family.value >= 0 && family.value < 9.995;
  const size_t width = tight ? 5 : 7;
  size_t tag = 0;
  for (const auto& contestant : result.contestants)
    if (!contestant.tag.empty()) tag = std::max(tag, std::min(width_of(plain(contestant.tag)), kLongestTag) + 2);
  // One family is its own mean: no column says it twice.
  if (words.size() == 1) {
    ScorePlan plan{{}, 0, false, true, true, tag};
    if (plan.used() + kShortestTitle > columns) plan.costs = false;
    plan.title = columns - plan.used();
    return plan;
  }
  for (ScorePlan plan : {ScorePlan{words, 0, false, true, true, tag},
                         {words, 0, false, true, false, tag},
                         {letters, width, tight, true, false, tag},
                         {letters, width, tight, false, false, tag},
                         {{}, 0, false, true, false, tag}})
    if (plan.used() + kShortestTitle <= columns || plan.families.empty()) {
      plan.title = columns - plan.used();
      return plan;
    }
  return {};
}

LaidOut laid_out(const TextTable& table, size_t columns) {
  constexpr size_t kWidest = 34, kMostHeads = 3;
  size_t title = kWidest, cell = 15;
  if (kMargin + title + cell * table.heads.size() > columns) {  // closer together
    title = width_of(plain(table.corner));
    for (const auto& row : table.rows) title = std::min(kWidest, std::max(title, width_of(plain(row.title))));
    cell = 10;
  }
  const size_t gap = cell == 10 ? 1 : 2, shown = std::min(table.heads.size(), (columns - kMargin - title) / cell);
  std::vector<std::vector<std::string>> heads;
  size_t height = 1;
  for (size_t i = 0; i < shown; ++i) {
    heads.push_back(wrapped(plain(table.heads[i]), cell - gap));
    height = std::max(height, std::min(heads[i].size(), kMostHeads));
  }
  LaidOut result{{}, height, shown == table.heads.size()};
  for (size_t at = 0; at < height; ++at) {
    std::string head = "    " + align_left(at + 1 == height ? plain(table.corner) : "", title);
    for (const auto& lines : heads) {  // at the bottom
      const size_t first = height - std::min(height, lines.size());
      head += std::string(gap, ' ') + align_right(at < first ? "" : lines[at - first], cell - gap);
    }
    result.lines.push_back(head);
  }
  for (const auto& row : table.rows) {
    std::string line = "    " + align_left(plain(row.title), title);
    for (size_t i = 0; i < shown; ++i) line += align_right(row.cells[i], cell);
    result.lines.push_back(line);
  }
  return result;
}

std::string tight_text(double value) {
  const std::string text = fixed(value, 3);
  return text.starts_with("0.") ? text.substr(1) : fixed(value, 2);
}

std::string interval_bar(const Estimate& estimate, double low, double high, size_t width) {
  const auto column = [&](double value) { return size_t(std::lround((value - low) / (high - low) * double(width - 1))); };
  std::string cells;
  for (size_t i = 0; i < width; ++i) {
    const bool inside = column(estimate.low) <= i && i <= column(estimate.high), zero = i == column(0);
    cells += i == column(estimate.value) ? "●" : inside ? (zero ? "┼" : "─")
                                             : zero     ? "┊"
                                                        : " ";
  }
  return cells;
}

}  // namespace fairfight
