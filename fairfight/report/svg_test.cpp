#include "fairfight/report/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Escape, LeavesNoMarkup) {
  EXPECT_EQ(escape("</script><img src=\"x\" onerror='1'>&"),
            "&lt;/script&gt;&lt;img src=&quot;x&quot; onerror=&#39;1&#39;&gt;&amp;");
}

TEST(Escape, LeavesNoAddressToGrepFor) {
  EXPECT_EQ(escape("https://a.b HTTP hhttp"), "&#104;ttps://a.b &#72;TTP h&#104;ttp");
  EXPECT_EQ(escape("htt"), "htt");
}

TEST(Axis, CoversItsRangeWithRoundTicks) {
  const Axis axis(-0.11, 0.16);
  EXPECT_THAT(axis.ticks(), ElementsAre(DoubleNear(-0.15, 1e-12), DoubleNear(-0.1, 1e-12), DoubleNear(-0.05, 1e-12), 0,
                                        DoubleNear(0.05, 1e-12), DoubleNear(0.1, 1e-12), DoubleNear(0.15, 1e-12),
                                        DoubleNear(0.2, 1e-12)));
  EXPECT_EQ(axis.label(axis.ticks()[0]), "−0.15");
  EXPECT_LT(axis.at(-0.15), axis.at(0));
  EXPECT_NEAR(axis.at(0.1) - axis.at(0.05), axis.at(-0.05) - axis.at(-0.1), 1e-9);
}

TEST(Axis, StaysFiniteAtTheExtremes) {
  for (const auto& [low, high] : {std::pair(0.0, 0.0), {-1e9, 1e9}, {1e9, 1e9}, {0.5, 0.5 + 1e-15}, {-1e-300, 1e-300}}) {
    const Axis axis(low, high);
    EXPECT_GE(axis.ticks().size(), 2u);
    EXPECT_LE(axis.ticks().size(), 12u);
    EXPECT_TRUE(axis.at(low) > 0 && axis.at(high) < 100) << low << " " << high;
    EXPECT_NE(axis.label(axis.ticks().front()), axis.label(axis.ticks().back()));
  }
}

TEST(Plot, PutsMarksWhereTheyBelong) {
  const Axis axis(0, 1);  // 0 at 3 %, 1 at 97 %
  const Mark mark{{0.5, 0, 1}, Shape::circle, "open", 10, 4, true, {0.25}};
  const std::string html = plot(axis, {0, 0}, 20, {{"one", "0.5", {mark}}}, "low", "high");
  EXPECT_THAT(html, HasSubstr(R"(<line x1="3.00%" x2="97.00%" y1="10" y2="10")"));
  EXPECT_THAT(html, HasSubstr(R"(<circle cx="50.00%" cy="10" r="4"/>)"));
  EXPECT_THAT(html, HasSubstr(R"(class="whisper" cx="26.50%")"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">one</th>"));
}

TEST(Plot, ABandLiesBetweenOriginAndEdge) {
  const Axis axis(0, 1);
  EXPECT_THAT(plot(axis, {0, 0}, 20, {{"", "", {}}}, "", ""), Not(HasSubstr("<rect")));
  const char* band = R"(<rect class="band" x="26.50%" width="47.00%" y="0" height="20"/>)";
  EXPECT_THAT(plot(axis, {0.25, 0.75}, 20, {{"", "", {}}}, "", ""), HasSubstr(band));
  EXPECT_THAT(plot(axis, {0.75, 0.25}, 20, {{"", "", {}}}, "", ""), HasSubstr(band));
  EXPECT_THAT(plot(axis, {0.75, 0.25}, 20, {{"", "", {}}}, "", ""), HasSubstr(R"(<line class="edge" x1="26.50%")"));
}

TEST(Plot, DrawsAnIntervalOnlyWhereAsked) {
  const Axis axis(0, 1);
  for (const Shape shape : {Shape::circle, Shape::square, Shape::triangle, Shape::diamond}) {
    Mark mark{{0.5, 0.2, 0.8}, shape, "open", 10, 4, false, {}};
    EXPECT_THAT(plot(axis, {0, 0}, 20, {{"", "", {mark}}}, "", ""), Not(HasSubstr("stroke-width")));
    mark.whiskers = true;
    EXPECT_THAT(plot(axis, {0, 0}, 20, {{"", "", {mark}}}, "", ""), HasSubstr("stroke-width"));
  }
}

}  // namespace
}  // namespace fairfight
