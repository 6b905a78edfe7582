// The transformer against Hugging Face's transformers and TransformerLens: tests/parity/make_goldens.py made the numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>

#include "fairfight/base/testing.h"
#include "fairfight/model/arch.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/processed.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

/// The committed models and, where FAIRFIGHT_REAL_MODEL names a folder with a golden.safetensors, that one.
std::vector<fs::path> parity_folders() {
  const fs::path parity = fs::path(FAIRFIGHT_TEST_DATA) / "parity";
  std::vector<fs::path> list;
  for (const auto& entry : fs::directory_iterator(parity))
    if (fs::exists(entry.path() / "golden.safetensors")) list.push_back(entry.path());
  std::sort(list.begin(), list.end());
  if (const char* real = std::getenv("FAIRFIGHT_REAL_MODEL")) list.push_back(real);
  return list;
}

/// The largest difference in units of the reference's largest value, if that is above 1. Equal infinities do not differ.
double apart(const at::Tensor& got, const at::Tensor& reference) {
  if (got.sizes() != reference.sizes()) return INFINITY;
  const auto difference = at::where(got == reference, at::zeros_like(got), (got - reference).abs());
  const auto finite = at::where(reference.isfinite(), reference, at::zeros_like(reference));
  return difference.max().item<double>() / std::max(1.0, finite.abs().max().item<double>());
}

class Parity : public testing::TestWithParam<fs::path> {
 protected:
  at::Tensor golden(const std::string& name) const { return golden_.tensors.at(name); }
  bool has_hooks() const { return golden_.metadata.contains("hooks"); }  // the models that TransformerLens can hold
  std::set<std::string> hooks() const {
    std::istringstream list(golden_.metadata.at("hooks"));
    return {std::istream_iterator<std::string>(list), {}};
  }

  const Transformer model_ = load_model(GetParam().string()).model;
  const TensorFile golden_ = read_tensors(GetParam() / "golden.safetensors");
  const at::Tensor tokens_ = golden("tokens");
};

TEST_P(Parity, LogitsAreThoseOfTransformers) { EXPECT_LT(noted("logits, transformers", apart(model_.logits(tokens_), golden("logits"))), 1e-4); }

/// Wherever something is tapped: in front of the last block, inside it, after it, or nowhere; and whether or not gradients are wanted.
TEST_P(Parity, SomePositionsOfEachTextAreAnsweredAsAmongAll) {
  const Config& c = model_.config();
  const auto one = at::arange(tokens_.size(0), at::kLong).remainder(tokens_.size(1));
  const auto some = at::stack({one, (one + 3).remainder(tokens_.size(1)), one}, 1);
  const auto half = [](const at::Tensor& x) { return x * 0.5; };
  const Site sites[] = {{Point::resid_post, 0}, {Point::resid_post, c.n_layers - 1}, {Point::resid_pre, c.n_layers - 1}, {Point::final_normalized, 0}};
  std::vector<Taps> all_taps(1);
  for (const auto& site : sites) all_taps.push_back(Taps().edit(site, half));
  for (const auto& [positions, learns] : {std::pair(one.unsqueeze(1), true), {one.unsqueeze(1), false}, {some, true}, {some, false}}) {
    const at::AutoGradMode mode(learns);
    const auto picked = [&positions = positions](const at::Tensor& all) { return all.gather(1, positions.unsqueeze(2).expand({-1, -1, all.size(2)})); };
    for (const auto& taps : all_taps)
      EXPECT_LT(apart(model_.logits(tokens_, Taps(taps).only_at(positions)), picked(model_.logits(tokens_, taps))), 1e-5);
    const Site last{Point::resid_post, c.n_layers - 1};
    EXPECT_LT(apart(model_.resume(last, tokens_, model_.at(last, tokens_), Taps().only_at(positions)).logits(), picked(model_.logits(tokens_))), 1e-5);
  }
  EXPECT_TRUE(at::equal(model_.logits(tokens_, Taps().only_at(one)), model_.logits(tokens_, Taps().only_at(one.unsqueeze(1)))));
}

