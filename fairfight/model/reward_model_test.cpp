#include "fairfight/model/reward_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/model/batch.h"
#include "fairfight/model/checkpoint_testing.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

RewardModel small_reward_model() {
  Config c = small_config();
  c.arch = "qwen3";
  c.qk_norm = Config::QkNorm::per_head;
  c.tied = false;
  c.scalar = true;
  return RewardModel(Transformer(c, random_weights(c, Random(0, "test/reward"))));
}

const std::vector<std::vector<int32_t>> kRead{{1, 4, 9}, {1, 7, 3, 3, 12, 2, 19, 5}, {6}, {1, 4, 9, 8, 8}};

TEST(RewardModel, ReadsAtTheLastTokenWhateverThePadding) {
  const RewardModel model = small_reward_model();
  const at::NoGradGuard no_grad;
  const auto tokens = pad(kRead).tokens, together = model.rewards(tokens);
  const auto state = model.trunk().at(Site{Point::final_normalized, 0}, tokens);
  ASSERT_EQ(together.sizes(), at::IntArrayRef({4}));
  for (size_t i = 0; i < kRead.size(); ++i) {
    EXPECT_TRUE(at::equal(together[int64_t(i)], model.rewards(pad({kRead[i]}).tokens)[0])) << i;
    const auto last = state[int64_t(i)][int64_t(kRead[i].size()) - 1] * model.trunk().weights().ln_final.w;
    EXPECT_NEAR(together[int64_t(i)].item<double>(), last.dot(model.trunk().weights().unembed[0]).item<double>(), 1e-5) << i;
  }
  EXPECT_TRUE(at::equal(together, model.rewards(at::constant_pad_nd(tokens, {0, 2}, kPadding))));
  EXPECT_THAT(error_of([&] { model.rewards(pad({{1}, {}}).tokens); }), HasSubstr("text 1 is empty"));
}

TEST(RewardModel, HasTheSitesOfItsTrunkAndIsEditedThere) {
  const RewardModel model = small_reward_model();
  const Model& any = model;
  const auto tokens = pad(kRead).tokens;
  EXPECT_EQ(any.sites(), model.trunk().sites());
  EXPECT_EQ(any.width(kBetween), 12);
  EXPECT_EQ(any.flops_to(kBetween, 7), model.trunk().flops_to(kBetween, 7));
  at::Tensor read;
  const auto plain = any.forward(tokens, {}), edited = any.forward(tokens, Taps().edit(kBetween, [](const at::Tensor& x) { return x * 2; }).read(kBetween, &read));
  EXPECT_GT(gap(plain, edited), 1e-3);
  EXPECT_TRUE(at::equal(read, any.at(kBetween, tokens) * 2));
  EXPECT_GT(gap(plain, any.with_random_weights(Random(1, "test/reward"))->forward(tokens, {})), 1e-3);
}

TEST(RewardModel, GradientsAreThoseOfDifferences) {
  const RewardModel model = small_reward_model();
  const auto tokens = pad(kRead).tokens, weigh = at::tensor({1.0, -2.0, 0.5, 3.0}, at::kFloat);
  const auto value = [&] { return (model.rewards(tokens) * weigh).sum(); };
  auto parameters = model.trunk().weights().parameters();
  for (auto& p : parameters) p.set_requires_grad(true);
  const auto gradients = torch::autograd::grad({value()}, parameters);
  const at::NoGradGuard no_grad;
  constexpr float kStep = 2e-3f;
  for (size_t p = 0; p < parameters.size(); ++p) {
    const auto direction = normal(parameters[p].sizes(), p), before = parameters[p].clone();
    const auto moved = [&](float step) {
      parameters[p].copy_(before + step * direction);
      return value().item<double>();
    };
    const double up = moved(kStep), down = moved(-kStep), expected = (gradients[p] * direction).sum().item<double>();
    parameters[p].copy_(before);
    EXPECT_NEAR((up - down) / (2 * kStep), expected, 0.02 * std::abs(expected) + 0.01) << "parameter " << p;
  }
}

