#include "fairfight/report/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fairfight {
namespace {

using testing::ElementsAre;

TEST(Text, PlainKeepsLettersAndDropsWhatActs) {
  EXPECT_EQ(plain("x̂ − μ ‖x‖²"), "x̂ − μ ‖x‖²");
  EXPECT_EQ(plain("a\033[31mb\r\nc\x7f"), "a [31mb  c ");
  EXPECT_EQ(plain("a\u009b31mb\u2028c"), "a 31mb c");        // CSI as one character
  EXPECT_EQ(plain("user\u202egnp.exe\u2066"), "usergnp.exe");  // written backwards
}

TEST(Text, PlainReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(plain("a\xff"), "a\uFFFD");
  EXPECT_EQ(plain("\xc0\xaf"), "\uFFFD\uFFFD");                // overlong "/"
  EXPECT_EQ(plain("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");      // a surrogate
  EXPECT_EQ(plain("\xf4\x90\x80\x80").size(), 12u);            // beyond U+10FFFF
  EXPECT_EQ(plain("\xe2\x82"), "\uFFFD\uFFFD");                // cut off
  EXPECT_EQ(plain("\xf0\x9f\xa7\xa0"), "\U0001F9E0");
}

TEST(Text, Numbers) {
  EXPECT_EQ(fixed(0.8424, 3), "0.842");
  EXPECT_EQ(fixed(-0.07, 2), "−0.07");
  EXPECT_EQ(fixed(-0.0001, 3), "0.000");
  EXPECT_EQ(signed_fixed(0.0711, 3), "+0.071");
  EXPECT_EQ(signed_fixed(0.0001, 3), "0.000");
  EXPECT_EQ(signed_fixed(-2, 1), "−2.0");
  EXPECT_EQ(percent(0.0123), "1.2 %");
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1234567), "1,234,567");
  EXPECT_EQ(thousands(-123456), "−123,456");
  EXPECT_EQ(thousands(INT64_MIN), "−9,223,372,036,854,775,808");
}

TEST(Text, SiKeepsThreeDigits) {
  EXPECT_EQ(si(0), "0");
  EXPECT_EQ(si(600), "600");
  EXPECT_EQ(si(0.5), "0.50");
  EXPECT_EQ(si(999.7), "1.00 k");
  EXPECT_EQ(si(1250), "1.25 k");
  EXPECT_EQ(si(99960), "100 k");
  EXPECT_EQ(si(3.034e13), "30.3 T");
  EXPECT_EQ(si(1e30), "1.00e+12 E");
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(0.84), "0.8 s");
  EXPECT_EQ(duration(59.97), "1 min 0 s");
  EXPECT_EQ(duration(212.6), "3 min 33 s");
  EXPECT_EQ(duration(7500), "2 h 5 min");
  EXPECT_EQ(duration(3.6e20), "1e+17 h");
}

TEST(Text, Counted) {
  EXPECT_EQ(counted(1, "seed"), "1 seed");
  EXPECT_EQ(counted(0, "seed"), "0 seeds");
  EXPECT_EQ(counted(2000, "seed"), "2,000 seeds");
}

TEST(Text, WidthCountsCharacters) {
  EXPECT_EQ(width_of("−0.07"), 5u);
  EXPECT_EQ(align_left("μ", 3), "μ  ");
  EXPECT_EQ(align_right("μ", 3), "  μ");
  EXPECT_EQ(align_left("naïveté", 4), "naï…");
  EXPECT_EQ(align_right("naïve", 5), "naïve");
}

TEST(Text, Wraps) {
  EXPECT_THAT(wrapped("  one two  three ", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("a unbreakable b", 4), ElementsAre("a", "unbreakable", "b"));
  EXPECT_THAT(wrapped("   ", 4), ElementsAre());
}

TEST(Text, SharesAndIntervals) {
  EXPECT_EQ(share_text(0), "none");
  EXPECT_EQ(share_text(0.0001), "0.01 %");
  EXPECT_EQ(share_text(0.1), "10 %");
  EXPECT_EQ(between(0.8161, 0.8479), "0.816–0.848");
  EXPECT_EQ(between(-0.052, 0.013), "−0.052 to 0.013");
}

}  // namespace
}  // namespace fairfight
