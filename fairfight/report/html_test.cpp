#include "fairfight/report/html.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/report/chart.h"
#include "fairfight/report/curves.h"
#include "fairfight/report/page.h"
#include "fairfight/report/papers.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/terminal.h"
#include "fairfight/report/test_example.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

/// The words of a page, in lower case.
std::set<std::string> words(const std::string& html) {
  std::set<std::string> found;
  std::string word;
  for (const char c : html) {
    if (std::isalpha(static_cast<unsigned char>(c))) {
      word += char(std::tolower(c));
    } else {
      found.insert(std::exchange(word, ""));
    }
  }
  return found;
}

/// What opens and closes elements, in order: "p", "/p", "circle".
std::vector<std::string> elements(const std::string& html) {
  std::vector<std::string> names;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1))
    names.push_back(html.substr(at + 1, html.find_first_of(" >\n", at) - at - 1));
  return names;
}

TEST(Html, LoadsNothingAndRunsNothing) {
  for (const auto hostile : {hostile_result, hostile_patches}) {
    const std::string page = html_report(hostile("https://evil.example/<script>"));
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    for (const char* loader : {"url(", "@import", "src=", "<link rel=\"stylesheet", "<iframe", "<object"})
      EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
  }
}

TEST(Html, HostileTextAddsNoElement) {
  for (const auto hostile : {hostile_result, hostile_patches})
    for (const char* attack : {"</script><img onerror=1>", "\"><svg onload=1>", "'><b>", "</style><!--", "]]>", "\xff<a>"}) {
      EXPECT_EQ(elements(html_report(hostile(attack))), elements(html_report(hostile("tame")))) << attack;
      EXPECT_THAT(html_report(hostile(attack)), HasSubstr(escape(attack)));
    }
}

