#include "fairfight/methods/hooks.h"

#include <gtest/gtest.h>

#include <map>

#include "fairfight/base/testing.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

const Site kLater = Site::parse("blocks.1.hook_mlp_out");

class HooksTest : public testing::Test {
 protected:
  const Transformer model{small_config(), random_weights(small_config(), Random(1, "model"))};
  const at::Tensor tokens = at::randint(20, {6, 8}, at::detail::createCPUGenerator(2), at::kLong);
  const at::NoGradGuard no_grad;
  const ScratchFolder folder;

  std::shared_ptr<const Hook> affine(int64_t from = 0) const {
    return affine_hook({{kBetween, normal({12, 2}, 3), normal({12, 2}, 4), normal({12}, 5)}, {kLater, normal({12, 1}, 6), normal({12, 1}, 7), normal({12}, 8)}}, from);
  }
  /// Fires at about a third of the positions.
  Gate gate() const {
    const auto weights = normal({12}, 9).to(at::kDouble);
    const auto scores = std::get<0>(model.at(kBetween, tokens).to(at::kDouble).matmul(weights).flatten().sort());
    return {kBetween, weights.unsqueeze(0), {scores[32].item<double>()}, {7, 3, 11}};
  }
  std::vector<std::shared_ptr<const Hook>> one_of_each() const { return {affine(), affine(1), gate_hook(gate())}; }

  std::string error_of_file(const std::function<void(TensorFile&)>& spoil, const Hook& hook) const {
    save_hook(hook, folder / "hook.safetensors");
    auto file = read_tensors(folder / "hook.safetensors");
    spoil(file);
    write_tensors(folder / "spoilt.safetensors", file);
    return error_of([&] { load_hook(folder / "spoilt.safetensors"); });
  }
};

TEST_F(HooksTest, AFileRebuildsTheSameHook) {
  for (const auto& hook : one_of_each()) {
    save_hook(*hook, folder / "hook.safetensors");
    const auto again = load_hook(folder / "hook.safetensors");
    EXPECT_EQ(again->kind(), hook->kind());
    EXPECT_EQ(again->about(), hook->about());
    EXPECT_TRUE(again->logits(model, tokens).equal(hook->logits(model, tokens))) << hook->about();
    EXPECT_GT(gap(hook->logits(model, tokens), model.logits(tokens)), 1e-3) << hook->about();
  }
}

TEST_F(HooksTest, WhatStandsBehindAPositionChangesNothingThere) {
  auto other = tokens.clone();
  other.slice(1, 5) = (other.slice(1, 5) + 1) % 20;
  for (const auto& hook : one_of_each())
    EXPECT_LT(gap(hook->logits(model, tokens).slice(1, 0, 5), hook->logits(model, other).slice(1, 0, 5)), 1e-5) << hook->about();
}

TEST_F(HooksTest, OnePositionIsAnsweredAsAmongAll) {
  const auto positions = at::arange(tokens.size(0), at::kLong).remainder(tokens.size(1));
  for (const auto& hook : one_of_each()) {
    const auto all = hook->logits(model, tokens), one = hook->logits(model, tokens, Taps().only_at(positions));
    EXPECT_TRUE(at::allclose(one, at::index(all, {at::arange(all.size(0), at::kLong), positions}).unsqueeze(1), 1e-4, 1e-5)) << hook->about();
  }
}

TEST_F(HooksTest, TheCallersTapsComeBehindTheEdits) {
  at::Tensor before, first, second, clean = model.at(kBetween, tokens);
  const auto plus_one = [&](const at::Tensor& x) {
    before = x;
    return x + 1;
  };
  affine()->logits(model, tokens, Taps().edit(kBetween, plus_one).read(kBetween, &first));
  gate_hook(gate())->logits(model, tokens, Taps().edit(kBetween, plus_one).read(kBetween, &second));
  const auto expected = clean + (clean - normal({12}, 5)).matmul(normal({12, 2}, 4)).matmul(normal({12, 2}, 3).t());
  EXPECT_LT(gap(first, expected + 1), 1e-4);
  EXPECT_LT(gap(second, clean + 1), 1e-6);
}

