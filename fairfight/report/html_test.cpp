#include "fairfight/report/html.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <set>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/report/datasheet.h"
#include "fairfight/report/page.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/terminal.h"
#include "fairfight/report/test_example.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

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
  for (const auto hostile : {hostile_result, hostile_patches, hostile_bakery}) {
    const std::string page = html_report(hostile("https://evil.example/<script>"));
    EXPECT_THAT(page, Not(HasSubstr("http")));
    EXPECT_THAT(page, Not(HasSubstr("<script")));
    EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
    for (const char* loader : {"url(", "@import", "src=", "<link rel=\"stylesheet", "<iframe", "<object"})
      EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
  }
}

TEST(Html, HostileTextAddsNoElement) {
  for (const auto hostile : {hostile_result, hostile_patches, hostile_bakery})
    for (const char* attack : {"</script><img onerror=1>", "\"><svg onload=1>", "'><b>", "</style><!--", "]]>", "\xff<a>"}) {
      EXPECT_EQ(elements(html_report(hostile(attack))), elements(html_report(hostile("tame")))) << attack;
      EXPECT_THAT(html_report(hostile(attack)), HasSubstr(escape(attack)));
    }
}

TEST(Html, ElementsAreClosedInOrder) {
  std::vector<std::string> open;
  for (const auto& name : elements(html_report(example_result()) + html_report(patch_result()) + html_report(bakery_result()))) {
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
    EXPECT_GE(times(page, escape(contestant.title)), 6u) << contestant.title;  // scores, curves, ledger, audit, roster ...
    EXPECT_THAT(page, HasSubstr(escape(contestant.about)));
    EXPECT_THAT(page, HasSubstr(si(contestant.ledger.charged_flops.at_10)));
    for (const auto& family : contestant.score.families)
      for (const double number : {family.value, family.low, family.high}) EXPECT_THAT(page, HasSubstr(fixed(number, 3)));
  }
  for (const auto& [challenger, baseline, score] : result.differences)
    for (const double number : {score.mean.value, score.mean.low, score.mean.high})
      EXPECT_THAT(page, HasSubstr(signed_fixed(number, 3)));
  for (const auto& control : result.necessity.controls) {
    EXPECT_THAT(page, HasSubstr(escape(control.title)));
    EXPECT_THAT(page, HasSubstr(signed_html(control.difference)));
  }
  for (const auto& line : result.section_as<Section::Curves>("tuning")->lines)
    for (const auto& value : line.values) EXPECT_THAT(page, HasSubstr("<td>" + fixed(value.value, 3) + "</td>"));
  const auto& secondary = *result.section_as<Section::Table>("secondary");
  for (const auto& column : secondary.columns) {
    EXPECT_THAT(page, HasSubstr(escape(column.title)));
    EXPECT_THAT(page, HasSubstr(fmt::format("<td><span class=\"aside\">{}</span></td>", fixed(*column.ideal, 3))));
  }
  for (const auto& row : secondary.rows)
    for (const auto& cell : row.cells) EXPECT_THAT(page, HasSubstr("<td>" + fixed(cell->value, 3) + "</td>"));
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
    EXPECT_EQ(times(page, fmt::format("<section class=\"verdict {}\"", style_of(label))), 1u);
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

TEST(Html, TheAuditNamesTheUnderTunedAndTheWeak) {
  const std::string page = html_report(example_result());
  EXPECT_EQ(times(page, "<span class=\"no\">under-tuned</span>"), 1u);
  EXPECT_EQ(times(page, "<span class=\"yes\">fully tuned</span>"), 9u);
  EXPECT_THAT(page, HasSubstr("known answer; one was under-tuned."));
  EXPECT_EQ(times(page, "<span class=\"no\">below it</span>"), 1u);
  EXPECT_EQ(times(page, "<span class=\"yes\">reached</span>"), 3u);
  EXPECT_THAT(page, HasSubstr("3 of 4 calibrated contestants reached their reference"));
}

TEST(Html, TheMarginIsABandOnTheWorseSideOfZero) {
  Result result = example_result();
  EXPECT_EQ(times(html_report(result), "<rect class=\"band\""), 18u);  // three challengers, six baselines
  EXPECT_THAT(html_report(result), HasSubstr("stays right of the dashed line"));
  result.verdict.margin = 0;
  EXPECT_EQ(times(html_report(result), "<rect class=\"band\""), 0u);
}

TEST(Html, WhatIsNotThereHasNoPart) {
  Result result = example_result();
  result.sections.clear();
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
  result.dictionary.trained[0].spliced->kl = -1e-300;
  body_of<Section::Curves>(result, "tuning").lines[0].values = {{-1e9, -1e9, -1e9}, {1e9, 1e9, 1e9}};
  result.necessity.controls[0].difference = {1e9, 1e-300, 1e9};
  result.ledger.dictionary_flops = 1e40;
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* word : {"nan", "inf", "infinity"}) EXPECT_FALSE(words(page).contains(word)) << word;
  EXPECT_THAT(page, Not(HasSubstr("−0.0000")));
}

