// The hooks that hold a dictionary: clamp, error, boosted, fallback.
#include "fairfight/methods/hooks/error_term.h"

#include <gtest/gtest.h>

#include "fairfight/base/testing.h"
#include "fairfight/methods/hooks/testing.h"
#include "fairfight/model/tensor_file.h"

namespace fairfight {
namespace {

constexpr int64_t kDocuments = 5, kPositions = 9, kVocab = 20, kD = 12, kLatents = 16;

class DictionaryHooksTest : public testing::Test {
 protected:
  const Transformer model{small_config(), random_weights(small_config(), Random(1, "model"))};
  const at::Tensor tokens = at::randint(kVocab, {kDocuments, kPositions}, at::detail::createCPUGenerator(2), at::kLong);
  const at::NoGradGuard no_grad;
  const ScratchFolder folder;
  const std::shared_ptr<const Dictionary> first = random_topk(kD, 10), second = random_topk(kD, 20);
  /// PCA's codes have both signs and all of them are active.
  const std::shared_ptr<const Dictionary> axes = rebuild("pca", {{"W_dec", std::get<0>(at::linalg_qr(normal({kD, kD}, 30))).t().contiguous().slice(0, 0, 5).contiguous()},
                                                                 {"b_dec", normal({kD}, 31) * 0.1}});
  const AffineEdit edit{kBetween, normal({kD, 2}, 40) * 0.3, normal({kD, 2}, 41), normal({kD}, 42)};

  Clamp clamp(double share = -1) const {
    return {kBetween, at::tensor({1, 6, 11, 3}, at::kLong), at::tensor({0.0f, -2.0f, 3.0f, -1.0f}), at::tensor({0.0f, 0.0f, 0.2f, 0.1f}), share};
  }
  Clamp of_axes() const { return {kBetween, at::tensor({0, 5, 8}, at::kLong), at::tensor({-1.0f, -1.5f, 0.0f}), at::tensor({0.0f, 0.1f, 0.0f})}; }

  /// Between the two middle reconstruction errors: a fallback acts on half of the tokens, and none is so near that rounding decides.
  double threshold() const {
    const auto rows = model.at(kBetween, tokens).flatten(0, 1);
    const auto errors = std::get<0>((rows - first->reconstruct(rows)).square().sum(1).sort());
    return errors.slice(0, errors.size(0) / 2 - 1, errors.size(0) / 2 + 1).mean().item<double>();
  }
  std::vector<std::shared_ptr<const Hook>> one_of_each() const {
    return {clamp_hook(first, clamp()), clamp_hook(first, clamp(0.4)), clamp_hook(axes, of_axes()), error_hook(first, edit),
            boosted_hook(first, second, clamp()), fallback_hook(first, kBetween, threshold())};
  }

  /// What a hook makes of the site.
  at::Tensor edited(const Hook& hook) const {
    at::Tensor x;
    hook.logits(model, tokens, Taps().read(kBetween, &x));
    return x;
  }
  /// x' token by token; `change` of one row [d].
  template <class Change>
  at::Tensor by_hand(Change change) const {
    const auto x = model.at(kBetween, tokens);
    auto changed = x.clone();
    for (int64_t i = 0; i < kDocuments; ++i)
      for (int64_t p = 1; p < kPositions; ++p) changed[i][p] += change(x[i][p]);
    return changed;
  }
  /// f_j of one row: a signed feature's share of the code.
  static double f(const Dictionary& dictionary, const at::Tensor& row, int64_t j) {
    const Codes c = dictionary.encode(row.unsqueeze(0).contiguous());
    double sum = 0;
    for (int64_t i = 0; i < c.values.size(1); ++i)
      if (c.indices[0][i].item<int64_t>() == j % dictionary.width()) sum += c.values[0][i].item<double>();
    return std::max(0.0, j < dictionary.width() ? sum : -sum);
  }
  static at::Tensor atom(const Dictionary& dictionary, int64_t j) {
    const auto a = dictionary.w_dec()[j % dictionary.width()];
    return j < dictionary.width() ? a : -a;
  }
  static at::Tensor clamped(const Dictionary& dictionary, const at::Tensor& row, const Clamp& c) {
    auto change = at::zeros({kD});
    for (int64_t n = 0; n < c.features.size(0); ++n) {
      const int64_t j = c.features[n].item<int64_t>();
      const double value = f(dictionary, row, j);
      if (value > c.threshold[n].item<double>()) change += atom(dictionary, j) * (c.value[n].item<double>() - value);
    }
    return change;
  }

