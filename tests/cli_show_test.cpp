#include "tests/cli_testing.h"

namespace fairfight {
namespace {

TEST(CliShow, SaysInALineWhyThereIsNoPage) {
  const ScratchFolder scratch;
  const auto out = (scratch / "page.html").string();
  EXPECT_THAT(fairfight_with({"organism", "show", "--help"}).out, HasSubstr("Example:  fairfight organism show"));
  expect_refused(fairfight_with({"organism", "show", "organisms/tinytown-0", "--out", out}), "is of tinytown, expected an organism of tinytown2");
  expect_refused(fairfight_with({"organism", "show", "no-such-town", "--out", out}), "no-such-town");
  EXPECT_FALSE(fs::exists(out));
}

}  // namespace
}  // namespace fairfight