/// Every 37th value of the examples replaced by what is extreme for its type.
TEST(Html, WhateverIsAcceptedCanBeShown) {
  for (const Json& whole : {example_json(), patch_json(), bakery_result().to_json()}) {
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

TEST(Html, ShowsEverySectionOfARepair) {
  const Result result = patch_result();
  const std::string page = html_report(result);
  EXPECT_GE(times(page, "<span class=\"tag\">runtime edit</span>"), 12u);  // scores, operating points, robustness, roster
  EXPECT_THAT(page, HasSubstr("400 in each of 2 families"));
  EXPECT_THAT(page, HasSubstr("from the untouched model (0) to one that was trained without the behaviour (1)"));
  const auto& robustness = *result.section_as<Section::Table>("robustness");
  for (const auto& column : robustness.columns) {
    EXPECT_THAT(page, HasSubstr(escape(column.title)));
    EXPECT_THAT(page, HasSubstr(escape(column.about)));
  }
  for (const auto& row : robustness.rows)
    for (const auto& cell : row.cells) EXPECT_THAT(page, HasSubstr(cell ? "<b>" + fixed(cell->value, 3) + "</b>" : "–"));
  EXPECT_EQ(times(page, "<td class=\"none\">–</td>"), 5u);  // nobody removes the hook of what is baked
  for (const char* id : {"doses", "few_shots"})
    for (const auto& line : result.section_as<Section::Curves>(id)->lines)
      for (const auto& value : line.values) EXPECT_THAT(page, HasSubstr(interval_html(value)));
  for (const auto& slope : result.section_as<Section::Curves>("doses")->slopes) EXPECT_THAT(page, HasSubstr(signed_html(slope.per_decade)));
  EXPECT_EQ(times(page, "class=\"slope\""), 1u);
  EXPECT_EQ(times(page, "<div class=\"curves scatter\">"), 1u);
  EXPECT_EQ(times(page, "<div class=\"curves\">"), 4u);  // doses, examples, compute, tuning
  EXPECT_THAT(page, HasSubstr("<span class=\"chip beats\">C3</span>"));
  for (const auto& item : result.section_as<Section::Checklist>("certificate")->items) {
    EXPECT_THAT(page, HasSubstr("<span class=\"level\">" + item.name + "</span> " + escape(item.text)));
    EXPECT_THAT(page, HasSubstr("<span class=\"found\">" + escape(item.evidence) + "</span>"));
  }
  EXPECT_EQ(times(page, "<h2>Did the dictionary see the behaviour?</h2>"), 1u);  // the certificate and the doses
}

TEST(Html, SectionsStandInTheirOrderBetweenNecessityAndCosts) {
  Result result = patch_result();
  const auto places = [&] {
    const std::string page = html_report(result);
    std::vector<size_t> found = {page.find("<h2>Is the dictionary needed?</h2>")};
    for (const auto& section : result.sections) found.push_back(page.find("<h2>" + escape(section.title) + "</h2>"));
    found.push_back(page.find("<h2>What it cost</h2>"));
    return found;
  };
  auto found = places();
  EXPECT_EQ(std::count(found.begin(), found.end(), std::string::npos), 0);
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
  std::reverse(result.sections.begin(), result.sections.end());
  found = places();
  EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
}

TEST(Html, ADisciplineThatNobodyKnowsIsShownInItsWords) {
  const std::string page = html_report(bakery_result());
  EXPECT_EQ(times(page, "<h2>What the crust says</h2>"), 1u);
  EXPECT_THAT(page, HasSubstr("<b>Crusts.</b> Every crust was broken once. The first column is the contest’s own score. Intervals are of 90 %. "
                              "The stronger the tint, the better. The first row is what a perfect contestant shows."));
  EXPECT_THAT(page, HasSubstr("<td></td><td><span class=\"aside\">2.000</span></td><td><span class=\"aside\">0</span></td><td></td>"));  // ideal
  EXPECT_THAT(page, HasSubstr("style=\"--skill:0.500\"><b>1.500</b><span class=\"interval\">1.250–1.750</span></td><td>12,345</td>"
                              "<td><b>99.50 %</b> <span class=\"interval\">99.00 % to 100.00 %</span></td><td>0.1 %</td><td class=\"none\">–</td>"));
  EXPECT_THAT(page, HasSubstr("<td class=\" worse\" style=\"--skill:0.125\"><b>0.250</b></td>"));  // worse than the worst, without an interval
  EXPECT_THAT(page, HasSubstr("<td>none</td><td><b>+0.0400</b> <span class=\"interval\">+0.0300 to +0.0500</span></td>"));
  EXPECT_THAT(page, HasSubstr("<dt>crunch</dt><dd>how loud it breaks</dd>\n<dt>weight</dt>"));  // and nothing about the crumbs
  EXPECT_THAT(page, HasSubstr("The tint grows from flat bread (0) to a brioche (1)."));
  EXPECT_THAT(page, HasSubstr("<p class=\"finding\">It was clean enough.</p>\n<ul class=\"evidence\">\n<li class=\"holds\"><b>Yes</b> the baker washed"
                              "<span class=\"found\">seen by two</span></li>\n<li class=\"lacks\"><b>No</b> the oven was clean</li>\n</ul>"));
}

TEST(Html, AChecklistWithAHeadingIsAFigure) {
  Result result = patch_result();
  auto& certificate = *std::find_if(result.sections.begin(), result.sections.end(), [](const auto& section) { return section.id == "certificate"; });
  certificate.heading = "The ladder";
  certificate.caption = "So high.";
  EXPECT_THAT(html_report(result), HasSubstr("<figcaption><b>The ladder.</b> <span class=\"chip beats\">C3</span> So high.</figcaption>\n<ul class=\"evidence\">"));
}

TEST(Html, ATableWithoutScalesIsOneOfPlainNumbers) {
  Result result = example_result();
  auto& table = body_of<Section::Table>(result, "secondary");
  EXPECT_THAT(html_report(result), HasSubstr("Means over runs and families. The first row is what a perfect contestant shows.</figcaption>"));
  for (auto& column : table.columns) column.ideal.reset();
  EXPECT_THAT(html_report(result), HasSubstr("Means over runs and families.</figcaption>\n<div class=\"wide\"><table class=\"numbers\">"));
  table.rows[0].cells[0] = {0.5, 0.4, 0.6};
  EXPECT_THAT(html_report(result), HasSubstr("Means over runs and families. Intervals are of 90 %.</figcaption>\n<div class=\"wide\"><table class=\"numbers stacked\">"));
}

/// Where such words are needed, they come with the result.
TEST(Html, TheReportsOwnWordsAreOfNoDiscipline) {
  const std::regex words("patch|repair|detector|insult|behaviour|anomal|hooked|baked|starved|papers|certificate|robustness|side.effect");
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/report")) {
    const std::string name = entry.path().filename();
    if (entry.is_directory() || name.ends_with("_test.cpp") || name == "test_example.h") continue;
    ++files;
    const std::string code = std::regex_replace(read_file(entry.path()), std::regex("//[^\n]*"), "");  // comments may give examples
    std::smatch found;
    EXPECT_FALSE(std::regex_search(code, found, words)) << name << ": " << found.str();
  }
  EXPECT_GT(files, 40u);
}

TEST(Html, ARepairWithoutAnyOfThemHasNoSuchPart) {
  Result result = patch_result();
  std::erase_if(result.sections, [](const auto& section) { return section.id != "doses" && section.id != "side_effects"; });
  body_of<Section::Curves>(result, "doses").slopes.clear();
  for (auto& cloud : body_of<Section::Scatter>(result, "side_effects").clouds) cloud.points.clear();
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* title : {"Does it hold?", "With fewer examples", "class=\"slope\"", "Ten times as much", "curves scatter", "What tuning gave"})
    EXPECT_THAT(page, Not(HasSubstr(title))) << title;
  EXPECT_THAT(page, HasSubstr("If it had seen some"));
  EXPECT_THAT(page, HasSubstr("Operating points"));
}

