#include "fairfight/report/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Label = Result::Label;
using Role = Result::Role;

/// "dictionary's reconstruction error" wants an article inside a sentence; names of methods do not.
std::string in_sentence(const std::string& title) { return title.starts_with("dictionary") ? "the " + title : title; }

std::string interval_text(const Result& result, const Estimate& estimate) {
  return fmt::format("{} interval {} to {}", percent(result.interval.level, 0), signed_fixed(estimate.low, 3),
                     signed_fixed(estimate.high, 3));
}

/// "scores 0.132 AUROC below perplexity"; by a metric with words of its own "removes 0.930 of the insult, 0.050 less than fine-tuning"
std::string compared(const Result& result, const Result::Ruling& ruling) {
  const auto& metric = result.fight.metric;
  const double value = ruling.interval.value;
  const std::string size = fixed(std::abs(value), 3), against = in_sentence(result.contestant(ruling.against).title);
  const bool level = size == fixed(0, 3);
  if (const size_t at = metric.says.find("{}"); at != std::string::npos) {
    std::string said = metric.says;
    said.replace(at, 2, fixed(result.contestant(ruling.challenger).score.mean.value, 3));
    return fmt::format("{}, {} {}", said, level ? "as much as" : size + (value < 0 ? " less than" : " more than"), against);
  }
  if (level) return "scores level with " + against;
  return fmt::format("scores {} {} {} {}", size, metric.title, value < 0 ? "below" : "above", against);
}

/// The baseline that decides need not be the one with the best mean: its interval may be wider, or validation chose it.
std::string_view which_baseline(const Result& result, const Result::Ruling& ruling) {
  const auto order = result.ranked();
  const auto best = std::find_if(order.begin(), order.end(), [](const auto* it) { return it->role == Role::baseline; });
  if (best != order.end() && (*best)->name == ruling.against) return "the strongest baseline";
  return ruling.label == Label::loses ? "the baseline that was best on validation" : "the baseline that binds";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 < names.size() ? ", "
                                                                                        : " and ") +
                                                    names[i];
  return text;
}

/// "perplexity was under-tuned (2 of 8 trials fitted the budget)"; empty where everybody who matters was fully tuned.
std::string under_tuning(const Result& result) {
  std::vector<std::string> names;
  std::string reason;
  for (const auto& contestant : result.contestants) {
    const bool matters = contestant.role == Role::baseline || contestant.name == result.verdict.ruling.challenger;
    if (contestant.under_tuned.empty() || !matters) continue;
    names.push_back(in_sentence(contestant.title));
    reason = contestant.under_tuned;
  }
  if (names.empty()) return "";
  if (names.size() > 1) return joined(names) + " were under-tuned";
  return fmt::format("{} was under-tuned ({})", names[0], reason);
}

}  // namespace

std::string verdict_sentence(const Result& result) {
  const auto& ruling = result.verdict.ruling;
  const std::string label(name_of(ruling.label)), who = in_sentence(result.challenger().title);
  const std::string gap = compared(result, ruling);
  const std::string charged = fmt::format("dictionary charged at {}", percent(Result::kPrimaryShare, 0));
  const std::string detail = fmt::format("({}; {})", interval_text(result, ruling.interval), charged);
  if (result.primary().over_budget)
    return fmt::format("{}: {} never got to fight: with its {} not one trial fits the budget of {} FLOPs.", label, who,
                       charged, si(result.ledger.budget_flops));
  switch (ruling.label) {
    case Label::beats:
      return fmt::format("{}: {} leads every baseline; it {}, the one that comes closest {}.", label, who, gap, detail);
    case Label::competitive:
      return fmt::format(
          "{}: {} is behind no baseline by more than the margin of {}, and does not lead them all; it "
          "{}, {} {}.",
          label, who, fixed(result.verdict.margin, 3), gap, which_baseline(result, ruling), detail);
    case Label::inconclusive: {
      const std::string under_tuned = under_tuning(result);
      if (!under_tuned.empty())
        return fmt::format("{}: {}, so no label would be fair; as it stands {} {} {}.", label, under_tuned, who, gap, detail);
      return fmt::format("{}: the interval is too wide to tell; {} {}, {} ({}, with a margin of {}; {}).", label, who, gap,
                         which_baseline(result, ruling), interval_text(result, ruling.interval),
                         fixed(result.verdict.margin, 3), charged);
    }
    case Label::loses:
      break;
  }
  return fmt::format("{}: {} {}, {} {}.", label, who, gap, which_baseline(result, ruling), detail);
}

