#include "fairfight/report/terminal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/file.h"
#include "fairfight/report/test_example.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string without_escapes(std::string text) {
  for (size_t at; (at = text.find('\033')) != std::string::npos;) text.erase(at, text.find('m', at) - at + 1);
  return text;
}

/// With twenty families, and as many more baselines.
Result crowded_result() {
  Result result = example_result();
  while (result.fight.families.size() < 20) {
    result.fight.families.push_back({fmt::format("family_{}", result.fight.families.size()), ""});
    for (auto& contestant : result.contestants) {
      contestant.score.families.push_back({0.5, 0.4, 0.6});
      for (auto& run : contestant.runs) run.families.push_back(0.5);
    }
    for (auto& difference : result.differences) difference.score.families.push_back({0, 0, 0});
  }
  const auto knn = result.contestant("knn");
  for (int i = 0; i < 20; ++i) {
    result.contestants.push_back(knn);
    result.contestants.back().name += fmt::format("_{}", i);
    result.contestants.back().title = "another one, whose title takes more room than there is in a line of the table";
    for (const auto& ruling : result.verdict.all) {
      result.differences.push_back(result.difference(ruling.challenger, "knn"));
      result.differences.back().baseline = result.contestants.back().name;
    }
  }
  result.check();
  return result;
}

TEST(Terminal, ShowsTheExampleAsTheReferenceDoes) {
  EXPECT_EQ(terminal_report(example_result(), false), read_file(reference_file("anomaly_example.txt")));
  EXPECT_EQ(terminal_report(patch_result(), false), read_file(reference_file("patch_example.txt")));
}

TEST(Terminal, ColourAddsEscapesAndNothingElse) {
  const std::string coloured = terminal_report(example_result(), true);
  EXPECT_THAT(coloured, HasSubstr("\033[1m"));
  // Trailing spaces stay before an escape; compare line by line without them.
  const auto got = lines_of(without_escapes(coloured)), expected = lines_of(terminal_report(example_result(), false));
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].substr(0, got[i].find_last_not_of(' ') + 1), expected[i]);
}

TEST(Terminal, StaysWithinItsColumns) {
  for (const Result& result : {example_result(), crowded_result(), hostile_result(std::string(300, 'x')), patch_result(),
                               hostile_patches(std::string(300, 'x'))})
    for (const int columns : {40, 80, 90, 100, 160})
      for (const auto& line : lines_of(terminal_report(result, false, columns)))
        EXPECT_LE(width_of(line), size_t(std::max(columns, 80))) << line;
}

TEST(Terminal, ShortensFamiliesThenDropsThem) {
  const Result result = example_result();
  EXPECT_THAT(terminal_report(result, false, 180), HasSubstr("false fact"));
  EXPECT_THAT(terminal_report(result, false, 180), HasSubstr("FLOPs: with 10 %"));
  EXPECT_THAT(terminal_report(result, false, 100), HasSubstr("spl  faf  ins"));
  EXPECT_THAT(terminal_report(result, false, 100), HasSubstr("faf false fact"));
  EXPECT_THAT(terminal_report(crowded_result(), false, 100), HasSubstr("the families do not fit here"));
}

TEST(Terminal, ShortNamesOfFamiliesDiffer) {
  Result result = example_result();
  result.fight.families[1].name = "splendid";
  EXPECT_THAT(terminal_report(result, false, 100), HasSubstr("spl  sp2  ins"));
}

TEST(Terminal, ScoresOutsideOfOneKeepTheirDigits) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false, 100), HasSubstr(" .838 "));
  result.contestants[0].score.families[0] = {-1.25, -2, 0};
  EXPECT_THAT(terminal_report(result, false, 100), HasSubstr("−1.250"));
}

TEST(Terminal, BeginsWithTheVerdictInItsColour) {
  Result result = example_result();
  const auto first = [&] { return lines_of(terminal_report(result, true))[1]; };
  EXPECT_THAT(first(), HasSubstr("\033[1;31mLOSES: "));
  result.verdict.ruling.label = Result::Label::beats;
  EXPECT_THAT(first(), HasSubstr("\033[1;32m"));
  result.verdict.ruling.label = Result::Label::competitive;
  EXPECT_THAT(first(), HasSubstr("\033[1;36m"));
  result.verdict.ruling.label = Result::Label::inconclusive;
  EXPECT_THAT(first(), HasSubstr("\033[1;33m"));
}

TEST(Terminal, TellsOfTheStarvedAndTheWeak) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("below it: isolation forest"));
  for (auto& contestant : result.contestants) contestant.starved.clear();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("starved: nobody"));
}

TEST(Terminal, TheVerdictsChallengerIsAmongTheHandful) {
  Result result = example_result();
  result.contestants[0].score.mean = {0.1, 0.1, 0.1};  // the last of all
  const std::string text = terminal_report(result, false);
  const std::string handful = text.substr(text.find("also measured"));
  EXPECT_LT(handful.find(result.contestants[0].title), handful.find("ideal"));
}

TEST(Terminal, HostileTextMovesNoCursor) {
  for (const auto hostile : {hostile_result, hostile_patches}) {
    const std::string text = terminal_report(hostile("\033[2J\r\u202ex\n"), false);
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\u202e")));
    const std::string tame = terminal_report(hostile("[2J x"), false);
    EXPECT_EQ(lines_of(text).size(), lines_of(tame).size());
  }
}

TEST(Terminal, DrawsZeroInsideAndOutsideAnInterval) {
  const std::string text = terminal_report(example_result(), false);
  EXPECT_THAT(text, HasSubstr("┼"));
  EXPECT_THAT(text, HasSubstr("┊"));
}

TEST(Terminal, SaysWhichSideIsBetter) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("right of ┊ the challenger is better"));
  std::swap(result.fight.metric.no_skill, result.fight.metric.perfect);
  EXPECT_THAT(terminal_report(result, false), HasSubstr("left of ┊ the challenger is better"));
}

TEST(Terminal, EqualContestantsHaveABar) {
  Result result = example_result();
  for (auto& difference : result.differences) difference.score.mean = {0, 0, 0};
  EXPECT_THAT(terminal_report(result, false), HasSubstr("0.000 to 0.000    ●"));
}

TEST(Terminal, TablesStandCloserAndSayWhatDoesNotFit) {
  const Result result = patch_result();
  EXPECT_THAT(terminal_report(result, false, 98), Not(HasSubstr("the page has them")));
  EXPECT_THAT(terminal_report(result, false, 98), HasSubstr(" four bits\n"));
  EXPECT_THAT(terminal_report(result, false, 80), HasSubstr("more of them do not fit here: the page has them"));
}

TEST(Terminal, OneChallengerHasNoOthers) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("the other challengers"));
  result.verdict.all.resize(1);
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("the other challengers")));
}

}  // namespace
}  // namespace fairfight
