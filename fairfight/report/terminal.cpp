#include "fairfight/report/terminal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kMargin = 4, kShortestTitle = 20, kValue = 7, kCost = 9;
constexpr size_t kScores = 13;       // "0.816–0.848", with room for a sign
constexpr size_t kDifferences = 16;  // "−0.093 to −0.050"
constexpr size_t kLabel = 14;

class Printer {
 public:
  Printer(const Result& result, bool colour, size_t columns) : result_(result), colour_(colour), columns_(columns) {}

  std::string print() {
    heading();
    scores();
    for (const auto* contestant : result_.ranked())
      if (contestant->challenger) differences(*contestant);
    footing();
    return std::move(text_);
  }

 private:
  std::string paint(std::string_view code, std::string_view text) const {
    return colour_ ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string cyan(std::string_view text) const { return paint("36", text); }

  void line(std::string_view text = "") {
    text_ += text;
    text_.erase(text_.find_last_not_of(' ') + 1);
    text_ += '\n';
  }
  void paragraph(std::string_view text, std::string (Printer::*style)(std::string_view) const) {
    for (const auto& part : wrapped(plain(text), columns_ - kMargin)) line("  " + (this->*style)(part));
  }
  std::string unstyled(std::string_view text) const { return std::string(text); }

  void heading();
  void scores();
  void score_row(const Result::Contestant& contestant, size_t title_width, bool costs);
  void differences(const Result::Contestant& challenger);
  void footing();
  void fact(std::string_view label, std::string_view text);

  const Result& result_;
  const bool colour_;
  const size_t columns_;
  std::string text_;
};

size_t family_width(const Result::Family& family) { return std::max<size_t>(family.name.size(), 5) + 2; }

/// An interval drawn on an axis of `width` characters from `low` to `high`, with a mark at zero.
std::string bar(const Estimate& estimate, double low, double high, size_t width) {
  const auto column = [&](double value) { return size_t(std::lround((value - low) / (high - low) * double(width - 1))); };
  std::string cells;
  for (size_t i = 0; i < width; ++i) {
    const bool inside = column(estimate.low) <= i && i <= column(estimate.high), zero = i == column(0);
    cells += i == column(estimate.value) ? "●" : inside ? (zero ? "┼" : "─") : zero ? "┊" : " ";
  }
  return cells;
}

void Printer::heading() {
  const auto& fight = result_.fight;
  line();
  paragraph(fight.title, &Printer::bold);
  paragraph(fmt::format("{} · {} · {} · seeds {}", fight.prediction, fight.discipline, fight.site,
                        fmt::join(result_.seeds, ", ")),
            &Printer::dim);
  line();
  paragraph(fight.question, &Printer::unstyled);
  line();
  paragraph(result_.leader.sentence, &Printer::bold);
  line();
}

void Printer::scores() {
  size_t used = kMargin + kValue + 2 + kScores;
  for (const auto& family : result_.fight.families) used += family_width(family);
  const bool costs = used + 2 * kCost + kShortestTitle <= columns_;  // a narrow terminal goes without
  if (costs) used += 2 * kCost;
  const size_t title_width = used + kShortestTitle <= columns_ ? columns_ - used : kShortestTitle;

  std::string head = "    " + align_left("contestant", title_width) +
                     align_right(plain(result_.fight.metric.title), kValue) + "  " +
                     align_left(percent(result_.interval.level, 0), kScores);
  for (const auto& family : result_.fight.families) head += align_right(spoken(family.name), family_width(family));
  if (costs) head += align_right("tokens", kCost) + align_right("FLOPs", kCost);
  std::string rule;
  for (size_t i = 2; i < width_of(head); ++i) rule += "─";

  line(dim(head));
  line("  " + dim(rule));
  for (const auto* contestant : result_.ranked()) score_row(*contestant, title_width, costs);
  line("  " + dim(rule));
  paragraph("▸ challenger: uses the dictionary", &Printer::dim);
  if (costs) paragraph("tokens: forward, all seeds; FLOPs: with 10 % of the dictionary's training charged", &Printer::dim);
  line();
}

void Printer::score_row(const Result::Contestant& contestant, size_t title_width, bool costs) {
  const auto& [mean, families] = contestant.score;
  const std::string title = align_left(plain(contestant.title), title_width);
  std::string row = contestant.challenger ? "  " + cyan("▸ " + title) : "    " + title;
  row += bold(align_right(fixed(mean.value, 3), kValue)) + "  ";
  row += align_left(fixed(mean.low, 3) + "–" + fixed(mean.high, 3), kScores);
  for (size_t i = 0; i < families.size(); ++i)
    row += align_right(fixed(families[i].value, 3), family_width(result_.fight.families[i]));
  if (costs)
    row += align_right(si(double(contestant.ledger.tokens_forward)), kCost) +
           align_right(si(contestant.ledger.charged_flops.at_10), kCost);
  line(row);
}

void Printer::differences(const Result::Contestant& challenger) {
  double low = 0, high = 0;
  std::vector<const Result::Difference*> rows;
  for (const auto* baseline : result_.ranked())
    if (!baseline->challenger) rows.push_back(&result_.difference(challenger.name, baseline->name));
  if (rows.empty()) return;
  for (const auto* row : rows) {
    low = std::min({low, row->score.mean.low, row->score.mean.value});
    high = std::max({high, row->score.mean.high, row->score.mean.value});
  }
  if (low == high) high = 1;  // all are zero

  const size_t title_width = std::min<size_t>(columns_ - 60, 36);
  const size_t before_bar = kMargin + title_width + kValue + 2 + kDifferences + 2;
  const size_t bar_width = columns_ - before_bar;
  paragraph(challenger.title + " minus …", &Printer::cyan);
  for (const auto* row : rows) {
    const Estimate& mean = row->score.mean;
    line("    " + align_left(plain(result_.contestant(row->baseline).title), title_width) +
         bold(align_right(signed_fixed(mean.value, 3), kValue)) + "  " +
         align_left(signed_fixed(mean.low, 3) + " to " + signed_fixed(mean.high, 3), kDifferences) + "  " +
         bar(mean, low, high, bar_width));
  }
  paragraph(result_.fight.metric.higher_is_better() ? "right of ┊ the challenger is better, left of it the baseline"
                                                    : "left of ┊ the challenger is better, right of it the baseline",
            &Printer::dim);
  line();
}

void Printer::fact(std::string_view label, std::string_view text) {
  const auto parts = wrapped(plain(text), columns_ - kLabel - kMargin);
  for (size_t i = 0; i < parts.size(); ++i) line("  " + dim(align_left(i == 0 ? label : "", kLabel)) + parts[i]);
}

void Printer::footing() {
  const auto& dictionary = result_.dictionary;
  double fvu = 0, l0 = 0, recovered = 0;
  const auto seeds = double(dictionary.trained.size());
  for (const auto& quality : dictionary.trained) {
    fvu += quality.fvu / seeds;
    l0 += quality.l0 / seeds;
    recovered += quality.ce_recovered / seeds;
  }
  fact("dictionary", fmt::format("{}, width {}, {} tokens; FVU {}, L0 {}, CE recovered {}", dictionary.kind,
                                 thousands(dictionary.width), si(double(dictionary.tokens)), fixed(fvu, 4), fixed(l0, 1),
                                 fixed(recovered, 4)));
  fact("intervals", fmt::format("{} ({} resamples)", result_.interval.method, thousands(result_.interval.resamples)));
  fact("registration", fmt::format("{} (fairfight {}, {})", result_.registration.sha256.substr(0, 12), result_.fairfight,
                                   duration(result_.timing.seconds)));
}

}  // namespace

std::string terminal_report(const Result& result, bool colour, int columns) {
  return Printer(result, colour, size_t(std::max(columns, 80))).print();
}

}  // namespace fairfight
