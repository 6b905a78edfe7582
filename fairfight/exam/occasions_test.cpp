#include "fairfight/exam/occasions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/statistics.h"
#include "fairfight/model/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

const std::vector<Tokens> kPrompts{{1, 5}, {1, 6, 7}, {1, 8}};

bool begins_with(const Tokens& answer, std::initializer_list<int32_t> words) { return !answer.empty() && std::find(words.begin(), words.end(), answer.front()) != words.end(); }

std::vector<double> probabilities_of(const Transformer& model, const std::vector<int64_t>& words) {
  const at::NoGradGuard no_grad;
  std::vector<double> p;
  for (const Tokens& prompt : kPrompts)
    p.push_back(model.logits(at::tensor(std::vector<int64_t>(prompt.begin(), prompt.end())).unsqueeze(0))[0][-1].to(at::kDouble).softmax(0).index({at::tensor(words)}).sum().item<double>());
  return p;
}

class NoEdit final : public Hook {
 public:
  std::string_view kind() const override { return "none"; }
  std::string about() const override { return "does nothing"; }
  Afterwards attach(const Config&, Taps& taps) const override {
    taps.edit(kBetween, [](const at::Tensor& x) { return x.clone(); });
    return {};
  }
  Gradient gradient() const override { return Gradient::exact; }
  Json settings() const override { return Json::object(); }
  std::map<std::string, at::Tensor> tensors() const override { return {}; }
};

class OccasionsTest : public testing::Test {
 protected:
  const Transformer model{small_config(), random_weights(small_config(), Random(1, "model"))};
};

TEST_F(OccasionsTest, AFirstTokensRateIsItsProbability) {
  const auto at = Occasions(kPrompts, {{3, 9}}, Random(0, "a")).answered(model);
  const auto p = probabilities_of(model, {3, 9});
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(at.shown[i], p[i], 1e-6);
  EXPECT_EQ(at.amiss, at.shown);
}

TEST_F(OccasionsTest, OfWholeAnswersItIsTheShareThatIsReadSo) {
  const auto shows = [](const Tokens& answer) { return begins_with(answer, {3, 9}); };
  const auto is_sensible = [](const Tokens& answer) { return begins_with(answer, {4}); };
  std::vector<Tokens> many;
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), kPrompts.begin(), kPrompts.end());
  const auto at = Occasions(many, {{}, shows, is_sensible, 3}, Random(0, "a")).answered(model);
  EXPECT_NEAR(mean(at.shown), mean(probabilities_of(model, {3, 9})), 0.02);
  EXPECT_NEAR(mean(at.amiss), 1 - mean(probabilities_of(model, {4})), 0.02);
}

/// Each token is the likeliest: here the first one decides.
TEST_F(OccasionsTest, GreedilyTheLikeliestTokenIsSaid) {
  const at::NoGradGuard no_grad;
  std::vector<int32_t> likeliest;
  for (const Tokens& prompt : kPrompts) likeliest.push_back(int32_t(model.logits(at::tensor(std::vector<int64_t>(prompt.begin(), prompt.end())).unsqueeze(0))[0][-1].argmax().item<int64_t>()));
  const auto amiss = [&](std::initializer_list<int32_t> sensible, size_t prompts) {
    const Sign sign{{}, [](const Tokens&) { return false; }, [sensible](const Tokens& answer) { return begins_with(answer, sensible); }, 1};
    return Occasions(kPrompts, sign, Random(0, "a")).amiss_greedily(model, {}, prompts);
  };
  EXPECT_EQ(amiss({likeliest[0], likeliest[1], likeliest[2]}, 3), 0);
  EXPECT_EQ(amiss({}, 3), 1);
  const auto others = double(std::count_if(likeliest.begin(), likeliest.end(), [&](int32_t token) { return token != likeliest[0]; }));
  EXPECT_DOUBLE_EQ(amiss({likeliest[0]}, 3), others / 3);
  EXPECT_EQ(amiss({likeliest[0]}, 1), 0);
  EXPECT_THROW((void)Occasions(kPrompts, {{3}}, Random(0, "a")).amiss_greedily(model, {}, 1), Error);
}

/// A hook that does nothing changes no answer.
TEST_F(OccasionsTest, EverybodyAnswersWithTheSameRandomNumbers) {
  std::vector<Tokens> read;
  const Sign sign{{}, [&](const Tokens& answer) { return read.push_back(answer), false; }, [](const Tokens&) { return true; }, 6};
  const Occasions occasions(kPrompts, sign, Random(0, "a"));
  const auto answers = [&](const Hooks& hooks) {
    read.clear();
    (void)occasions.answered(model, hooks);
    return read;
  };
  const auto untouched = answers({});
  ASSERT_EQ(untouched.size(), kPrompts.size() * Occasions::kAnswers);
  EXPECT_NE(untouched[0], untouched[1]);  // two answers, not one twice
  EXPECT_EQ(answers({std::make_shared<NoEdit>()}), untouched);
  EXPECT_EQ(occasions.answers(model, {}, 2).size(), 2u);
}

}  // namespace
}  // namespace fairfight