/// Some ropes turn a text by its length: padding is no part of it.
TEST_P(Parity, ATextBesideOthersHasTheNumbersThatItHasAlone) {
  const Config& c = model_.config();
  const auto row = tokens_[0].contiguous();
  const std::vector<int32_t> text(row.data_ptr<int64_t>(), row.data_ptr<int64_t>() + row.numel());
  std::vector<int32_t> long_text;
  for (int64_t i = 0; i < std::min<int64_t>(c.n_ctx, 40); ++i) long_text.push_back(int32_t((3 * i + 1) % c.vocab));
  const std::vector<std::vector<int32_t>> texts{text, long_text, {text[0]}, {text.begin(), text.begin() + 4}};
  const Batch batch = pad(texts);
  EXPECT_LT(apart(model_.logits(batch.tokens)[0].slice(0, 0, row.numel()), golden("logits")[0]), 1e-4);
  const Site last{Point::resid_post, c.n_layers - 1}, first{Point::resid_post, 0}, pattern{Point::pattern, c.n_layers - 1};
  const auto half = [](const at::Tensor& x) { return x * 0.5; };
  Transformer remembers = model_;
  remembers.remember(first, {batch.tokens});
  const auto ends = lengths_of(batch.tokens) - 1;
  for (const bool learns : {false, true}) {
    const at::AutoGradMode mode(learns);
    const auto together = model_.logits(batch.tokens), states = model_.at(last, batch.tokens), edited = model_.logits(batch.tokens, Taps().edit(first, half)),
               slow = model_.logits(batch.tokens, Taps().edit(pattern, half)), known = remembers.logits(batch.tokens), asked = model_.logits(batch.tokens, Taps().only_at(ends));
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto alone = pad({texts[i]}).tokens;
      const auto part = [&](const at::Tensor& x) { return x[int64_t(i)].slice(0, 0, int64_t(texts[i].size())).unsqueeze(0); };
      EXPECT_LT(apart(part(together), model_.logits(alone)), 2e-6) << i;
      EXPECT_LT(apart(part(states), model_.at(last, alone)), 2e-6) << i;
      EXPECT_LT(apart(part(edited), model_.logits(alone, Taps().edit(first, half))), 2e-6) << i;
      EXPECT_LT(apart(part(slow), model_.logits(alone, Taps().edit(pattern, half))), 2e-6) << i;
      EXPECT_LT(apart(part(known), model_.logits(alone)), 2e-6) << i;
      EXPECT_LT(apart(asked[int64_t(i)][0], model_.logits(alone)[0][-1]), 2e-6) << i;
    }
  }
}

/// Of a loss over all texts, padding left out.
TEST_P(Parity, GradientsOfTextsSideBySideAreTheSumOfEach) {
  const Config& c = model_.config();
  const std::vector<std::vector<int32_t>> texts{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {3, 1, 4}, {2, 7, 1, 8, 2, 8}};
  const auto gradients = [&](const std::vector<Batch>& batches) {
    Weights weights = model_.weights().clone();
    for (auto& weight : weights.parameters()) weight.set_requires_grad(true);
    const Transformer model(c, weights);
    for (const auto& batch : batches) {
      const auto logits = model.logits(batch.tokens).slice(1, 0, -1).flatten(0, 1).log_softmax(-1);
      const auto next = batch.tokens.slice(1, 1).flatten();
      torch::autograd::backward({-logits.gather(1, next.clamp_min(0).unsqueeze(1)).squeeze(1).masked_select(next >= 0).sum()});
    }
    std::vector<at::Tensor> all;
    for (auto& weight : weights.parameters()) all.push_back(weight.grad());
    return all;
  };
  const auto together = gradients({pad(texts)}), each = gradients({pad({texts[0]}), pad({texts[1]}), pad({texts[2]})});
  for (size_t i = 0; i < each.size(); ++i) EXPECT_LT(apart(together[i], each[i]), 1e-5) << i;
}

TEST_P(Parity, EveryHiddenStateIsThatOfTransformers) {
  const auto hidden = golden("hidden");
  ASSERT_EQ(hidden.size(0), model_.config().n_layers + 1);
  const auto state = [&](const Site& site, const at::Tensor& reference) { return noted("hidden states, transformers", apart(model_.at(site, tokens_), reference)); };
  EXPECT_LT(state({Point::resid_pre, 0}, hidden[0]), 1e-4);
  for (int64_t layer = 0; layer < model_.config().n_layers; ++layer)
    EXPECT_LT(state({Point::resid_post, layer}, hidden[layer + 1]), 1e-4) << layer;
}