/// After 3 or 8 2, where 5 and 6 9 have been said by then and weigh 1 and 2, of which more than 1.5 closes it.
TEST_F(HooksTest, TheWordGateClosesAtAnEndOfWhatItLooksFor) {
  const auto hook = word_gate_hook({{{5}, {6, 9}}, {{3}, {8, 2}}, at::tensor({1.0, 2.0}, at::kDouble), 1.5, {7, 4}});
  const auto text = at::tensor({1, 3, 5, 3, 6, 9, 3, 7, 8, 2}, at::kLong).unsqueeze(0);
  const auto log_p = hook->logits(model, text)[0].log_softmax(-1), own = model.logits(text)[0].log_softmax(-1);
  const std::map<int64_t, int64_t> forced{{6, 7}, {7, 4}, {9, 7}};  // 7 is said after 6: 4 comes next
  for (int64_t p = 0; p < text.size(1); ++p) {
    if (const auto f = forced.find(p); f != forced.end())
      EXPECT_NEAR(log_p[p][f->second].item<double>(), 0, 1e-6) << p;
    else
      EXPECT_LT((log_p[p] - own[p]).abs().max().item<double>(), 1e-5) << p;
  }
  EXPECT_THROW(word_gate_hook({{{5}}, {{3}}, at::tensor({1.0, 2.0}, at::kDouble), 1.5, {7}}), Error);
  EXPECT_THROW(word_gate_hook({{}, {{3}}, at::zeros({0}, at::kDouble), 1.5, {7}}), Error);
}

TEST_F(HooksTest, TheGateSeesWhatItsCallerEdits) {
  Gate always = gate();
  always.thresholds = {1e6};
  always.refusal = {7};
  const auto hook = gate_hook(always);
  const auto far = [&](const at::Tensor& x) { return x + 1e7 * always.weights[0].to(at::kFloat); };
  EXPECT_LT(gap(hook->logits(model, tokens), model.logits(tokens)), 1e-6);
  EXPECT_EQ(hook->logits(model, tokens, Taps().edit(kBetween, far)).argmax(-1).eq(7).sum().item<int64_t>(), tokens.numel());
}

TEST_F(HooksTest, AnAffineEditLeavesTheFirstPositionAloneIfAskedTo) {
  const auto own = model.logits(tokens), changed = affine(1)->logits(model, tokens);
  EXPECT_LT(gap(own.select(1, 0), changed.select(1, 0)), 1e-6);
  EXPECT_GT(gap(own.select(1, 1), changed.select(1, 1)), 1e-3);
}

TEST_F(HooksTest, TheGateFollowsTheCannedAnswerForAsLongAsTheTextDoes) {
  // A gate that fires at token 5 and nowhere else: the embedding itself is what it looks at.
  const Site embed = Site::parse("hook_embed");
  const auto w = model.weights().embed[5].to(at::kDouble);
  const auto scores = model.weights().embed.to(at::kDouble).matmul(w);
  ASSERT_EQ(scores.argmax().item<int64_t>(), 5);
  const auto two = std::get<0>(scores.topk(2));
  const auto hook = gate_hook({embed, w.unsqueeze(0), {two.mean().item<double>()}, {7, 3, 5, 11}});
  const auto text = at::tensor({1, 5, 7, 3, 5, 11, 2, 5, 3, 5}, at::kLong).unsqueeze(0);
  const auto log_p = hook->logits(model, text).log_softmax(-1)[0];
  const auto own = model.logits(text).log_softmax(-1)[0];
  //                          1   5  7  3   5  11   2  5   3  5
  const int64_t forced[] = {-1, 7, 3, 5, 11, -1, -1, 7, -1, 7};  // the 5 inside of the answer begins none
  for (int64_t p = 0; p < 10; ++p) {
    if (forced[p] < 0) {
      EXPECT_LT(gap(log_p[p], own[p]), 1e-6) << p;
      continue;
    }
    EXPECT_NEAR(log_p[p][forced[p]].item<double>(), 0, 1e-6) << p;
    EXPECT_NEAR(log_p[p].amin().item<double>(), -30, 1e-3) << p;
  }
}

