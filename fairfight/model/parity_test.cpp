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

#include "fairfight/model/arch.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

/// The committed models and, where FAIRFIGHT_REAL_MODEL names a folder with a golden.safetensors, that one.
std::vector<fs::path> folders() {
  const fs::path parity = fs::path(FAIRFIGHT_TEST_DATA) / "parity";
  std::vector<fs::path> list{parity / "llama_grouped", parity / "llama_tied", parity / "gpt2"};
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
  std::set<std::string> hooks() const {
    std::istringstream list(golden_.metadata.at("hooks"));
    return {std::istream_iterator<std::string>(list), {}};
  }

  const Transformer model_ = load_model(GetParam().string()).model;
  const TensorFile golden_ = read_tensors(GetParam() / "golden.safetensors");
  const at::Tensor tokens_ = golden("tokens");
};

TEST_P(Parity, LogitsAreThoseOfTransformers) { EXPECT_LT(apart(model_.logits(tokens_), golden("logits")), 1e-4); }

TEST_P(Parity, LossAndTheGradientOfEveryWeightAreThoseOfTransformers) {
  Weights weights = model_.weights().clone();
  for (auto& weight : weights.parameters()) weight.set_requires_grad(true);
  const auto logits = Transformer(model_.config(), weights).logits(tokens_);
  const auto loss = cross_entropy(logits.slice(1, 0, -1).flatten(0, 1), tokens_.slice(1, 1).flatten());
  EXPECT_NEAR(loss.item<double>(), golden("loss").item<double>(), 1e-5);
  torch::autograd::backward({loss});
  for (const auto& slot : arch_by_name(model_.config().arch).table(model_.config(), weights)) {
    std::vector<at::Tensor> parts;
    for (const auto* part : slot.parts) parts.push_back(part->grad());
    const auto got = slot.transposed ? at::cat(parts).t() : at::cat(parts), reference = golden("gradient/" + slot.name);
    ASSERT_EQ(got.sizes(), reference.sizes()) << slot.name;
    EXPECT_LT((got - reference).abs().max().item<double>(), 1e-3 * reference.abs().max().item<double>()) << slot.name;
  }
}

TEST_P(Parity, EverySiteHoldsWhatTransformerLensHooks) {
  for (const auto& site : sites_of(model_.config()))
    EXPECT_LT(apart(model_.at(site, tokens_), golden("hook/" + site.name())), 1e-4) << site.name();
}

TEST_P(Parity, AnEditAtAnySiteHasTheEffectItHasInTransformerLens) {
  for (const auto& site : sites_of(model_.config())) {
    const auto logits = model_.logits(tokens_, Taps().edit(site, [](const at::Tensor& x) {
      return 0.5 * x + 0.1 * at::arange(x.numel(), at::kFloat).sin().view(x.sizes());
    }));
    EXPECT_LT(apart(logits, golden("edited/" + site.name())), 1e-4) << site.name();
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
  auto names = no_sites(model_.config());
  for (const auto& site : sites_of(model_.config())) EXPECT_TRUE(names.insert(site.name()).second) << site.name();
  EXPECT_THAT(names, testing::ContainerEq(hooks()));
}

INSTANTIATE_TEST_SUITE_P(Models, Parity, testing::ValuesIn(folders()),
                         [](const auto& info) {
                           const bool committed = info.param.parent_path().filename() == "parity";
                           return committed ? info.param.filename().string() : "real_model";
                         });

}  // namespace
}  // namespace fairfight