TEST(Html, ElementsAreClosedInOrder) {
  std::vector<std::string> open;
  for (const auto& name : elements(html_report(example_result()) + html_report(patch_result()))) {
    const bool is_void = std::set<std::string>{"!doctype", "meta", "link", "line", "circle", "path", "rect"}.contains(name);
    if (is_void) continue;
    if (name[0] != '/') {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty());
    ASSERT_EQ("/" + open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Html, ShowsEveryNumberOfTheResult) {
  const Result result = example_result();
  const std::string page = html_report(result);
  EXPECT_THAT(page, HasSubstr(result.registration.sha256));
  EXPECT_THAT(page, HasSubstr("fairfight fight cards/anomaly.toml --out D"));
  for (const auto& contestant : result.contestants) {
    EXPECT_GE(count(page, escape(contestant.title)), 6u) << contestant.title;  // scores, curves, ledger, audit, roster ...
    EXPECT_THAT(page, HasSubstr(escape(contestant.about)));
    EXPECT_THAT(page, HasSubstr(si(contestant.ledger.charged_flops.at_10)));
    for (const auto& family : contestant.score.families)
      for (const double number : {family.value, family.low, family.high}) EXPECT_THAT(page, HasSubstr(fixed(number, 3)));
    for (const double number : contestant.secondary) EXPECT_THAT(page, HasSubstr(fixed(number, 3)));
  }
  for (const auto& [challenger, baseline, score] : result.differences)
    for (const double number : {score.mean.value, score.mean.low, score.mean.high})
      EXPECT_THAT(page, HasSubstr(signed_fixed(number, 3)));
  for (const auto& control : result.necessity.controls) {
    EXPECT_THAT(page, HasSubstr(escape(control.title)));
    EXPECT_THAT(page, HasSubstr(signed_html(control.difference)));
  }
  for (const auto& curve : result.tuning.curves)
    for (const double number : curve.expected) EXPECT_THAT(page, HasSubstr(fixed(number, 3)));
  for (const auto& secondary : result.fight.secondary) EXPECT_THAT(page, HasSubstr(escape(secondary.title)));
  for (const auto& evidence : result.tier.evidence) EXPECT_THAT(page, HasSubstr(escape(evidence.text)));
  for (const auto& quality : result.dictionary.trained) EXPECT_THAT(page, HasSubstr(fixed(quality.fvu, 4)));
  for (const auto& model : result.models) EXPECT_THAT(page, HasSubstr(model.sha256));
}

TEST(Html, TheVerdictStandsFirstAndInItsColour) {
  Result result = example_result();
  for (const auto label :
       {Result::Label::beats, Result::Label::competitive, Result::Label::inconclusive, Result::Label::loses}) {
    result.verdict.ruling.label = label;
    result.verdict.sentence = std::string(name_of(label)) + ": so it is, at 10 %.";
    const std::string page = html_report(result);
    EXPECT_EQ(count(page, fmt::format("<section class=\"verdict {}\"", style_of(label))), 1u);
    EXPECT_THAT(page, HasSubstr(fmt::format("<span class=\"label\">{}</span>", name_of(label))));
    EXPECT_THAT(page, HasSubstr("<p class=\"sentence\">So it is, at 10\u00a0%.</p>"));
    EXPECT_THAT(page, HasSubstr(sentence_html(label_meaning(result, label))));
    EXPECT_LT(page.find("class=\"sentence\""), page.find("class=\"facts\""));
  }
  EXPECT_THAT(html_report(result), HasSubstr("Tier 2; such a fight can reach 3</span>"));
}

TEST(Html, NecessityPassesOrFails) {
  Result result = example_result();
  EXPECT_THAT(html_report(result), HasSubstr("<span class=\"chip loses\">FAILED</span>"));
  result.necessity.passed = true;
  EXPECT_THAT(html_report(result), HasSubstr("<span class=\"chip beats\">PASSED</span>"));
}

TEST(Html, TheAuditNamesTheStarvedAndTheWeak) {
  const std::string page = html_report(example_result());
  EXPECT_EQ(count(page, "<span class=\"no\">starved</span>"), 1u);
  EXPECT_EQ(count(page, "<span class=\"no\">below it</span>"), 1u);
  EXPECT_EQ(count(page, "<span class=\"yes\">reached</span>"), 3u);
  EXPECT_THAT(page, HasSubstr("3 of 4 calibrated contestants reached their reference"));
}

TEST(Html, TheMarginIsABandOnTheWorseSideOfZero) {
  Result result = example_result();
  EXPECT_EQ(count(html_report(result), "<rect class=\"band\""), 18u);  // three challengers, six baselines
  EXPECT_THAT(html_report(result), HasSubstr("stays right of the dashed line"));
  std::swap(result.fight.metric.no_skill, result.fight.metric.perfect);
  EXPECT_THAT(html_report(result), HasSubstr("stays left of the dashed line"));
  result.verdict.margin = 0;
  EXPECT_EQ(count(html_report(result), "<rect class=\"band\""), 0u);
}

TEST(Html, WhatIsNotThereHasNoPart) {
  Result result = example_result();
  result.tuning.curves.clear();
  result.fight.secondary.clear();
  for (auto& contestant : result.contestants) contestant.secondary.clear();
  result.necessity.controls.clear();
  result.timing.profile.clear();
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* title : {"What tuning gave", "Also measured", "with other bases", "<dt>Time</dt>"})
    EXPECT_THAT(page, Not(HasSubstr(title))) << title;
}

TEST(Html, NumbersStayFiniteAtTheExtremes) {
  Result result = example_result();
  result.contestants[0].score.mean = {-1e9, -1e9, 1e9};
  result.contestants[1].score.families[0] = {1e9, 1e9, 1e9};
  result.contestants[0].ledger.charged_flops.at_100 = 1e40;
  result.contestants[0].ledger.seconds = 1e40;
  result.differences[0].score.mean = {0, -1e9, 1e9};
  result.dictionary.trained[0].kl = -1e-300;
  result.tuning.curves[0].expected = {-1e9, 1e9};
  result.necessity.controls[0].difference = {1e9, 1e-300, 1e9};
  result.ledger.dictionary_flops = 1e40;
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* word : {"nan", "inf", "infinity"}) EXPECT_FALSE(words(page).contains(word)) << word;
  EXPECT_THAT(page, Not(HasSubstr("−0.0000")));
}

