#include "tests/cli_testing.h"

namespace fairfight {
namespace {

const fs::path kRoot = FAIRFIGHT_ROOT;

/// The board of all the results in a folder.
Outcome board_of(const fs::path& results, std::vector<std::string> options) {
  std::vector<std::string> words{"board"};
  for (const auto& entry : fs::directory_iterator(results)) words.push_back(entry.path().string());
  std::sort(words.begin() + 1, words.end());
  words.insert(words.end(), options.begin(), options.end());
  return fairfight_with(words);
}

/// tools/publish makes both of what lies in docs/results. The page has links to what lies there.
TEST(CliBoard, WhatIsPublishedIsMadeOfItsResults) {
  for (const auto& entry : fs::directory_iterator(kRoot / "docs/results"))
    for (const char* file : {"result.json", "registration.json", "report.html"}) EXPECT_TRUE(fs::exists(entry.path() / file)) << entry.path();
  const ScratchFolder scratch;
  fs::copy(kRoot / "docs/results", scratch / "results", fs::copy_options::recursive);
  fs::create_directory(scratch / "board");
  const std::string begin = "<!-- fairfight board docs/results/* --markdown -->\n", readme = read_file(kRoot / "README.md");
  const size_t from = readme.find(begin) + begin.size();
  const auto table = board_of(scratch / "results", {"--markdown"});
  ASSERT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("registration "));
  EXPECT_EQ(readme.substr(from, readme.find("<!-- /board -->", from) - from), table.out);
  const auto page = board_of(scratch / "results", {"--out", (scratch / "board/index.html").string()});
  ASSERT_EQ(page.code, 0) << page.err;
  EXPECT_TRUE(read_file(scratch / "board/index.html") == read_file(kRoot / "docs/board/index.html")) << "tools/publish was not run";
}

TEST(CliBoard, AForecastIsWrittenOnceAndScored) {
  const ScratchFolder scratch;
  const std::string file = (scratch / "forecast.toml").string();
  const auto written = fairfight_with({"forecast", "cards/anomaly.toml=0.2", "cards/unrepresented.toml=0.125", "--by", "A. Reader", "--out", file});
  ASSERT_EQ(written.code, 0) << written.err;
  EXPECT_THAT(written.out, HasSubstr("seal "));
  const auto shown = fairfight_with({"board", "--forecast", file});
  ASSERT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("cards/anomaly.toml, A. Reader"));
  EXPECT_THAT(shown.out, HasSubstr("not held yet"));
  expect_refused(fairfight_with({"forecast", "cards/anomaly.toml=0.2", "--by", "A", "--out", file}), "a forecast is not changed");
  for (const char* guess : {"cards/anomaly.toml", "cards/anomaly.toml=1", "cards/anomaly.toml=nan", "cards/anomaly.toml=0.2x"})
    expect_refused(fairfight_with({"forecast", guess, "--by", "A", "--out", (scratch / "other.toml").string()}), "expected CARD=PROBABILITY");
  expect_refused(fairfight_with({"forecast", "cards/none.toml=0.2", "--by", "A", "--out", (scratch / "other.toml").string()}), "cards/none.toml");
  expect_refused(fairfight_with({"board", (scratch / "nothing").string()}), "nothing");
  expect_refused(fairfight_with({"board", "--adjudication", file}), "list");
}

}  // namespace
}  // namespace fairfight
