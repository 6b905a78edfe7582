#include "fairfight/report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <utility>

#include "fairfight/report/papers.h"
#include "fairfight/report/svg.h"
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
  const std::string page = html_report(hostile_result("https://evil.example/<script>"));
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
  for (const char* loader : {"url(", "@import", "src=", "<link rel=\"stylesheet", "<iframe", "<object"})
    EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
}

TEST(Html, HostileTextAddsNoElement) {
  for (const char* attack : {"</script><img onerror=1>", "\"><svg onload=1>", "'><b>", "</style><!--", "]]>", "\xff<a>"}) {
    EXPECT_EQ(elements(html_report(hostile_result(attack))), elements(html_report(hostile_result("tame")))) << attack;
    EXPECT_THAT(html_report(hostile_result(attack)), HasSubstr(escape(attack)));
  }
}

TEST(Html, ElementsAreClosedInOrder) {
  std::vector<std::string> open;
  for (const auto& name : elements(html_report(example_result()))) {
    const bool is_void = std::set<std::string>{"!doctype", "meta", "link", "line", "circle", "path"}.contains(name);
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
  EXPECT_THAT(page, HasSubstr(escape(result.leader.sentence)));
  EXPECT_THAT(page, HasSubstr(result.registration.sha256));
  EXPECT_THAT(page, HasSubstr("fairfight fight cards/anomaly.toml --out D"));
  for (const auto& contestant : result.contestants) {
    EXPECT_GE(count(page, escape(contestant.title)), 4u) << contestant.title;  // score table, plot, roster, ledger
    EXPECT_THAT(page, HasSubstr(escape(contestant.about)));
    EXPECT_THAT(page, HasSubstr(si(contestant.ledger.charged_flops.at_10)));
    for (const auto& family : contestant.score.families)
      for (const double number : {family.value, family.low, family.high}) EXPECT_THAT(page, HasSubstr(fixed(number, 3)));
  }
  for (const auto& [challenger, baseline, score] : result.differences)
    for (const double number : {score.mean.value, score.mean.low, score.mean.high})
      EXPECT_THAT(page, HasSubstr(signed_fixed(number, 3)));
  for (const auto& quality : result.dictionary.trained) EXPECT_THAT(page, HasSubstr(fixed(quality.fvu, 4)));
  for (const auto& model : result.models) EXPECT_THAT(page, HasSubstr(model.sha256));
}

TEST(Html, NumbersStayFiniteAtTheExtremes) {
  Result result = example_result();
  result.contestants[0].score.mean = {-1e9, -1e9, 1e9};
  result.contestants[1].score.families[0] = {1e9, 1e9, 1e9};
  result.contestants[0].ledger.charged_flops.at_100 = 1e40;
  result.contestants[0].ledger.seconds = 1e40;
  result.differences[0].score.mean = {0, -1e9, 1e9};
  result.dictionary.trained[0].kl = -1e-300;
  const std::string page = html_report(Result::from_json(result.to_json()));
  for (const char* word : {"nan", "inf", "infinity"}) EXPECT_FALSE(words(page).contains(word)) << word;
  EXPECT_THAT(page, Not(HasSubstr("−0.0000")));
}

TEST(Html, WorseThanNoSkillHasAnotherTint) {
  Result result = example_result();
  EXPECT_EQ(count(html_report(result), "class=\" worse\""), 0u);
  result.contestants[0].score.families[0] = {0.4, 0.3, 0.45};
  EXPECT_EQ(count(html_report(result), "class=\" worse\" style=\"--skill:0.200\""), 1u);
}

TEST(Html, ColoursADifferenceOnlyWhereItsIntervalExcludesZero) {
  const std::string page = html_report(example_result());
  EXPECT_EQ(count(page, "<g class=\"mark behind\">"), 2u);  // perplexity, Mahalanobis distance
  EXPECT_EQ(count(page, "<g class=\"mark open\">"), 1u);    // k nearest neighbours
  EXPECT_EQ(count(page, "<g class=\"mark ahead\">"), 2u);   // PCA residual, activation norm
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

}  // namespace
}  // namespace fairfight
