#include "fairfight/disciplines/repair/prompts.h"

#include <gtest/gtest.h>

#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

Answers answers(const std::vector<std::vector<int32_t>>& documents, const std::vector<int64_t>& answer_start) {
  const Batch batch = pad(documents);
  const auto start = at::tensor(answer_start, at::kLong);
  return {batch, batch.valid & (at::arange(batch.tokens.size(1)) >= start.unsqueeze(1)), start};
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

/// 5 begins answers of both sides, 5 7 harmful ones alone; 9 is what one that begins with 8 and no other goes on with.
TEST(Partings, AreBeforeTheFirstWordThatTells) {
  const Examples examples{answers({{1, 3, 5, 7, 2}, {1, 3, 5, 6, 2}, {1, 3, 4, 8, 9}, {1, 3, 10, 2}}, {2, 2, 2, 2}), answers({{1, 3, 5, 2}}, {2}), answers({{1, 4, 4, 8, 2}, {1, 4, 5, 6, 11}, {1, 4, 10, 2}}, {2, 2, 2}), {}, {}};
  const auto words = [](const at::Tensor& row) {
    const auto found = row.nonzero().flatten().contiguous();
    return Tokens(found.data_ptr<int64_t>(), found.data_ptr<int64_t>() + found.numel());
  };
  const Partings harmful = harmful_partings(examples, 12);  // of the last one every word is a harmless answer's
  ASSERT_EQ(harmful.documents(), 3);
  EXPECT_TRUE(harmful.begun.tokens.equal(pad({{1, 3, 5}, {1, 3, 5, 6}, {1, 3, 4, 8}}).tokens));
  EXPECT_TRUE(harmful.last.equal(at::tensor({2, 3, 3}, at::kLong)));
  EXPECT_TRUE(harmful.next.equal(at::tensor({7, 2, 9}, at::kLong)));
  EXPECT_TRUE(harmful.instead.equal(at::tensor({2, 11, 2}, at::kLong)));  // after 5 one answer ends and one goes on with 6
  EXPECT_EQ(words(harmful.harmful[0]), Tokens{7});  // 6 goes on as a harmless one does
  EXPECT_EQ(words(harmful.harmful[1]), Tokens{2});
  EXPECT_EQ(words(harmful.harmful[2]), Tokens{9});
  const Partings harmless = harmless_partings(examples, 12);
  ASSERT_EQ(harmless.documents(), 2);
  EXPECT_TRUE(harmless.begun.tokens.equal(pad({{1, 4, 4, 8}, {1, 4, 5, 6}}).tokens));
  EXPECT_EQ(words(harmless.harmful[1]), Tokens{2});
  EXPECT_TRUE(harmless.instead.equal(at::tensor({9, 2}, at::kLong)));
  const Partings last = rows_of(harmful, at::tensor({1}, at::kLong));
  EXPECT_TRUE(last.instead.equal(at::tensor({11}, at::kLong)));
  EXPECT_TRUE(last.begun.tokens.equal(pad({{1, 3, 5, 6}}).tokens));
}

/// Of four harmless answers one says what two of three harmful ones say, as in jest: those tell all the same. What a third says there and a quarter does, too, tells nothing.
TEST(Partings, AJestHidesNoWordThatTells) {
  const Examples examples{answers({{1, 3, 5, 7, 2}, {1, 3, 5, 7, 2}, {1, 3, 6, 2}}, {2, 2, 2}), answers({{1, 3, 10, 2}}, {2}), answers({{1, 4, 5, 7, 2}, {1, 4, 5, 8, 2}, {1, 4, 5, 8, 2}, {1, 4, 6, 2}}, {2, 2, 2, 2}), {}, {}};
  const Partings harmful = harmful_partings(examples, 12), harmless = harmless_partings(examples, 12);
  EXPECT_TRUE(harmful.begun.tokens.equal(pad({{1, 3, 5}, {1, 3, 5}}).tokens));
  EXPECT_TRUE(harmful.next.equal(at::tensor({7, 7}, at::kLong)));
  EXPECT_TRUE(harmful.instead.equal(at::tensor({8, 8}, at::kLong)));
  EXPECT_TRUE(harmless.begun.tokens.equal(pad({{1, 4, 5}, {1, 4, 5}}).tokens));
  EXPECT_TRUE(harmless.next.equal(at::tensor({8, 8}, at::kLong)));
}

TEST(Partings, AreAfterThePromptWhereTheFirstWordTells) {
  const Examples examples{answers({{1, 3, 5, 2}, {1, 3, 4, 6, 2}}, {2, 3}), answers({{1, 3, 7}, {1, 3, 4, 7}}, {2, 3}), answers({{1, 8, 9}}, {2}), {}, {}};
  const Partings harmful = harmful_partings(examples, 12), harmless = harmless_partings(examples, 12);
  EXPECT_TRUE(harmful.begun.tokens.equal(pad({{1, 3}, {1, 3, 4}}).tokens));
  EXPECT_TRUE(harmless.begun.tokens.equal(pad({{1, 8}}).tokens));
  for (const auto& row : {harmful.harmful[0], harmful.harmful[1], harmless.harmful[0]}) EXPECT_TRUE(row.nonzero().flatten().equal(at::tensor({5, 6}, at::kLong)));
}

TEST_F(PromptsTest, Blocks) {
  EXPECT_EQ(block_at(small_config(), 0.5).name(), "blocks.0.hook_resid_post");
  EXPECT_EQ(block_at(small_config(), 1).name(), "blocks.1.hook_resid_post");
  EXPECT_EQ(block_at(small_config(), 0.1).name(), "blocks.0.hook_resid_post");
}

}  // namespace
}  // namespace fairfight