/// Every 37th value of the examples replaced by what is extreme for its type.
TEST(Html, WhateverIsAcceptedCanBeShown) {
  for (const Json& whole : {example_json(), patch_json()}) {
    const Json flat = whole.flatten();
    size_t at = 0, accepted = 0;
    for (const auto& [pointer, value] : flat.items()) {
      if (++at % 37 != 0) continue;
      std::vector<Json> extremes;
      if (value.is_boolean()) extremes = {!value.get<bool>()};
      if (value.is_string()) extremes = {"", std::string(300, 'x')};
      if (value.is_number()) extremes = {0, -1e9, 1e9, INT64_MAX, 1e40};
      for (const auto& extreme : extremes) {
        Json changed = whole;
        changed[Json::json_pointer(pointer)] = extreme;
        try {
          const Result result = Result::from_json(changed);
          ++accepted;
          const auto found = words(html_report(result) + terminal_report(result, false));
          for (const char* word : {"nan", "inf", "infinity"}) EXPECT_FALSE(found.contains(word)) << pointer;
        } catch (const Error&) {  // is always right
        }
      }
    }
    EXPECT_GT(accepted, 50u);
  }
}

TEST(Html, ShowsWhatIsAskedOfARepair) {
  const Result result = patch_result();
  const std::string page = html_report(result);
  EXPECT_GE(count(page, "<span class=\"form\">hooked</span>"), 12u);  // scores, operating points, robustness, roster
  EXPECT_THAT(page, HasSubstr("400 in each of 2 families"));
  EXPECT_THAT(page, HasSubstr("from the untouched model (0) to one that was trained without the behaviour (1)"));
  for (const auto& attack : result.robustness->attacks) {
    EXPECT_THAT(page, HasSubstr(escape(attack.title)));
    EXPECT_THAT(page, HasSubstr(escape(attack.about)));
  }
  for (const auto& of : result.robustness->contestants)
    for (const auto& value : of.values) EXPECT_THAT(page, HasSubstr(value ? "<b>" + fixed(value->value, 3) + "</b>" : "–"));
  EXPECT_EQ(count(page, "<td class=\"none\">–</td>"), 5u);  // nobody removes the hook of what is baked
  for (const auto* lines : {&result.doses->lines, &result.few_shots->lines})
    for (const auto& line : *lines)
      for (const auto& score : line.scores) EXPECT_THAT(page, HasSubstr(interval_html(score)));
  for (const auto& slope : result.doses->slopes) EXPECT_THAT(page, HasSubstr(signed_html(slope.per_decade)));
  EXPECT_EQ(count(page, "class=\"slope\""), 1u);
  EXPECT_EQ(count(page, "<div class=\"curves sides\">"), 1u);
  EXPECT_EQ(count(page, "<div class=\"curves\">"), 3u);  // doses, examples, tuning
  EXPECT_THAT(page, HasSubstr("<span class=\"chip beats\">C3</span>"));
  for (const auto& level : result.certificate->levels) {
    EXPECT_THAT(page, HasSubstr(escape(level.text)));
    EXPECT_THAT(page, HasSubstr(escape(level.evidence)));
  }
}

TEST(Html, EveryDisciplineHasItsWords) {
  const auto of_patches = words(html_report(patch_result()) + terminal_report(patch_result(), false));
  for (const char* word : {"anomalous", "anomaly", "detector", "auroc"}) EXPECT_FALSE(of_patches.contains(word)) << word;
  const std::string page = html_report(example_result());
  EXPECT_THAT(page, HasSubstr("300 clean, 300 in each of 8 families"));
  for (const char* title : {"Side effects", "Does it hold?", "see the behaviour?", "With fewer examples", "class=\"form\""})
    EXPECT_THAT(page, Not(HasSubstr(title))) << title;
}

TEST(Html, ARepairWithoutAnyOfThemHasNoSuchPart) {
  Result result = patch_result();
  result.robustness.reset();
  result.few_shots.reset();
  result.certificate.reset();
  result.doses->slopes.clear();
  std::erase_if(result.side_effects->contestants, [](const auto&) { return true; });
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* title : {"Does it hold?", "With fewer examples", "class=\"slope\"", "Ten times as much", "curves sides"})
    EXPECT_THAT(page, Not(HasSubstr(title))) << title;
  EXPECT_THAT(page, HasSubstr("If it had seen some"));
  result.doses->lines.clear();
  EXPECT_THAT(html_report(Result::from_json(result.to_json())), Not(HasSubstr("class=\"spread")));
}