TEST(Html, NoLevelIsSaidSo) {
  Result result = patch_result();
  body_of<Section::Checklist>(result, "certificate").items[0].holds = false;
  EXPECT_THAT(html_report(Result::from_json(result.to_json())), HasSubstr("<span class=\"chip loses\">NO LEVEL</span>"));
}

TEST(Html, WorseThanNoSkillHasAnotherTint) {
  Result result = example_result();
  for (auto& contestant : result.contestants)
    for (auto& family : contestant.score.families) family.value = std::max(family.value, 0.5);
  EXPECT_EQ(times(html_report(result), "class=\" worse\""), 0u);
  result.contestants[0].score.families[0] = {0.4, 0.3, 0.45};
  EXPECT_EQ(times(html_report(result), "class=\" worse\" style=\"--skill:0.200\""), 1u);
}

TEST(Html, ColoursADifferenceOnlyWhereItsIntervalExcludesZero) {
  Result result = example_result();
  std::erase_if(result.contestants, [](const auto& it) { return it.challenger() && it.name != "reconstruction_error"; });
  std::erase_if(result.differences, [](const auto& it) { return it.challenger != "reconstruction_error"; });
  result.verdict.all.resize(1);
  result.sections.clear();
  result.necessity.controls.clear();
  result.differences[2].score.mean = {-0.01, -0.03, 0.01};
  const std::string page = html_report(result);
  EXPECT_EQ(times(page, "<g class=\"mark behind\">"), 2u);  // perplexity, Mahalanobis distance
  EXPECT_EQ(times(page, "<g class=\"mark open\">"), 1u);    // k nearest neighbours
  EXPECT_EQ(times(page, "<g class=\"mark ahead\">"), 3u);   // PCA residual, isolation forest, activation norm
}

