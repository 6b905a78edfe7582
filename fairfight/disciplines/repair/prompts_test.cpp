#include "fairfight/disciplines/repair/prompts.h"

#include <gtest/gtest.h>

#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

Answers answers(const std::vector<std::vector<int32_t>>& documents, const std::vector<int64_t>& answer_start) {
  const Batch batch = pad(documents);
  return {batch, at::zeros_like(batch.valid), at::tensor(answer_start, at::kLong)};
}

class PromptsTest : public testing::Test {
 protected:
  const Transformer model{small_config(), random_weights(small_config(), Random(1, "model"))};
  const Examples examples{answers({{1, 5, 6, 7, 9, 2}, {1, 8, 7, 9, 2}}, {4, 3}), answers({{1, 5, 6, 7, 3, 4}, {1, 8, 7, 3, 4}}, {4, 3}), answers({{1, 5, 7, 10, 2}}, {3}), pad({{1, 11, 12, 2}}), {3, 4}};
  const at::Tensor pool;
  const Ground ground{model, {View{kBetween, pool, {}, nullptr, 0, 0}}, "none", 0};
  Memo model_memo, memo;
  Corner<Repair> corner{ground, "someone", Role::baseline, model_memo, memo, &examples, nullptr};
  const at::NoGradGuard no_grad;

  at::Tensor at_text(const std::vector<int32_t>& document) { return model.at(kBetween, pad({document}).tokens)[0].slice(0, -1)[0]; }
  void expect_rows(const at::Tensor& rows, const std::vector<std::vector<int32_t>>& beginnings) {
    ASSERT_EQ(rows.size(0), int64_t(beginnings.size()));
    for (size_t i = 0; i < beginnings.size(); ++i) EXPECT_LT((rows[int64_t(i)] - at_text(beginnings[i])).abs().max().item<double>(), 1e-5) << i;
  }
};

TEST_F(PromptsTest, EndsAreCountedBackFromTheAnswer) {
  const Meter meter;
  const auto ends = last_prompt_tokens(corner, examples.harmful, kBetween), before = last_prompt_tokens(corner, examples.harmful, kBetween, 1);
  EXPECT_EQ(meter.work().tokens_forward, 14);  // each time the prompts
  expect_rows(ends, {{1, 5, 6, 7}, {1, 8, 7}});
  expect_rows(before, {{1, 5, 6}, {1, 8}});
}

/// And nothing of a longer prompt's neighbour: no text hangs on how long the others are.
TEST_F(PromptsTest, APromptHoldsNothingOfItsAnswer) {
  const Batch prompts = prompts_of(examples.harmful);
  EXPECT_TRUE(prompts.tokens.equal(pad({{1, 5, 6, 7}, {1, 8, 7}}).tokens));
  EXPECT_TRUE(prompts.valid.equal(pad({{1, 5, 6, 7}, {1, 8, 7}}).valid));
}

TEST_F(PromptsTest, OtherRowsAreAllButWhereTheHarmfulAnswerBegins) {
  const auto rows = other_rows(corner, kBetween);
  expect_rows(rows.refused, {{1, 5}, {1, 5, 6}, {1, 5, 6, 7, 3}, {1, 8}, {1, 8, 7, 3}});
  expect_rows(rows.harmless, {{1, 5}, {1, 5, 7}, {1, 5, 7, 10}});
  expect_rows(rows.retained, {{1, 11}, {1, 11, 12}});
  EXPECT_EQ(rows.all().size(0), 10);
}

TEST_F(PromptsTest, ATokenThatDoesNotCountIsNoTextToKeep) {
  Examples masked = examples;
  masked.retained.valid[0][3] = false;
  const Ground other{model, {View{kBetween, pool, {}, nullptr, 0, 0}}, "none", 0};
  Corner<Repair> there{other, "someone", Role::baseline, model_memo, memo, &masked, nullptr};
  expect_rows(other_rows(there, kBetween).retained, {{1, 11}});
}

TEST_F(PromptsTest, FirstWordsAndBlocks) {
  EXPECT_EQ(first_words(examples.harmful), std::vector<int32_t>{9});
  EXPECT_EQ(first_words(answers({{1, 5, 9}, {1, 4, 3}}, {1, 1})), (std::vector<int32_t>{4, 5}));
  EXPECT_EQ(block_at(small_config(), 0.5).name(), "blocks.0.hook_resid_post");
  EXPECT_EQ(block_at(small_config(), 1).name(), "blocks.1.hook_resid_post");
  EXPECT_EQ(block_at(small_config(), 0.1).name(), "blocks.0.hook_resid_post");
}

}  // namespace
}  // namespace fairfight