TEST(Html, NoLevelIsSaidSo) {
  Result result = patch_result();
  result.certificate->levels[0].holds = false;
  result.certificate->reached.clear();
  EXPECT_THAT(html_report(Result::from_json(result.to_json())), HasSubstr("<span class=\"chip loses\">NO LEVEL</span>"));
}

TEST(Html, WorseThanNoSkillHasAnotherTint) {
  Result result = example_result();
  for (auto& contestant : result.contestants)
    for (auto& family : contestant.score.families) family.value = std::max(family.value, 0.5);
  EXPECT_EQ(count(html_report(result), "class=\" worse\""), 0u);
  result.contestants[0].score.families[0] = {0.4, 0.3, 0.45};
  EXPECT_EQ(count(html_report(result), "class=\" worse\" style=\"--skill:0.200\""), 1u);
}

TEST(Html, ColoursADifferenceOnlyWhereItsIntervalExcludesZero) {
  Result result = example_result();
  std::erase_if(result.contestants, [](const auto& it) { return it.challenger() && it.name != "reconstruction_error"; });
  std::erase_if(result.differences, [](const auto& it) { return it.challenger != "reconstruction_error"; });
  result.verdict.all.resize(1);
  std::erase_if(result.tuning.curves, [](const auto& it) { return it.contestant.starts_with("feature"); });
  result.necessity.controls.clear();
  result.differences[2].score.mean = {-0.01, -0.03, 0.01};
  const std::string page = html_report(result);
  EXPECT_EQ(count(page, "<g class=\"mark behind\">"), 2u);  // perplexity, Mahalanobis distance
  EXPECT_EQ(count(page, "<g class=\"mark open\">"), 1u);    // k nearest neighbours
  EXPECT_EQ(count(page, "<g class=\"mark ahead\">"), 3u);   // PCA residual, isolation forest, activation norm
}

TEST(Curves, LabelsKeepTheirDistanceAndMoveLittle) {
  using testing::ElementsAre;
  EXPECT_THAT(spread({10, 50, 90}, 20, 0, 100), ElementsAre(10, 50, 90));          // as they want
  EXPECT_THAT(spread({50, 50, 50}, 20, 0, 100), ElementsAre(30, 50, 70));          // around their middle
  EXPECT_THAT(spread({0, 1, 90}, 20, 0, 100), ElementsAre(0, 20, 90));             // not above the top
  EXPECT_THAT(spread({99, 99, 99}, 20, 0, 100), ElementsAre(60, 80, 100));         // nor below the bottom
  EXPECT_THAT(spread({40, 45, 62}, 20, 0, 100), ElementsAre(29, 49, 69));          // a pool grows while it touches another
  EXPECT_THAT(spread({40, 60, 60, 60}, 20, 0, 100), ElementsAre(25, 45, 65, 85));  // and takes a whole pool in
  EXPECT_THAT(spread({}, 20, 0, 100), ElementsAre());
}

TEST(Curves, ALineIsDottedWhereItsSettingsAreUsedUp) {
  Result result = example_result();
  result.tuning.curves = {{"reconstruction_error", {0.7, 0.75, 0.77}}, {"knn", {0.6, 0.65}}};
  const std::string chart = tuning_chart(result);
  EXPECT_EQ(count(chart, "<path class=\"baseline rest\""), 1u);
  EXPECT_EQ(count(chart, "challenger first rest"), 0u);
  EXPECT_EQ(count(chart, "<li class=\"challenger first\""), 1u);
  EXPECT_THAT(chart, HasSubstr("0.770"));
}

TEST(Curves, NothingStandsAStepBeforeTheLeast) {
  Result result = patch_result();
  result.few_shots = {{0, 4, 16, 64, 256}, {{"zero_clamp", std::vector<Estimate>(5, {0.5, 0.4, 0.6})}}};
  for (const char* place : {"1.00%", "25.50%", "50.00%", "74.50%", "99.00%"})
    EXPECT_THAT(few_shots_chart(result, *result.few_shots),
                HasSubstr(fmt::format("<line class=\"spread challenger first\" x1=\"{}\"", place)));
  result.few_shots = {{0}, {{"zero_clamp", {{0.5, 0.4, 0.6}}}}};
  EXPECT_THAT(few_shots_chart(result, *result.few_shots), HasSubstr("<circle class=\"challenger first\" cx=\"50.00%\""));
  result.few_shots = {{7}, {{"zero_clamp", {{0.5, 0.4, 0.6}}}}};
  EXPECT_THAT(few_shots_chart(result, *result.few_shots), HasSubstr("<circle class=\"challenger first\" cx=\"50.00%\""));
}

