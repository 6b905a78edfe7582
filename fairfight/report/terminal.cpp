#include "fairfight/report/terminal.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/statement.h"
#include "fairfight/report/terminal_layout.h"
#include "fairfight/report/terminal_sections.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Label = Result::Label;
using Role = Result::Role;

constexpr size_t kDifferences = 16;  // "−0.093 to −0.050"
constexpr size_t kRuling = 14;       // "INCONCLUSIVE"
constexpr size_t kLabel = 14;

std::string difference_text(const Estimate& difference) {
  return align_right(signed_fixed(difference.value, 3), kValue) + "  " +
         align_left(signed_fixed(difference.low, 3) + " to " + signed_fixed(difference.high, 3), kDifferences);
}

class Printer {
 public:
  Printer(const Result& result, bool colour, size_t columns) : result_(result), colour_(colour), columns_(columns) {}

  std::string print() {
    heading();
    scores();
    differences();
    other_rulings();
    necessity();
    sections();
    amortisation();
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
  std::string unstyled(std::string_view text) const { return std::string(text); }
  std::string by_label(Label label, std::string_view text) const {
    return paint(label == Label::beats         ? "1;32"
                 : label == Label::competitive ? "1;36"
                 : label == Label::loses       ? "1;31"
                                               : "1;33",
                 text);
  }

  void line(std::string_view text = "") {
    text_ += text;
    text_.erase(text_.find_last_not_of(' ') + 1);
    text_ += '\n';
  }
  void paragraph(std::string_view text, std::string (Printer::*style)(std::string_view) const) {
    styled(text, [&](std::string_view part) { return (this->*style)(part); });
  }
  void ruling(Label label, std::string_view text) {
    styled(text, [&](std::string_view part) { return by_label(label, part); });
  }
  template <class Style>
  void styled(std::string_view text, const Style& style) {
    for (const auto& part : wrapped(plain(text), columns_ - kMargin)) line("  " + style(cut_to(part, columns_ - kMargin)));
  }
  static std::string cut_to(const std::string& text, size_t width) {
    return width_of(text) <= width ? text : align_left(text, width);
  }
  std::string title_of(std::string_view contestant, size_t width) const {
    return align_left(plain(result_.contestant(contestant).title), width);
  }

  void heading();
  void scores();
  void score_row(const Result::Contestant& contestant, const ScorePlan& plan);
  void differences();
  void other_rulings();
  void necessity();
  void sections();
  void section(const SectionText& text);
  void amortisation();
  void footing();
  void fact(std::string_view label, std::string_view text);
  std::string calibration_text() const;

  const Result& result_;
  const bool colour_;
  const size_t columns_;
  std::string text_;
};

void Printer::heading() {
  const auto& fight = result_.fight;
  line();
  ruling(result_.verdict.ruling.label, result_.verdict.sentence);
  for (const auto& threatened : result_.verdict.rulings) ruling(threatened.ruling.label, threatened_sentence(result_, threatened));
  paragraph(besides_sentence(result_), &Printer::dim);
  paragraph(result_.tier.sentence, &Printer::dim);
  line();
  paragraph(fight.title, &Printer::bold);
  paragraph(fmt::format("{} · {} · {} · {}, {}", fight.prediction, fight.discipline, sites_text(result_),
                        counted(std::ssize(result_.seeds), "seed"),
                        counted(std::ssize(result_.dictionary_seeds), "dictionary seed")),
            &Printer::dim);
  paragraph(fight.question, &Printer::unstyled);
  line();
}

void Printer::scores() {
  const ScorePlan plan = score_plan(result_, columns_);
  std::string head = "    " + align_left("contestant", plan.title) + std::string(plan.tag, ' ') +
                     align_right(plain(result_.fight.metric.title), kValue);
  if (plan.interval) head += "  " + align_left(percent(result_.interval.level, 0), kScores);
  for (size_t i = 0; i < plan.families.size(); ++i) head += align_right(plan.families[i], plan.width_of_family(i));
  if (plan.costs) head += align_right("tokens", kCost) + align_right("FLOPs", kCost);
  std::string rule;
  for (size_t i = 2; i < width_of(head); ++i) rule += "─";

  line(dim(head));
  line("  " + dim(rule));
  for (const auto* contestant : result_.ranked()) score_row(*contestant, plan);
  line("  " + dim(rule));
  const auto somebody = [&](Role role) { return std::any_of(result_.contestants.begin(), result_.contestants.end(), [&](const auto& contestant) { return contestant.role == role; }); };
  paragraph(std::string("▸ challenger: uses the dictionary") + (somebody(Role::fusion) ? "   + fusion of it with what needs none: counts for the marginal value alone" : "") +
                (somebody(Role::reference) ? "   · reference: outside the contest" : ""),
            &Printer::dim);
  if (plan.costs)
    paragraph("tokens: forward, all runs; FLOPs: with 10 % of the dictionary's training charged", &Printer::dim);
  if (const std::string beyond = beyond_scale_sentence(result_); !beyond.empty()) paragraph(beyond, &Printer::dim);
  if (plan.family_width) {
    std::string legend;
    for (size_t i = 0; i < plan.families.size(); ++i) {
      const std::string words = spoken(result_.fight.families[i].name);
      legend += fmt::format("{}{} {}", i ? ", " : "", plan.families[i], words);
    }
    paragraph(legend, &Printer::dim);
  }
  if (plan.families.empty() && result_.fight.families.size() > 1) paragraph("the families do not fit here: the page has them", &Printer::dim);
  line();
}

void Printer::score_row(const Result::Contestant& contestant, const ScorePlan& plan) {
  const auto& [mean, families] = contestant.score;
  const std::string title = align_left(plain(contestant.title), plan.title);
  std::string row = contestant.challenger()              ? "  " + cyan("▸ " + title)
                    : contestant.role == Role::fusion    ? "  + " + title
                    : contestant.role == Role::reference ? "  " + dim("· " + title)
                                                         : "    " + title;
  if (plan.tag) row += dim(align_left(plain(contestant.tag), plan.tag - 2)) + "  ";
  const auto shown = [&](const std::string& number) { return contestant.handed_in() ? number : std::string("–"); };
  row += bold(align_right(shown(fixed(mean.value, 3)), kValue));
  if (plan.interval) row += "  " + align_left(shown(fixed(mean.low, 3) + "–" + fixed(mean.high, 3)), kScores);
  for (size_t i = 0; i < plan.families.size(); ++i)
    row += align_right(shown(plan.tight ? tight_text(families[i].value) : fixed(families[i].value, 3)), plan.width_of_family(i));
  if (plan.costs)
    row += align_right(si(double(contestant.ledger.tokens_forward)), kCost) +
           align_right(si(contestant.ledger.charged_flops.at_10), kCost);
  line(row);
}

/// The verdict's challenger against every baseline.
void Printer::differences() {
  const auto& challenger = result_.challenger();
  double low = 0, high = 0;
  std::vector<const Result::Difference*> rows;
  for (const auto* baseline : result_.ranked())
    if (baseline->role == Role::baseline) rows.push_back(&result_.difference(challenger.name, baseline->name));
  for (const auto* row : rows) {
    low = std::min({low, row->score.mean.low, row->score.mean.value});
    high = std::max({high, row->score.mean.high, row->score.mean.value});
  }
  if (low == high) high = 1;  // all are zero

  const size_t title_width = std::min<size_t>(columns_ - 60, 36);
  const size_t bar_width = columns_ - (kMargin + title_width + kValue + 2 + kDifferences + 2);
  paragraph(challenger.title + " minus …", &Printer::cyan);
  for (const auto* row : rows)
    line("    " + title_of(row->baseline, title_width) +
         (challenger.handed_in() && result_.contestant(row->baseline).handed_in() ? difference_text(row->score.mean) + "  " + interval_bar(row->score.mean, low, high, bar_width)
                                                                                  : "handed nothing in"));
  paragraph("right of ┊ the challenger is better, left of it the baseline", &Printer::dim);
  line();
}

void Printer::other_rulings() {
  if (result_.verdict.all.size() == 1) return;
  const size_t titles = columns_ - kMargin - kRuling - kValue - kDifferences - 6,
               title = std::min<size_t>(titles * 5 / 8, 36);
  line(dim("    " + align_left("every challenger alone", title) + "  " + align_left("ruling", kRuling) +
           align_left("  minus the best without", kValue + 2 + kDifferences)));
  for (const auto& ruling : result_.verdict.all)
    line("    " + title_of(ruling.challenger, title) + "  " +
         (result_.contestant(ruling.challenger).handed_in()
              ? by_label(ruling.label, align_left(name_of(ruling.label), kRuling)) + difference_text(ruling.interval)
              : "handed nothing in"));
  line();
}

/// The verdict's challenger on other bases.
void Printer::necessity() {
  const auto& [challenger, passed, controls, sentence] = result_.necessity;
  paragraph(sentence, &Printer::bold);
  const size_t title = std::min<size_t>(columns_ - 69, 28);
  if (!result_.contestant(challenger).handed_in()) return line();
  if (!controls.empty())
    line(dim("    " + align_left("basis in its place", title) + align_right(plain(result_.fight.metric.title), kValue) +
             align_right("FVU", kValue) + "    dictionary minus basis"));
  for (const auto& control : controls) {
    if (control.challenger != challenger) continue;
    line("    " + align_left(plain(control.title), title) + align_right(fixed(control.score.value, 3), kValue) +
         align_right(fixed(control.fvu, 3), kValue) + "  " + difference_text(control.difference) + "  " +
         (control.beaten ? "beaten" : bold("not beaten")) + (control.required ? "" : dim(", not required")));
  }
  line();
}

/// What its discipline tells besides; a title stands once above the sections that share it.
void Printer::sections() {
  std::string title;
  for (const auto& section : result_.sections) {
    const auto text = section_text(result_, section);
    if (!text) continue;
    if (section.title != title) paragraph(section.title, &Printer::bold);
    title = section.title;
    this->section(*text);
  }
}

void Printer::section(const SectionText& text) {
  if (text.table) {
    const auto [lines, heads, whole] = laid_out(*text.table, columns_);
    for (size_t i = 0; i < lines.size(); ++i) line(i < heads || text.table->rows[i - heads].aside ? dim(lines[i]) : lines[i]);
    if (!whole) paragraph("more of them do not fit here: the page has them", &Printer::dim);
  }
  for (const auto& sentence : text.says) paragraph(sentence, &Printer::unstyled);
  for (const auto& note : text.notes) paragraph(note, &Printer::dim);
  line();
}

void Printer::amortisation() {
  std::string text;
  for (const auto& [share, ruling, flops, over_budget] : result_.ledger.amortisation)
    text += fmt::format("{}at {}: {}{}", text.empty() ? "" : " · ", percent(share, 0), name_of(ruling.label),
                        over_budget ? " (over budget)" : "");
  fact("dictionary", "charged " + text);
}

void Printer::fact(std::string_view label, std::string_view text) {
  const size_t width = columns_ - kLabel - kMargin;
  const auto parts = wrapped(plain(text), width);
  for (size_t i = 0; i < parts.size(); ++i)
    line("  " + dim(align_left(i == 0 ? label : "", kLabel)) + cut_to(parts[i], width));
}

std::string Printer::calibration_text() const {
  size_t calibrated = 0, reached = 0;
  std::string below, under_tuned;
  for (const auto& contestant : result_.contestants) {
    if (contestant.calibration) {
      ++calibrated;
      if (contestant.calibration->holds())
        ++reached;
      else
        below += (below.empty() ? "; below it: " : ", ") + contestant.title;
    }
    if (!contestant.under_tuned.empty()) under_tuned += (under_tuned.empty() ? "" : ", ") + contestant.title;
  }
  if (calibrated == 0) return "no contestant was held against a reference; under-tuned: " + (under_tuned.empty() ? "nobody" : under_tuned);
  return fmt::format("{} of {} calibrated contestants reached their reference{}; under-tuned: {}", reached, calibrated, below,
                     under_tuned.empty() ? "nobody" : under_tuned);
}

void Printer::footing() {
  const auto& dictionary = result_.dictionary;
  double fvu = 0, l0 = 0, recovered = 0, spliced = 0;
  const auto trained = double(dictionary.trained.size());
  for (const auto& quality : dictionary.trained) {
    fvu += quality.fvu / trained;
    l0 += quality.l0 / trained;
    if (!quality.spliced) continue;
    recovered += quality.spliced->ce_recovered;
    ++spliced;
  }
  fact("straw men", calibration_text());
  fact("trained",
       fmt::format("{}, width {}, {} tokens; FVU {} of rows it learned from, L0 {}{}{}", dictionary.kind, thousands(dictionary.width),
                   si(double(dictionary.tokens)), fixed(fvu, 4), fixed(l0, 1), spliced > 0 ? ", CE recovered " + fixed(recovered / spliced, 4) : "",
                   result_.fight.sites.size() == 1 ? "" : "; means over the sites"));
  if (const std::string sinks = sinks_sentence(result_); !sinks.empty()) fact("rows", sinks);
  fact("intervals", fmt::format("{}, {} ({} resamples)", percent(result_.interval.level, 0), result_.interval.method,
                                thousands(result_.interval.resamples)));
  for (const auto& model : result_.models)
    if (!model.revision.empty()) fact("commit", fmt::format("{} of {}", model.revision, model.name));
  fact("registration", fmt::format("{} (fairfight {}, {})", result_.registration.sha256.substr(0, 12), result_.fairfight,
                                   duration(result_.timing.seconds)));
}

}  // namespace

std::string terminal_report(const Result& result, bool colour, int columns) {
  return Printer(result, colour, size_t(std::max(columns, 80))).print();
}

}  // namespace fairfight