  std::string error_of_file(const Hook& hook, const std::function<void(TensorFile&)>& spoil) const {
    save_hook(hook, folder / "hook.safetensors");
    auto file = read_tensors(folder / "hook.safetensors");
    spoil(file);
    write_tensors(folder / "spoilt.safetensors", file);
    return error_of([&] { load_hook(folder / "spoilt.safetensors")->logits(model, tokens); });  // any other exception fails the test
  }
};

TEST_F(DictionaryHooksTest, AClampSetsWhatFires) {
  EXPECT_LT(gap(edited(*clamp_hook(first, clamp())), by_hand([&](const auto& row) { return clamped(*first, row, clamp()); })), 1e-5);
  EXPECT_LT(gap(edited(*clamp_hook(axes, of_axes())), by_hand([&](const auto& row) { return clamped(*axes, row, of_axes()); })), 1e-5);
}

TEST_F(DictionaryHooksTest, AnAblatedFeatureIsGoneFromTheCodeAndTheErrorStays) {
  const Clamp zero{kBetween, at::tensor({0, 5}, at::kLong), at::zeros({2}), at::zeros({2})};  // both sides of an orthogonal axis
  const auto x = model.at(kBetween, tokens).slice(1, 1).flatten(0, 1), changed = edited(*clamp_hook(axes, zero)).slice(1, 1).flatten(0, 1);
  EXPECT_GT(axes->encode(x).values.select(1, 0).abs().mean().item<double>(), 0.01);
  EXPECT_LT(axes->encode(changed).values.select(1, 0).abs().max().item<double>(), 1e-5);
  EXPECT_LT(gap(changed - axes->reconstruct(changed), x - axes->reconstruct(x)), 1e-5);
}

/// One fires: all are set, if more than the share of the tokens after the first, this one included, had one that fires.
TEST_F(DictionaryHooksTest, TheGuardrailsShareRunsWithTheText) {
  const double share = 0.6;
  const Clamp c = clamp(share);
  const auto x = model.at(kBetween, tokens);
  auto expected = x.clone();
  int64_t acts = 0, held_back = 0;
  for (int64_t i = 0; i < kDocuments; ++i) {
    int64_t fired = 0;
    for (int64_t p = 1; p < kPositions; ++p) {
      bool any = false;
      for (int64_t n = 0; n < 4; ++n) any |= f(*first, x[i][p], c.features[n].item<int64_t>()) > c.threshold[n].item<double>();
      fired += any;
      if (!any) continue;
      if (!(float(fired) / float(p) > float(share))) {
        ++held_back;
        continue;
      }
      ++acts;
      for (int64_t n = 0; n < 4; ++n) {
        const int64_t j = c.features[n].item<int64_t>();
        expected[i][p] += atom(*first, j) * (c.value[n].item<double>() - f(*first, x[i][p], j));
      }
    }
  }
  EXPECT_GT(acts, 0);
  EXPECT_GT(held_back, 0);
  EXPECT_LT(gap(edited(*clamp_hook(first, c)), expected), 1e-5);
}

TEST_F(DictionaryHooksTest, AnEditOfTheErrorSeesTheErrorAlone) {
  EXPECT_LT(gap(edited(*error_hook(first, edit)), by_hand([&](const at::Tensor& row) {
                  const auto e = row - first->reconstruct(row.unsqueeze(0).contiguous())[0];
                  return edit.left.matmul(edit.right.t().matmul(e - edit.mean));
                })),
            1e-5);
}

TEST_F(DictionaryHooksTest, ABoostedClampSetsFeaturesOfTheError) {
  EXPECT_LT(gap(edited(*boosted_hook(first, second, clamp())), by_hand([&](const at::Tensor& row) {
                  return clamped(*second, row - first->reconstruct(row.unsqueeze(0).contiguous())[0], clamp());
                })),
            1e-5);
}

TEST_F(DictionaryHooksTest, AFallbackTakesTheReconstructionWhereTheErrorIsLarge) {
  const double most = threshold();
  int64_t replaced = 0;
  const auto expected = by_hand([&](const at::Tensor& row) {
    const auto difference = first->reconstruct(row.unsqueeze(0).contiguous())[0] - row;
    const bool acts = difference.square().sum().item<double>() > most;
    replaced += acts;
    return acts ? difference : at::zeros({kD});
  });
  EXPECT_LT(gap(edited(*fallback_hook(first, kBetween, most)), expected), 1e-5);
  EXPECT_GT(replaced, 5);
  EXPECT_LT(replaced, 35);
}

TEST_F(DictionaryHooksTest, TheFirstTokenIsLeftAloneAndMayBeTheOnlyOne) {
  for (const auto& hook : one_of_each()) {
    EXPECT_TRUE(edited(*hook).select(1, 0).equal(model.at(kBetween, tokens).select(1, 0))) << hook->about();
    EXPECT_GT(gap(edited(*hook), model.at(kBetween, tokens)), 1e-2) << hook->about();
    const auto single = tokens.slice(1, 0, 1).contiguous();
    EXPECT_LT(gap(hook->logits(model, single), model.logits(single)), 1e-6) << hook->about();
  }
}

TEST_F(DictionaryHooksTest, WhatStandsBehindAPositionChangesNothingThere) {
  auto other = tokens.clone();
  other.slice(1, 5) = (other.slice(1, 5) + 1) % kVocab;
  for (const auto& hook : one_of_each()) {
    EXPECT_LT(gap(hook->logits(model, tokens).slice(1, 0, 5), hook->logits(model, other).slice(1, 0, 5)), 1e-5) << hook->about();
    EXPECT_LT(gap(hook->logits(model, tokens).slice(1, 0, 5), hook->logits(model, tokens.slice(1, 0, 5).contiguous())), 1e-5) << hook->about();
  }
}

TEST_F(DictionaryHooksTest, AFileRebuildsTheSameHook) {
  for (const auto& hook : one_of_each()) {
    save_hook(*hook, folder / "hook.safetensors");
    const auto again = load_hook(folder / "hook.safetensors");
    EXPECT_EQ(again->about(), hook->about());
    EXPECT_EQ(again->settings(), hook->settings());
    EXPECT_TRUE(again->logits(model, tokens).equal(hook->logits(model, tokens))) << hook->about();
  }
}

TEST_F(DictionaryHooksTest, EveryHostileFileIsOneClearError) {
  const auto expect = [&](const std::string& text, const Hook& hook, const std::function<void(TensorFile&)>& spoil) {
    const std::string error = error_of_file(hook, spoil);
    EXPECT_NE(error.find(text), std::string::npos) << hook.kind() << ": " << error;
  };
  const auto clamps = clamp_hook(first, clamp()), error = error_hook(first, edit), boosted = boosted_hook(first, second, clamp()),
             fallback = fallback_hook(first, kBetween, 1);
  for (const auto* hook : {clamps.get(), boosted.get()}) {
    for (const int64_t outside : {int64_t(-1), 2 * kLatents, int64_t(1) << 62})
      expect("a feature is outside [0, 32)", *hook, [&](TensorFile& f) { f.tensors["features"][2] = outside; });
    expect("\"value\" is missing", *hook, [](TensorFile& f) { f.tensors.erase("value"); });
    expect("\"features\": got Float [4], expected Long", *hook, [](TensorFile& f) { f.tensors["features"] = at::zeros({4}); });
    expect("3", *hook, [](TensorFile& f) { f.tensors["value"] = at::zeros({3}); });
    expect("a threshold is below 0", *hook, [](TensorFile& f) { f.tensors["threshold"][0] = -0.5; });
    expect("not finite", *hook, [](TensorFile& f) { f.tensors["value"][0] = INFINITY; });
  }
  for (const auto* hook : {clamps.get(), error.get(), boosted.get(), fallback.get()}) {
    expect("W_dec", *hook, [](TensorFile& f) { f.tensors.erase("dictionary.W_dec"); });
    expect("W_enc", *hook, [](TensorFile& f) { f.tensors["dictionary.W_enc"] = at::zeros({kLatents, 3}); });
    expect("\"dictionary.other\" has no place", *hook, [](TensorFile& f) { f.tensors["dictionary.other"] = at::zeros({1}); });
    const auto with = [](TensorFile& f, const char* key, const Json& value) {
      Json json = Json::parse(f.metadata.at("fairfight.hook"));
      json["settings"][key] = value;
      f.metadata["fairfight.hook"] = json.dump();
    };
    expect("prayer", *hook, [&](TensorFile& f) { with(f, "dictionary", "prayer"); });
    expect("blocks.7", *hook, [&](TensorFile& f) { with(f, "site", "blocks.7.hook_resid_post"); });
    expect("wide", *hook, [&](TensorFile& f) { with(f, "site", "blocks.0.mlp.hook_post"); });  // 16, the dictionary 12
    expect("dictionary", *hook, [&](TensorFile& f) { with(f, "dictionary", 5); });
  }
  const auto narrow = [](TensorFile& f, const std::string& prefix) {
    for (const auto& [name, tensor] : random_topk(kD - 2, 50)->tensors()) f.tensors[prefix + name] = tensor;
  };
  expect("the second one", *boosted, [&](TensorFile& f) { narrow(f, "second."); });
  expect("expected [10, rank]", *error, [&](TensorFile& f) { narrow(f, "dictionary."); });
  expect("made for 10", *clamps, [&](TensorFile& f) { narrow(f, "dictionary."); });
  expect("\"right\": got Float [12, 1]", *error, [](TensorFile& f) { f.tensors["right"] = at::zeros({kD, 1}); });
  expect("\"k\" is missing", *boosted, [](TensorFile& f) { f.tensors.erase("second.k"); });
  expect("threshold", *fallback, [](TensorFile& f) {
    Json json = Json::parse(f.metadata.at("fairfight.hook"));
    json["settings"]["threshold"] = -1;
    f.metadata["fairfight.hook"] = json.dump();
  });
}

TEST_F(DictionaryHooksTest, AModelOfAnotherWidthIsRefused) {
  Config wide = small_config();
  wide.d_model = 16;
  const Transformer other(wide, random_weights(wide, Random(1, "model")));
  for (const auto& hook : one_of_each())
    EXPECT_NE(error_of([&] { hook->logits(other, tokens); }).find("the model is 16 wide, the hook was made for 12"), std::string::npos) << hook->about();
}

TEST_F(DictionaryHooksTest, SinksPassAsTheyAre) {
  const auto x = model.at(kBetween, tokens);
  const auto norms = x.norm(2, -1);
  const double most = norms.median().item<double>();  // half of the rows
  const auto sinks = norms > most;
  for (const auto& dictionary : {first, axes}) const_cast<Dictionary&>(*dictionary).leave_alone_above(most);
  // With the value and the threshold of a fallback that always acts, and of an error hook whose mean is not 0: both would move a sink.
  for (const auto& hook : {clamp_hook(first, clamp()), clamp_hook(axes, of_axes()), error_hook(first, edit), boosted_hook(first, second, clamp()), fallback_hook(first, kBetween, 0)}) {
    save_hook(*hook, folder / "hook.safetensors");
    const auto moved = (edited(*load_hook(folder / "hook.safetensors")) - x).norm(2, -1);
    EXPECT_EQ(moved.masked_select(sinks).max().item<double>(), 0) << hook->about();
    EXPECT_GT(moved.masked_select(sinks.logical_not()).max().item<double>(), 1e-3) << hook->about();
  }
}

}  // namespace
}  // namespace fairfight