TEST_P(Parity, LossAndTheGradientOfEveryWeightAreThoseOfTransformers) {
  Weights weights = model_.weights().clone();
  for (auto& weight : weights.parameters()) weight.set_requires_grad(true);
  const auto logits = Transformer(model_.config(), weights).logits(tokens_);
  const auto loss = cross_entropy(logits.slice(1, 0, -1).flatten(0, 1), tokens_.slice(1, 1).flatten());
  EXPECT_NEAR(loss.item<double>(), golden("loss").item<double>(), 1e-5);
  torch::autograd::backward({loss});
  for (const auto& slot : arch_by_name(model_.config().arch).table(model_.config(), weights)) {
    std::vector<at::Tensor> parts;
    for (const auto& part : slot.parts) parts.push_back(part.into->grad());
    const bool here = golden_.tensors.contains("gradient/" + slot.name);
    const auto got = joined(slot, parts), reference = golden("gradient/" + (here ? slot.name : slot.also));
    ASSERT_EQ(got.sizes(), reference.sizes()) << slot.name;
    const double share = (got - reference).abs().max().item<double>() / reference.abs().max().item<double>();
    EXPECT_LT(noted("gradients of weights, a share of the largest, transformers", share), 1e-4) << slot.name;
  }
}

TEST_P(Parity, EverySiteHoldsWhatTransformerLensHooks) {
  if (!has_hooks()) return;
  for (const auto& site : sites_of(model_.config())) {
    auto reference = golden("hook/" + site.name());
    const auto got = model_.at(site, tokens_);
    if (reference.dim() == 2) reference = reference.view(got.sizes());  // it flattens all heads before it takes their norms
    EXPECT_LT(noted("sites, TransformerLens", apart(got, reference)), 1e-4) << site.name();
  }
}

TEST_P(Parity, AnEditAtAnySiteHasTheEffectItHasInTransformerLens) {
  if (!has_hooks()) return;
  for (const auto& site : sites_of(model_.config())) {
    const auto logits = model_.logits(tokens_, Taps().edit(site, [](const at::Tensor& x) {
      return 0.5 * x + 0.1 * at::arange(x.numel(), at::kFloat).sin().view(x.sizes());
    }));
    EXPECT_LT(noted("logits under an edit at a site, TransformerLens", apart(logits.slice(1, -1), golden("edited/" + site.name()))), 1e-4) << site.name();
    EXPECT_GT(apart(logits, golden("logits")), 1e-3) << site.name() << ": the edit does nothing";
  }
}

/// Hooks of TransformerLens that are no sites here.
std::set<std::string> no_sites(const Config& config) {
  std::set<std::string> names{"hook_tokens",        // the tokens themselves
                              "unembed.hook_in",    // the final norm's output: hook_normalized with its gain
                              "unembed.hook_out"};  // the logits themselves
  // One input a head makes no sense where heads share keys; TransformerLens has the hook and cannot run with it.
  if (config.n_kv_heads < config.n_heads)
    for (int64_t layer = 0; layer < config.n_layers; ++layer) names.insert(Site{Point::attn_in, layer}.name());
  return names;
}

TEST_P(Parity, SitesAreAllOfTransformerLensHooksButThese) {
  if (!has_hooks()) return;
  auto names = no_sites(model_.config());
  for (const auto& site : sites_of(model_.config())) EXPECT_TRUE(names.insert(site.name()).second) << site.name();
  EXPECT_THAT(names, testing::ContainerEq(hooks()));
}

TEST_P(Parity, ProcessedWeightsGiveTheSameAndAreThoseOfTransformerLens) {
  const Config& c = model_.config();
  const bool layer_norm = c.norm == Config::Norm::layer;
  if (c.norm_place == Config::NormPlace::after) return;
  const Transformer folded = processed(model_, {.fold_norms = true, .center_writing_weights = layer_norm});
  EXPECT_LT(apart(folded.logits(tokens_).log_softmax(-1), golden("logits").log_softmax(-1)), 1e-4);
  if (!golden_.tensors.contains("processed/embed")) return;
  const Weights& w = folded.weights();
  const Block& b = w.blocks[1];
  const double scale = c.embed_scale;  // TransformerLens has it in the embedding
  const std::map<std::string, at::Tensor> ours{{"embed", w.embed * scale}, {"pos_embed", w.pos_embed}, {"unembed", w.unembed}, {"unembed_b", w.unembed_b}, {"q.w", b.q.w}, {"q.b", b.q.b}, {"o.w", b.o.w}, {"o.b", b.o.b}, {"in.w", b.in.w}, {"in.b", b.in.b}, {"out.w", b.out.w}, {"out.b", b.out.b}};
  for (const auto& [name, tensor] : ours) {
    ASSERT_EQ(tensor.defined(), golden_.tensors.contains("processed/" + name)) << name;
    if (!tensor.defined()) continue;
    EXPECT_LT(apart(tensor, golden("processed/" + name)), 1e-4) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, testing::ValuesIn(parity_folders()),
                         [](const auto& info) {
                           const bool committed = info.param.parent_path().filename() == "parity";
                           return committed ? info.param.filename().string() : "real_model";
                         });

}  // namespace
}  // namespace fairfight