TEST(Datasheet, FreeJsonBecomesLists) {
  const auto html = [](std::string_view json) { return datasheet_html(parse_json(json, "test")); };
  EXPECT_EQ(html(R"({"planted_facts": 12000, "year": 2024, "loss": 2.5, "ok": true, "kinds": ["a", 1]})"),
            "<dl>\n<dt>planted facts</dt><dd>12,000</dd>\n<dt>year</dt><dd>2024</dd>\n<dt>loss</dt><dd>2.5</dd>\n"
            "<dt>ok</dt><dd>yes</dd>\n<dt>kinds</dt><dd>a, 1</dd>\n</dl>");
  EXPECT_EQ(html(R"([{"a": null}])"), "<ol>\n<li><dl>\n<dt>a</dt><dd>none</dd>\n</dl></li>\n</ol>");
}

TEST(Datasheet, SettingsAreOneLine) {
  EXPECT_EQ(settings_text(parse_json(R"({"k": 8, "learning_rate": 0.001})", "test")), "k 8, learning rate 0.001");
  EXPECT_EQ(settings_text(Json::object()), "nothing to choose");
}

TEST(Html, WhoHandedNothingInShowsADash) {
  for (Result result : {example_result(), patch_result()}) {
    // A baseline, and one whose number stands nowhere else.
    auto& silent = *std::find_if(result.contestants.begin(), result.contestants.end(), [](const auto& c) { return c.role == Result::Role::baseline; });
    silent.score.mean = {0.123456, 0.123456, 0.123456};
    for (auto& family : silent.score.families) family = silent.score.mean;
    for (auto& run : silent.runs) run.nothing = true;
    for (auto& section : result.sections)
      if (auto* table = std::get_if<Section::Table>(&section.body))
        for (auto& row : table->rows)
          if (row.contestant == silent.name)
            for (auto& cell : row.cells) cell = silent.score.mean;
    const Result reported = Result::from_json(result.to_json());
    for (const std::string& report : {html_report(reported), terminal_report(reported, false, 200)}) {
      EXPECT_THAT(report, Not(HasSubstr("0.123")));
      EXPECT_THAT(report, HasSubstr("A dash: it handed nothing in"));
    }
    EXPECT_THAT(html_report(reported), HasSubstr("Nothing: no trial was allowed and paid for"));
    for (auto& run : silent.runs) run.nothing = false;
    EXPECT_THAT(html_report(result), HasSubstr("0.123"));
  }
}

}  // namespace
}  // namespace fairfight
