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

/// "the insult", or "the behaviours" where there are several.
std::string behaviours(const Result& result) {
  const auto& families = result.fight.families;
  return families.size() == 1 ? "the " + spoken(families[0].name) : "the behaviours";
}

/// "scores 0.132 AUROC below perplexity"; of a patch: "removes 0.930 of the insult, 0.050 less than fine-tuning"
std::string compared(const Result& result, const Result::Ruling& ruling) {
  const double value = ruling.interval.value;
  const std::string size = fixed(std::abs(value), 3), against = in_sentence(result.contestant(ruling.against).title);
  const bool level = size == fixed(0, 3);
  if (result.of_patches())
    return fmt::format("removes {} of {}, {} {}", fixed(result.contestant(ruling.challenger).score.mean.value, 3),
                       behaviours(result), level ? "as much as" : size + (value < 0 ? " less than" : " more than"), against);
  if (level) return "scores level with " + against;
  return fmt::format("scores {} {} {} {}", size, result.fight.metric.title, value < 0 ? "below" : "above", against);
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
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " and ") + names[i];
  return text;
}

/// "perplexity was starved (2 of 8 trials fitted the budget)"; empty where everybody who matters was fed.
std::string starvation(const Result& result) {
  std::vector<std::string> names;
  std::string reason;
  for (const auto& contestant : result.contestants) {
    const bool matters = contestant.role == Role::baseline || contestant.name == result.verdict.ruling.challenger;
    if (contestant.starved.empty() || !matters) continue;
    names.push_back(in_sentence(contestant.title));
    reason = contestant.starved;
  }
  if (names.empty()) return "";
  if (names.size() > 1) return joined(names) + " were starved";
  return fmt::format("{} was starved ({})", names[0], reason);
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
      const std::string starved = starvation(result);
      if (!starved.empty())
        return fmt::format("{}: {}, so no label would be fair; as it stands {} {} {}.", label, starved, who, gap, detail);
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
    if (!closest || result.ahead(control.difference).low < result.ahead(closest->difference).low) closest = &control;
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

std::string sinks_sentence(const Result& result) {
  int64_t rows = 0, left_out = 0, tested = 0, tested_left_out = 0;
  double medians = 0;
  for (const auto& model : result.models) {
    if (!model.sinks) continue;
    rows += model.sinks->rows;
    left_out += model.sinks->left_out;
    tested += model.sinks->tested;
    tested_left_out += model.sinks->tested_left_out;
    medians = model.sinks->most_norm / model.sinks->median_norm;
  }
  if (rows == 0) return "";
  if (left_out == 0) return fmt::format("None of {} of clean text has more than {:g} times the median norm (an attention sink), so no row is left out anywhere.", counted(rows, "row"), medians);
  return fmt::format("{} of {} of clean text with more than {:g} times the median norm (attention sinks) {} left out of dictionaries and detectors{}.", thousands(left_out),
                     counted(rows, "row"), medians, left_out == 1 ? "is" : "are",
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

std::string slope_sentence(const Result& result) {
  if (!result.doses) return "";
  for (const auto& [contestant, slope] : result.doses->slopes)
    if (contestant == result.verdict.ruling.challenger)
      return fmt::format("Ten times as much of the behaviour is worth {} {} to {} ({}){}.", signed_fixed(slope.value, 3),
                         result.fight.metric.title, in_sentence(result.challenger().title), interval_text(result, slope),
                         slope.low <= 0 && slope.high >= 0 ? ", which may be nothing" : "");
  return "";
}

std::string scale_of(const Result& result) {
  const auto& metric = result.fight.metric;
  if (!result.of_patches()) return fmt::format("no skill ({:g}) to perfect ({:g})", metric.no_skill, metric.perfect);
  // A user's model may have no counterpart that was trained without; then the scale ends at 0 times of the behaviour.
  const auto refers = [](const auto& c) { return c.name == "retrained"; };
  const bool trained = std::any_of(result.contestants.begin(), result.contestants.end(), refers);
  return fmt::format("the untouched model ({:g}) to one {} the behaviour ({:g})", metric.no_skill, trained ? "that was trained without" : "without", metric.perfect);
}

std::string beyond_scale_sentence(const Result& result) {
  constexpr double kShown = 5e-4;  // what three digits show
  const auto& metric = result.fight.metric;
  const double sign = metric.higher_is_better() ? 1 : -1;
  bool worse = false, better = false, nothing = false;
  for (const auto& contestant : result.contestants) {
    if (!contestant.handed_in()) {
      nothing = true;
      continue;
    }
    std::vector<double> values{contestant.score.mean.value};
    for (const auto& family : contestant.score.families) values.push_back(family.value);
    for (const double value : values) {
      worse |= sign * (value - metric.no_skill) < -kShown;
      better |= sign * (value - metric.perfect) > kShown;
    }
  }
  std::vector<std::string> parts;
  if (worse)
    parts.push_back(result.of_patches() ? fmt::format("A score {} {:g}: there is more of {} than in the untouched model.", sign > 0 ? "below" : "above", metric.no_skill, behaviours(result))
                                        : fmt::format("A score {} {:g} is worse than a coin: it takes what is anomalous for normal.", sign > 0 ? "below" : "above", metric.no_skill));
  if (better && result.of_patches())
    parts.push_back(fmt::format("A score {} {:g}: there is less of {} than where the scale ends.", sign > 0 ? "above" : "below", metric.perfect, behaviours(result)));
  if (nothing) parts.push_back("A dash: it handed nothing in, for none of its trials was allowed and paid for; it counts as no skill.");
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : " ") + part;
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