std::string necessity_sentence(const Result& result) {
  const auto& [challenger, passed, controls, sentence] = result.necessity;
  const std::string who = in_sentence(result.contestant(challenger).title);
  if (!result.contestant(challenger).handed_in()) return fmt::format("Whether the dictionary is needed is no question: {} handed nothing in.", who);
  std::vector<std::string> required, unbeaten;
  const Result::Control* closest = nullptr;  // of those that decide
  for (const auto& control : controls) {
    if (control.challenger != challenger || !control.required) continue;
    required.push_back(in_sentence(control.title));
    if (!control.beaten) unbeaten.push_back(in_sentence(control.title));
    if (!closest || control.difference.low < closest->difference.low) closest = &control;
  }
  if (!closest) return "Whether the dictionary is needed was not tested: no control basis was required.";
  const std::string margin = fmt::format("{} {}, {}", signed_fixed(closest->difference.value, 3), result.fight.metric.title,
                                         interval_text(result, closest->difference));
  if (passed)
    return fmt::format(
        "The dictionary is needed: {} is better with it than with {}; the closest is {} (dictionary minus "
        "control {}).",
        who, joined(required), in_sentence(closest->title), margin);
  return fmt::format(
      "The dictionary is not shown to be needed: {} is not clearly worse with {} in its place (dictionary minus "
      "{} {}).",
      who, joined(unbeaten), unbeaten.size() == 1 ? "control" : closest->title, margin);
}

std::string sites_text(const Result& result) { return fmt::format("{}", fmt::join(result.fight.sites, ", ")); }

std::string sinks_sentence(const Result& result) {
  int64_t rows = 0, left_out = 0, tested = 0, tested_left_out = 0;
  double medians = 0;
  for (const auto& model : result.models)
    for (const auto& sinks : model.sinks) {
      rows += sinks.rows;
      left_out += sinks.left_out;
      tested += sinks.tested;
      tested_left_out += sinks.tested_left_out;
      medians = sinks.most_norm / sinks.median_norm;
    }
  if (rows == 0) return "";
  const auto sites = result.fight.sites.size();
  const std::string all = counted(rows, "row") + (sites == 1 ? "" : fmt::format(" (at {} sites)", sites));
  if (left_out == 0) return fmt::format("None of {} of clean text has more than {:g} times the median norm (an attention sink), so no row is left out anywhere.", all, medians);
  return fmt::format("{} of {} of clean text with more than {:g} times the median norm (attention sinks) {} left out{}.", thousands(left_out),
                     all, medians, left_out == 1 ? "is" : "are",
                     tested > 0 ? fmt::format(", and so {} {} of {} of the test", tested_left_out == 1 ? "is" : "are", thousands(tested_left_out), thousands(tested)) : "");
}

std::string label_meaning(const Result& result, Label label) {
  switch (label) {
    case Label::beats:
      return "It is ahead of every baseline, and each lead is more than chance: every interval lies beyond zero.";
    case Label::competitive:
      return fmt::format(
          "It trails no baseline by more than the margin of {}, as far as the intervals can tell, but does not "
          "lead them all.",
          fixed(result.verdict.margin, 3));
    case Label::inconclusive:
      return "The data do not settle it, or the contest was not an even one. This is no loss, and no win.";
    case Label::loses:
      break;
  }
  return "At least one method without the dictionary is better, by more than chance. A loss honestly found is a result.";
}

std::string slope_sentence(const Result& result, const Section::Curves& curves) {
  for (const auto& [contestant, slope] : curves.slopes)
    if (contestant == result.verdict.ruling.challenger)
      return fmt::format("{} is worth {} {} to {} ({}){}.", curves.amount, signed_fixed(slope.value, 3), curves.y,
                         in_sentence(result.challenger().title), interval_text(result, slope),
                         slope.low <= 0 && slope.high >= 0 ? ", which may be nothing" : "");
  return "";
}

std::string scale_of(const Result& result) {
  const auto& metric = result.fight.metric;
  return fmt::format("{} ({:g}) to {} ({:g})", metric.of_no_skill, metric.no_skill, metric.of_perfect, metric.perfect);
}

std::string beyond_scale_sentence(const Result& result) {
  constexpr double kShown = 5e-4;  // what three digits show
  const auto& metric = result.fight.metric;
  bool worse = false, better = false, nothing = false;
  for (const auto& contestant : result.contestants) {
    if (!contestant.handed_in()) {
      nothing = true;
      continue;
    }
    std::vector<double> values{contestant.score.mean.value};
    for (const auto& family : contestant.score.families) values.push_back(family.value);
    for (const double value : values) {
      worse |= value - metric.no_skill < -kShown;
      better |= value - metric.perfect > kShown;
    }
  }
  std::string text;
  const auto add = [&](const std::string& sentence) { text += (text.empty() ? "" : " ") + sentence; };
  if (worse && !metric.below.empty()) add(fmt::format("A score below {:g}: {}.", metric.no_skill, metric.below));
  if (better && !metric.above.empty()) add(fmt::format("A score above {:g}: {}.", metric.perfect, metric.above));
  if (nothing) add(fmt::format("A dash: it handed nothing in, for none of its trials was allowed and paid for; it counts as {}.", metric.of_no_skill));
  return text;
}

std::string without_label(std::string_view sentence, Label label) {
  const std::string start = std::string(name_of(label)) + ": ";
  if (!sentence.starts_with(start)) return std::string(sentence);
  std::string rest(sentence.substr(start.size()));
  if (!rest.empty() && rest[0] >= 'a' && rest[0] <= 'z') rest[0] = char(rest[0] - 'a' + 'A');
  return rest;
}

}  // namespace fairfight