TEST(Curves, TheSlopeGoesThroughTheMiddle) {
  const Result result = patch_result();
  Result::Doses doses{
      {0, 0.01, 0.1}, {{"zero_clamp", {{0, 0, 0}, {0.4, 0.4, 0.4}, {0.6, 0.6, 0.6}}}}, {{"zero_clamp", {0.2, 0.1, 0.3}}}};
  const std::string chart = doses_chart(result, doses);  // it runs through both points: from a corner of the line to its end
  const std::string line = chart.substr(chart.find("L500.0") + 1);
  EXPECT_THAT(chart, HasSubstr("class=\"slope\" d=\"M" + line.substr(0, line.find('"'))));
  doses.slopes[0].contestant = doses.lines[0].contestant = "steering";  // another challenger's slope is told, not drawn
  EXPECT_THAT(doses_chart(result, doses), Not(HasSubstr("class=\"slope\"")));
}

TEST(Curves, OneTrialIsADot) {
  Result result = example_result();
  result.tuning.curves = {{"knn", {0.6}}};
  EXPECT_THAT(tuning_chart(result), Not(HasSubstr("<path class=\"baseline\" d=\"M50")));
  EXPECT_THAT(tuning_chart(result), HasSubstr("<circle class=\"baseline\" cx=\"50.00%\""));
}

TEST(Papers, FreeJsonBecomesLists) {
  const auto html = [](std::string_view json) { return papers_html(parse_json(json, "test")); };
  EXPECT_EQ(html(R"({"planted_facts": 12000, "year": 2024, "loss": 2.5, "ok": true, "kinds": ["a", 1]})"),
            "<dl>\n<dt>planted facts</dt><dd>12,000</dd>\n<dt>year</dt><dd>2024</dd>\n<dt>loss</dt><dd>2.5</dd>\n"
            "<dt>ok</dt><dd>yes</dd>\n<dt>kinds</dt><dd>a, 1</dd>\n</dl>");
  EXPECT_EQ(html(R"([{"a": null}])"), "<ol>\n<li><dl>\n<dt>a</dt><dd>none</dd>\n</dl></li>\n</ol>");
}

TEST(Papers, SettingsAreOneLine) {
  EXPECT_EQ(settings_text(parse_json(R"({"k": 8, "learning_rate": 0.001})", "test")), "k 8, learning rate 0.001");
  EXPECT_EQ(settings_text(Json::object()), "nothing to choose");
}

TEST(Html, WhoHandedNothingInShowsADash) {
  for (Result result : {example_result(), patch_result()}) {
    // A baseline, and one whose number stands nowhere else.
    auto& silent = *std::find_if(result.contestants.begin(), result.contestants.end(), [](const auto& c) { return c.role == Result::Role::baseline; });
    silent.score.mean = {0.123456, 0.123456, 0.123456};
    for (auto& family : silent.score.families) family = silent.score.mean;
    for (auto& value : silent.secondary) value = 0.123456;
    for (auto& run : silent.runs) run.nothing = true;
    if (result.robustness)
      for (auto& of : result.robustness->contestants)
        if (of.contestant == silent.name)
          for (auto& value : of.values) value = silent.score.mean;
    const Result told = Result::from_json(result.to_json());
    for (const std::string& report : {html_report(told), terminal_report(told, false, 200)}) {
      EXPECT_THAT(report, Not(HasSubstr("0.123")));
      EXPECT_THAT(report, HasSubstr("A dash: it handed nothing in"));
    }
    EXPECT_THAT(html_report(told), HasSubstr("Nothing: no trial was allowed and paid for"));
    for (auto& run : silent.runs) run.nothing = false;
    EXPECT_THAT(html_report(result), HasSubstr("0.123"));
  }
}

}  // namespace
}  // namespace fairfight