TEST(RewardModel, BeginsAtNothing) {
  Config c = small_config();
  const RewardModel model = RewardModel::on_trunk_of(random_model(c));
  EXPECT_TRUE(at::equal(model.rewards(pad(kRead).tokens), at::zeros({4})));
  EXPECT_THAT(error_of([&] { RewardModel(random_model(c)); }), HasSubstr("got a head of 20 rows, which makes logits; expected one row"));
}

/// A saved one that a test then spoils.
class SavedReward {
 public:
  SavedReward() { save_reward_model(small_reward_model(), folder_.path(), 0); }
  std::string path() const { return folder_.path().string(); }
  std::string error() const {
    return error_of([&] { load_reward_trunk(path()); });
  }
  SavedReward& config(const std::function<void(Json&)>& change) {
    Json json = read_json(folder_ / "config.json");
    change(json);
    write_atomic(folder_ / "config.json", dump_json(json));
    return *this;
  }
  SavedReward& head(const std::function<void(std::map<std::string, at::Tensor>&)>& change) {
    TensorFile file = read_tensors(folder_ / "model.safetensors");
    change(file.tensors);
    write_tensors(folder_ / "model.safetensors", file);
    return *this;
  }

 private:
  ScratchFolder folder_;
};

TEST(RewardModel, ComesBackAsItWasSaved) {
  const SavedReward saved;
  const Json config = read_json(saved.path() + "/config.json");
  EXPECT_EQ(config["architectures"], Json::array({"Qwen3ForSequenceClassification"}));
  EXPECT_EQ(config["pad_token_id"], 0);
  EXPECT_EQ(config["id2label"].size(), 1u);
  EXPECT_TRUE(is_reward_model(saved.path()));
  const Transformer rounded = rounded_to_bfloat16(small_reward_model().trunk());
  const LoadedModel loaded = load_reward_trunk(saved.path());
  expect_same_model(loaded.model, rounded);
  const auto tokens = pad(kRead).tokens;
  EXPECT_TRUE(at::equal(RewardModel(loaded.model).rewards(tokens), RewardModel(rounded).rewards(tokens)));
  const ScratchFolder again;
  save_reward_model(RewardModel(loaded.model), again.path(), 0);
  expect_same_model(load_reward_trunk(again.path().string()).model, rounded);
}

TEST(RewardModel, AFolderThatIsNoneIsRefusedInOneLine) {
  EXPECT_THAT(SavedReward().config([](Json& c) { c["architectures"] = {"Qwen3ForCausalLM"}; }).error(),
              AllOf(HasSubstr("\"architectures\" is [\"Qwen3ForCausalLM\"], expected [\"Qwen3ForSequenceClassification\"]"), Not(HasSubstr("\n"))));
  EXPECT_THAT(SavedReward().config([](Json& c) { c.erase("architectures"); }).error(), HasSubstr("\"architectures\" is nothing"));
  EXPECT_THAT(SavedReward().config([](Json& c) { c["id2label"]["1"] = "other"; }).error(), HasSubstr("got 2 labels, expected 1"));
  EXPECT_THAT(SavedReward().config([](Json& c) { c.erase("id2label"); }).error(), HasSubstr("got 2 labels, expected 1"));
  EXPECT_EQ(SavedReward().config([](Json& c) { c.erase("id2label"), c["num_labels"] = 1; }).error(), "");
  EXPECT_THAT(SavedReward().head([](auto& t) { t.erase("score.weight"); }).error(), HasSubstr("the tensor score.weight is missing"));
  EXPECT_THAT(SavedReward().head([](auto& t) { t["score.weight"] = at::zeros({2, 12}); }).error(), HasSubstr("score.weight has shape [2, 12], expected [1, 12]"));
  EXPECT_THAT(SavedReward().head([](auto& t) { t["lm_head.weight"] = at::zeros({20, 12}); }).error(), HasSubstr("lm_head.weight has no place"));
  EXPECT_THAT(error_of([] { load_model(SavedReward().path()); }), HasSubstr("has the head of a reward model (score.weight), expected a language model"));
  EXPECT_THAT(error_of([] { save_reward_model(small_reward_model(), "/tmp/never", 20); }), HasSubstr("got 20 for padding, expected a token from 0 to 19"));
}

}  // namespace
}  // namespace fairfight
