#include "fairfight/report/terminal.h"

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

TEST(Terminal, ShowsTheExampleAsTheReferenceDoes) {
  EXPECT_EQ(terminal_report(example_result(), false), read_file(reference_file("anomaly_example.txt")));
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
  for (const int columns : {40, 80, 90, 100, 160})
    for (const auto& line : lines_of(terminal_report(example_result(), false, columns)))
      EXPECT_LE(width_of(line), size_t(std::max(columns, 80))) << line;
}

TEST(Terminal, HostileTextMovesNoCursor) {
  const std::string text = terminal_report(hostile_result("\033[2J\r\u202ex\n"), false);
  EXPECT_THAT(text, Not(HasSubstr("\033")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_THAT(text, Not(HasSubstr("\u202e")));
  const std::string tame = terminal_report(hostile_result("[2J x"), false);
  EXPECT_EQ(lines_of(text).size(), lines_of(tame).size());
}

TEST(Terminal, DrawsZeroInsideAndOutsideAnInterval) {
  const std::string text = terminal_report(example_result(), false);
  EXPECT_THAT(text, HasSubstr("┼"));  // k nearest neighbours
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

TEST(Terminal, WorksWithoutAChallenger) {
  Result result = example_result();
  std::erase_if(result.contestants, [](const auto& contestant) { return contestant.challenger; });
  result.differences.clear();
  result.check();
  EXPECT_THAT(terminal_report(result, false), Not(HasSubstr("minus")));
}

}  // namespace
}  // namespace fairfight
