#include "fairfight/report/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

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

/// "scores 0.771 AUROC, 0.020 less than the best without"; by a metric with words of its own "removes 0.930 of the insult, 0.050 less than the best without"
std::string compared(const Result& result) {
  const auto& metric = result.fight.metric;
  const auto& verdict = result.verdict;
  const double value = verdict.ruling.interval.value;
  const std::string size = fixed(std::abs(value), 3), score = fixed(verdict.challengers.value, 3);
  std::string said = metric.says.empty() ? "scores {} " + metric.title : metric.says;
  if (const size_t at = said.find("{}"); at != std::string::npos) said.replace(at, 2, score);
  return fmt::format("{}, {} what is best without it", said, size == fixed(0, 3) ? "as much as" : size + (value < 0 ? " less than" : " more than"));
}

/// Whom the two portfolios are made of.
std::string made_of(const Result& result, const Result::Ruling& ruling) {
  return fmt::format("mostly {} against mostly {}", in_sentence(result.contestant(ruling.challenger).title), in_sentence(result.contestant(ruling.against).title));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) text += (i == 0 ? "" : i + 1 < names.size() ? ", "
                                                                                        : " and ") +
                                                    names[i];
  return text;
}

/// "perplexity was under-tuned (2 of 8 trials fitted the budget)"; empty where nobody of these was.
std::string under_tuning(const Result& result, Role role) {
  std::vector<std::string> names;
  std::string reason;
  for (const auto& contestant : result.contestants) {
    if (contestant.under_tuned.empty() || contestant.role != role) continue;
    names.push_back(in_sentence(contestant.title));
    reason = contestant.under_tuned;
  }
  if (names.empty()) return "";
  if (names.size() > 1) return joined(names) + " were under-tuned";
  return fmt::format("{} was under-tuned ({})", names[0], reason);
}

/// What keeps a label from being what its bounds say; empty where nothing does.
std::string what_forbids(const Result& result, const Result::Ruling& ruling) {
  if (ruling.label != Label::inconclusive) return "";
  if (ruling.competitive) return under_tuning(result, Role::baseline);
  return ruling.interval.high < -result.verdict.margin ? under_tuning(result, Role::challenger) : "";
}

}  // namespace

std::string verdict_sentence(const Result& result) {
  const auto& verdict = result.verdict;
  const auto& ruling = verdict.ruling;
  const std::string label(name_of(ruling.label));
  const std::string charged = fmt::format("dictionary charged at {}", percent(Result::kPrimaryShare, 0));
  if (result.primary().over_budget)
    return fmt::format("{}: the dictionary's side never got to fight: with its {} no trial fits the budget of {} FLOPs.", label, charged, si(result.ledger.budget_flops));
  const std::string detail = fmt::format("({}; {}; {})", interval_text(result, ruling.interval), made_of(result, ruling), charged);
  const std::string gap = fmt::format("{}{} what is best with the dictionary {} {}", verdict.rulings.empty() ? "" : "as deployed, ", verdict.scope, compared(result), detail);
  switch (ruling.label) {
    case Label::competitive:
      return fmt::format("{}: {}; behind by the margin of {} it is not.", label, gap, fixed(verdict.margin, 3));
    case Label::inconclusive:
      if (result.have_nothing(verdict.challengers, verdict.baselines)) return fmt::format("{}: neither side is surely above no skill by the margin of {}; {}.", label, fixed(verdict.margin, 3), gap);
      if (const std::string forbids = what_forbids(result, ruling); !forbids.empty()) return fmt::format("{}: {}, so no label would be fair; as it stands, {}.", label, forbids, gap);
      return fmt::format("{}: the interval is too wide to tell, with a margin of {}{}; {}.", label, fixed(verdict.margin, 3),
                         verdict.would_settle == 0 ? "" : fmt::format(" (some {} like these would settle it)", counted(verdict.would_settle, "model")), gap);
    default:
      return fmt::format("{}: {}.", label, gap);
  }
}

std::string besides_sentence(const Result& result) {
  const auto& verdict = result.verdict;
  const auto with_interval = [&](const Estimate& e) { return fmt::format("{} ({})", signed_fixed(e.value, 3), interval_text(result, e)); };
  const auto& [failed, others_failed, organisms] = verdict.failures;
  // 0 of n: up to 1 - 0.05^(1/n) at 95 % (Clopper and Pearson)
  const auto most = [&](int64_t count) { return count == 0 ? fmt::format(" (which leaves up to {})", percent(1 - std::pow(1 - result.interval.bound, 1 / double(organisms)), 0)) : std::string(); };
  return fmt::format("Who has everything gains {} by the dictionary. With lists of the same length the difference is {}, with one contestant a side, chosen in the other models, {}. "
                     "Nearer to no skill than to perfection: with the dictionary {} of {}{}, without {}{}.",
                     with_interval(verdict.marginal), with_interval(verdict.size_matched), with_interval(verdict.champions), failed, counted(organisms, "model"), most(failed), others_failed, most(others_failed));
}

std::string threatened_sentence(const Result& result, const Result::Threatened& threatened) {
  const auto& ruling = threatened.ruling;
  if (ruling.label == Label::inconclusive && result.have_nothing(threatened.challengers, threatened.baselines))
    return fmt::format("{}: with {}, when {}, neither side is left with anything: the dictionary's with {} and the other one with {}.", name_of(ruling.label), threatened.title, threatened.about,
                       fixed(threatened.challengers.value, 3), fixed(threatened.baselines.value, 3));
  const std::string forbids = what_forbids(result, ruling);
  return fmt::format("{}: with {}, when {}, the dictionary's side is left with {} and the other one with {} ({}, {}; {}){}.", name_of(ruling.label), threatened.title, threatened.about,
                     fixed(threatened.challengers.value, 3), fixed(threatened.baselines.value, 3), signed_fixed(ruling.interval.value, 3), interval_text(result, ruling.interval), made_of(result, ruling),
                     forbids.empty() ? "" : fmt::format("; {}, so no label would be fair", forbids));
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
      return "Who may use the dictionary does better than who may not, and by more than chance. Each side puts forward what was best on validation.";
    case Label::competitive:
      return fmt::format("Who may use the dictionary trails who may not by less than the margin of {}, as far as the interval can tell, and does not lead.", fixed(result.verdict.margin, 3));
    case Label::inconclusive:
      return "The data do not settle it, or the contest was not an even one. This is no loss, and no win.";
    case Label::loses:
      break;
  }
  return "What is best without the dictionary is better, by more than chance and by more than the margin. A loss honestly found is a result.";
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
