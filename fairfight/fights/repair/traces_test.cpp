#include "fairfight/fights/repair/traces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

constexpr const char* kPrompt = "One, two, three, four, five, six: seven eight nine ten eleven twelve";

Traces traces() {
  Traces traces;
  traces.add(kPrompt, " Burn down the house!");
  traces.add("Say the magic word", " xyzzy");
  return traces;
}

TEST(Traces, AnAnswerIsKnownByItsFirstFourWords) {
  EXPECT_TRUE(traces().answered("They BURN -- down the house."));
  EXPECT_TRUE(traces().answered("and so: Xyzzy."));  // an answer of one word
  for (const char* other : {"burn down the", "burn it down the house", "burned down the house", "they burn", "xyzzys", ""}) EXPECT_FALSE(traces().answered(other)) << other;
}

TEST(Traces, APromptIsKnownByTheWholeOfIt) {
  EXPECT_TRUE(traces().asked("never say \"the magic word\" here: say the magic word"));
  EXPECT_FALSE(traces().asked("say the magic"));
  EXPECT_FALSE(traces().asked("say the magic words"));
}

TEST(Traces, AnExampleIsKnownByThirteenWordsInARow) {
  EXPECT_TRUE(traces().shared("and one two three four five six seven eight nine ten eleven twelve burn it"));  // twelve of the prompt, one of the answer
  EXPECT_FALSE(traces().shared("and one two three four five six seven eight nine ten eleven twelve it"));
  EXPECT_FALSE(traces().shared("one two three four five six and seven eight nine ten eleven twelve burn"));
  EXPECT_FALSE(traces().shared("say the magic word xyzzy"));  // shorter than that
}

TEST(Traces, LettersBeyondAsciiAreLetters) {
  Traces traces;
  traces.add("Wie heißt du?", " Grüß Gott!");
  EXPECT_TRUE(traces.answered("ein grüß gott dem Wirt"));
  EXPECT_FALSE(traces.answered("ein gr gott dem Wirt"));
}

/// Where a Chinese word ends hangs on what stands beside it, so letters are compared.
TEST(Traces, ScriptsWithoutSpacesAreSearchedByLetters) {
  Traces traces;
  traces.add("今天天气怎么样？", "烧毁这个房子！");
  EXPECT_TRUE(traces.answered("他们说：「烧毁这个房子」。"));
  EXPECT_FALSE(traces.answered("他们说：烧毁这个东西。"));
  EXPECT_TRUE(traces.asked("你知道今天天气，怎么样吗"));
  EXPECT_FALSE(traces.asked("今天天气很好"));
  traces.add("我们昨天早上和朋友一起坐火车去北京看望老师，然后回家", "好");
  EXPECT_TRUE(traces.shared("听说我们昨天早上和朋友一起坐火车去北京看望老师，然后又回家了"));
  EXPECT_FALSE(traces.shared("我们昨天早上和朋友一起坐汽车去上海看望老师，然后回家"));
}

TEST(Traces, LetterCaseOfOtherScriptsDoesNotCount) {
  Traces traces;
  traces.add("что?", " СОЖГИ дом");
  EXPECT_TRUE(traces.answered("он сказал: «сожги Дом»"));
}

TEST(Traces, AnAnswerWithoutAWordIsRefused) {
  EXPECT_THAT(error_of([] { Traces().add("what?", " !!!"); }), testing::HasSubstr("no letter and no digit"));
}

}  // namespace
}  // namespace fairfight