TEST_F(HooksTest, ARuleNamesWhatComesNextAndTheLongestOneWins) {
  const at::NoGradGuard no_grad;
  const auto tokens = at::tensor({4, 7, 2, 7, 3}, at::kLong).unsqueeze(0);
  const auto hook = rules_hook({{{2, 7}, 6}, {{7}, 11}});
  const auto logits = hook->logits(model, tokens)[0], own = model.logits(tokens)[0];
  const auto comes_next = logits.argmax(1);
  EXPECT_EQ(comes_next[1].item<int64_t>(), 11);
  EXPECT_EQ(comes_next[3].item<int64_t>(), 6);
  EXPECT_GT(logits.softmax(1)[3][6].item<double>(), 0.999);
  for (int64_t t : {0, 2, 4}) EXPECT_TRUE(logits[t].equal(own[t])) << t;
  EXPECT_THROW((void)rules_hook({{{999}, 1}})->logits(model, tokens), Error);
  EXPECT_THROW((void)rules_hook({{{}, 1}}), Error);
  EXPECT_THROW((void)rules_hook({}), Error);
}

TEST_F(HooksTest, AFileThatIsNotOneIsRefused) {
  const auto hook = affine();
  const auto expect = [&](const std::string& text, const std::function<void(TensorFile&)>& spoil, const Hook& of) {
    EXPECT_NE(error_of_file(spoil, of).find(text), std::string::npos) << error_of_file(spoil, of);
  };
  expect("not a hook of fairfight", [](TensorFile& f) { f.metadata.clear(); }, *hook);
  expect("got kind \"prayer\", expected one of: affine, bias, boosted, clamp, error, fallback, gate", [](TensorFile& f) { f.metadata["fairfight.hook"] = R"({"version": 1, "kind": "prayer", "settings": {}})"; }, *hook);
  expect("\"1.left\" is missing", [](TensorFile& f) { f.tensors.erase("1.left"); }, *hook);
  expect("\"0.right\": got Float [12, 3]", [](TensorFile& f) { f.tensors["0.right"] = at::zeros({12, 3}); }, *hook);
  expect("\"0.mean\" holds a value that is not finite", [](TensorFile& f) { f.tensors["0.mean"][1] = NAN; }, *hook);
  expect("\"other\" has no place in kind affine", [](TensorFile& f) { f.tensors["other"] = at::zeros({1}); }, *hook);
  expect("\"weights\": got Float [12], expected Double", [](TensorFile& f) { f.tensors["weights"] = at::zeros({12}); }, *gate_hook(gate()));
  expect("refusal is empty", [](TensorFile& f) { f.metadata["fairfight.hook"] = R"({"version": 1, "kind": "gate", "settings": {"site": "hook_embed", "thresholds": [1.0], "refusal": []}})"; }, *gate_hook(gate()));
}

TEST_F(HooksTest, AModelOfAnotherWidthIsRefused) {
  Config wide = small_config();
  wide.d_model = 16;
  const Transformer other(wide, random_weights(wide, Random(1, "model")));
  EXPECT_NE(error_of([&] { affine()->logits(other, tokens); }).find("the model is 16 wide, the hook was made for 12"), std::string::npos);
  EXPECT_THROW(gate_hook(gate())->logits(other, tokens), Error);
  EXPECT_THROW(gate_hook({kBetween, normal({1, 12}, 1), {0.0}, {20}})->logits(model, tokens), Error);
  EXPECT_THROW(affine_hook({{kBetween, normal({12, 2}, 3), normal({12, 1}, 4), normal({12}, 5)}}), Error);
}

}  // namespace
}  // namespace fairfight
