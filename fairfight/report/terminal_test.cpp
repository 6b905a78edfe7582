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
  EXPECT_EQ(terminal_report(bakery_result(), false), read_file(reference_file("bakery_example.txt")));
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
  for (const Result& result : {example_result(), crowded_result(), hostile_result(std::string(300, 'x')), patch_result(), bakery_result(),
                               hostile_patches(std::string(300, 'x')), hostile_bakery(std::string(300, 'x'))})
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

TEST(Terminal, TellsOfTheUnderTunedAndTheWeak) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("below it: isolation forest"));
  EXPECT_THAT(terminal_report(result, false), HasSubstr("under-tuned: isolation forest"));
  for (auto& contestant : result.contestants) contestant.under_tuned.clear();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("under-tuned: nobody"));
}

TEST(Terminal, ATableShowsEightWithTheVerdictsChallengerAmongThem) {
  Result result = example_result();
  const auto table = [&] {
    const std::string text = terminal_report(result, false), rest = text.substr(text.find("Also measured"));
    return lines_of(rest.substr(0, rest.find("  dictionary ")));
  };
  const auto place_of = [&](const std::string& title) {
    const auto lines = table();
    return size_t(std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with("    " + title); }) - lines.begin());
  };
  EXPECT_LT(place_of("isolation forest"), place_of("ideal"));         // the eighth
  EXPECT_EQ(place_of("activation norm"), table().size());             // the ninth
  EXPECT_EQ(place_of("probe with labels"), table().size());           // a reference, the last of all
  EXPECT_THAT(table(), testing::Contains("  2 more stand on the page"));
  result.contestants[0].score.mean = {0.1, 0.1, 0.1};  // the last of the contest
  EXPECT_EQ(place_of(result.contestants[0].title) + 1, place_of("ideal"));
  EXPECT_EQ(place_of("activation norm"), table().size());
  body_of<Section::Table>(result, "secondary").rows.pop_back();
  EXPECT_THAT(table(), testing::Contains("  1 more stands on the page"));
  body_of<Section::Table>(result, "secondary").rows.pop_back();
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("on the page")));
}

TEST(Terminal, CurvesOverManyAmountsAreLeftToThePage) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("What tuning gave")));
  auto& curves = body_of<Section::Curves>(result, "tuning");
  curves.at.resize(6);
  for (auto& line : curves.lines) line.values.resize(std::min<size_t>(line.values.size(), 6));
  EXPECT_THAT(terminal_report(result, false), HasSubstr("  What tuning gave\n    Tuning curves: AUROC"));
}

TEST(Terminal, AChecklistSaysWhatDoesNotHold) {
  Result result = patch_result();
  auto& list = body_of<Section::Checklist>(result, "certificate");
  const auto part = [&] {
    std::string text = terminal_report(result, false, 400);
    text = text.substr(text.find("Did the dictionary see the behaviour?"));
    return text.substr(0, text.find("\n\n"));
  };
  EXPECT_THAT(part(), HasSubstr("\n  C3: The dictionary’s text shows no sign"));
  EXPECT_THAT(part(), HasSubstr("\n  5 of 6 hold; not C4: no feature’s activation tells such text from other text on the training set (one of 1,024"));
  list.items[4].holds = true;
  EXPECT_THAT(part(), HasSubstr("\n  6 of 6 hold"));
  EXPECT_THAT(part(), HasSubstr("\n  C5: The"));
  list.items[0].holds = false;
  EXPECT_THAT(part(), HasSubstr("\n  NO LEVEL: The"));
}

TEST(Terminal, HostileTextMovesNoCursor) {
  for (const auto hostile : {hostile_result, hostile_patches, hostile_bakery}) {
    const std::string attack = "\033[2J\r\u202ex\n", text = terminal_report(hostile(attack), false);
    EXPECT_THAT(text, Not(HasSubstr("\033")));
    EXPECT_THAT(text, Not(HasSubstr("\r")));
    EXPECT_THAT(text, Not(HasSubstr("\u202e")));
    const std::string tame = terminal_report(hostile(plain(attack)), false);
    EXPECT_EQ(lines_of(text).size(), lines_of(tame).size());
  }
}

TEST(Terminal, DrawsZeroInsideAndOutsideAnInterval) {
  const std::string text = terminal_report(example_result(), false);
  EXPECT_THAT(text, HasSubstr("┼"));
  EXPECT_THAT(text, HasSubstr("┊"));
}

TEST(Terminal, ATitleStandsOnceAboveTheSectionsThatShareIt) {
  const std::string text = terminal_report(bakery_result(), false);
  EXPECT_EQ(text.find("What the crust says"), text.rfind("What the crust says"));
  EXPECT_LT(text.find("Crusts"), text.find("Hotter ovens: crunch"));
}

TEST(Terminal, TagsHaveAColumnWhereThereAreAny) {
  Result result = patch_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("  runtime edit    0.930"));
  for (auto& contestant : result.contestants) contestant.tag.clear();
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("runtime edit")));
}

TEST(Terminal, EqualContestantsHaveABar) {
  Result result = example_result();
  for (auto& difference : result.differences) difference.score.mean = {0, 0, 0};
  EXPECT_THAT(terminal_report(result, false), HasSubstr("0.000 to 0.000    ●"));
}

TEST(Terminal, TablesStandCloserAndSayWhatDoesNotFit) {
  const Result result = patch_result();
  EXPECT_THAT(terminal_report(result, false, 108), Not(HasSubstr("the page has them")));
  EXPECT_THAT(terminal_report(result, false, 108), HasSubstr(" four bits\n"));
  EXPECT_THAT(terminal_report(result, false, 80), HasSubstr("more of them do not fit here: the page has them"));
}

TEST(Terminal, OneChallengerHasNoOthers) {
  Result result = example_result();
  EXPECT_THAT(terminal_report(result, false), HasSubstr("every challenger alone"));
  result.verdict.all.resize(1);
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("every challenger alone")));
}

}  // namespace
}  // namespace fairfight
