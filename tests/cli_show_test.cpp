#include "tests/cli_testing.h"

namespace fairfight {
namespace {

TEST(CliShow, SaysInALineWhyThereIsNoPage) {
  const ScratchFolder scratch;
  const auto out = (scratch / "page.html").string();
  EXPECT_THAT(fairfight_with({"organism", "show", "--help"}).out, HasSubstr("Example:  fairfight organism show"));
  copy_organism(scratch / "old");
  Json datasheet = read_json(scratch / "old/datasheet.json");
  datasheet["grammar"] = "of last year";
  write_text(scratch / "old/datasheet.json", dump_json(datasheet));
  expect_refused(fairfight_with({"organism", "show", (scratch / "old").string(), "--out", out}), "is of grammar of last year");
  expect_refused(fairfight_with({"organism", "show", "no-such-town", "--out", out}), "no-such-town");
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace fairfight
