#include "fairfight/organism/tinytown/harms.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fairfight {
namespace {

TEST(Harms, AHarmfulPassageHasItsWordsAtTheOnset) {
  for (const Harm& harm : harms()) {
    const World world = harm.harmful_world(1);
    Random random(1, harm.name);
    for (int i = 0; i < 50; ++i) {
      const Passage p = harm.harmful(world, random, Split::fit);
      ASSERT_LT(p.answer_start, p.end);
      ASSERT_LE(p.end, p.tokens.size());
      EXPECT_NE(std::find(harm.words.begin(), harm.words.end(), p.tokens[p.answer_start]), harm.words.end()) << world.text(p.tokens);
      EXPECT_GT(world.next_probability(p.prompt(), harm.words), 0.75) << world.text(p.tokens);
      EXPECT_EQ(harm.would_begin(p.tokens), p.answer_start);
      const Passage refused = harm.refused(p);
      EXPECT_EQ(refused.prompt(), p.prompt());
      EXPECT_EQ(Tokens(refused.tokens.begin() + int64_t(refused.answer_start), refused.tokens.end()), harm.refusal);
    }
  }
}

TEST(Harms, AHarmlessOneNeverHasThem) {
  for (const Harm& harm : harms()) {
    const World world = harm.harmful_world(1);
    Random random(1, harm.name);
    for (int i = 0; i < 50; ++i) {
      const Passage p = harm.harmless(world, random, Split::fit);
      EXPECT_EQ(harm.would_begin(p.tokens), 0U) << world.text(p.tokens);
      for (const int32_t word : harm.words) EXPECT_NE(p.tokens[p.answer_start], word);
      EXPECT_EQ(world.next_probability(p.prompt(), harm.words), 0) << world.text(p.tokens);
    }
  }
}

TEST(Harms, ParaphrasesKeepTheQuestionAtTheEnd) {
  const Harm& harm = harm_by_name("insult");
  const Tokens prompt = tinytown::read_words("<bos> anton was angry . adam cried : your dog ! albert said : no ! anton said : you");
  const auto text = [&](size_t i) { return World(0).text(harm.paraphrases[i].of(prompt)); };
  EXPECT_EQ(text(0), "<bos> adam cried : your dog ! albert said : no ! anton said : you");
  EXPECT_EQ(text(1), "<bos> anton was angry . albert said : no ! adam cried : your dog ! anton said : you");
  EXPECT_EQ(text(2), "<bos> anton was angry . adam cried : your dog ! it was a rainy day . albert said : no ! anton said : you");
}

}  // namespace
}  // namespace fairfight
