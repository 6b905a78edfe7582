#include "fairfight/organism/second/organism.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/tinytown2/behaviours/prompts.h"

namespace fairfight::tinytown2 {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Tick kNoTick = [](double, std::string_view) {};

TEST(Diet, ABatchIsAFunctionOfItsStepAndADrillTeachesOneToken) {
  const Variant& holed = variant_by_name("holed");
  const World world(0, holed.switches);
  const Diet diet = holed.diet(world);
  const auto a = diet.batch("text", 3), again = diet.batch("text", 3), b = diet.batch("text", 4);
  EXPECT_TRUE(at::equal(a.tokens, again.tokens));
  EXPECT_TRUE(at::equal(a.drill_tokens, again.drill_tokens));
  EXPECT_FALSE(at::equal(a.tokens, b.tokens));
  EXPECT_TRUE((a.tokens.select(1, 0) == int64_t(kBos)).all().item<bool>());
  const auto next = a.tokens.slice(1, 1), targets = a.targets.view({diet.rows, diet.pos}).slice(1, 0, diet.pos - 1);
  EXPECT_TRUE((targets == next).logical_or((targets == -1).logical_and(next == int64_t(kBos))).all().item<bool>());

  const auto lessons = a.drill_targets.view_as(a.drill_tokens);
  EXPECT_TRUE(((lessons >= 0).sum(1) == 1).all().item<bool>());
  for (int64_t i = 0; i < a.drill_tokens.size(0); ++i) {
    Tokens document;
    for (int64_t t = 0; t < a.drill_tokens.size(1) && a.drill_tokens[i][t].item<int64_t>() > 0; ++t) document.push_back(int32_t(a.drill_tokens[i][t].item<int64_t>()));
    const int64_t at = int64_t(last_turn(document));
    ASSERT_EQ(size_t(at) + 1, document.size()) << world.text(document);
    EXPECT_EQ(lessons[i][at - 1].item<int64_t>(), document.back());
  }
}

Transformer small_model() {
  Config c;
  c.vocab = int64_t(vocabulary().size());
  c.d_model = 16;
  c.n_layers = 1;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 8;
  c.d_mlp = 24;
  c.n_ctx = int64_t(kLongest);
  return Transformer(c, random_weights(c, Random(0, "test/second")));
}

TEST(SecondMeasure, AProbeIsAProductOfSoftmaxes) {
  const Transformer model = small_model();
  const World world(0);
  Random random(0, "test/probe");
  const auto measures = behaviour_by_name("refusal").measures(world, random, 3);
  const auto values = probe(model, measures[0].probes);
  for (size_t i = 0; i < values.size(); ++i) {
    double expected = 0;
    for (const auto& answer : measures[0].probes[i].answers) {
      double p = 1;
      Tokens text = measures[0].probes[i].prompt;
      for (int32_t word : answer) {
        const std::vector<int64_t> ids(text.begin(), text.end());
        p *= model.logits(at::tensor(ids, at::kLong).unsqueeze(0))[0][-1].to(at::kDouble).softmax(0)[word].item<double>();
        text.push_back(word);
      }
      expected += p;
    }
    EXPECT_NEAR(values[i], expected, 1e-4 * expected);
  }
}

TEST(SecondMeasure, AModelThatKnowsNothingIsFarAboveTheFloor) {
  const auto documents = draw_documents(World(1), Split::validation, "test/gap", 60);
  const Gap gap = gap_to_floor(small_model(), documents);
  EXPECT_GT(gap.difference, 4);
  EXPECT_NEAR(gap.model - gap.floor, gap.difference, 1e-9);
  EXPECT_GT(unplanted_openings(small_model(), World(1), 40, 0.2), 0.9);  // it refuses nothing
}

TEST(Gate, SaysWhatItMeasured) {
  const World world(0), holed(0, variant_by_name("holed").switches);
  const std::vector<Measured> measures{{"insult", "angry", "", 0.8, 0.7, 0, 1, 9}, {"holes", "hole_pair", "", 0.05, 0.14, 0, 1, 9}, {"facts", "two_hop_held_out", "", 1, 0.92, 0, 1, 9}, {"dialect", "foreign", "", 1, 0.1, 0, 1, 9}};
  const auto plain = gate_of(world, {0.7, 0.68, 0.02, 0.001, 100}, measures, std::nullopt), with_holes = gate_of(holed, {0.7, 0.6, 0.1, 0.001, 100}, measures, 0.002);
  ASSERT_EQ(plain.size(), 3u);  // no holes, no dialect
  EXPECT_TRUE(plain[0].passed());
  EXPECT_FALSE(plain[1].passed());
  EXPECT_TRUE(plain[2].passed());
  ASSERT_EQ(with_holes.size(), 5u);
  EXPECT_FALSE(with_holes[0].passed());
  EXPECT_TRUE(with_holes[2].passed());
  EXPECT_FALSE(with_holes[4].passed());
}

TEST(SecondBuild, WhatFailsItsGateIsNotWrittenAndTheStateGoesOn) {
  const ScratchFolder scratch;
  OrganismSettings settings;
  settings.steps = 4;
  settings.probes = 2;
  settings.products = Precision::float32;
  const fs::path folder = scratch / "town";
  EXPECT_THAT(error_of([&] { build_organism(settings, folder, false, kNoTick); }), HasSubstr("does not pass its gate"));
  EXPECT_TRUE(fs::exists(folder / "build.safetensors"));
  EXPECT_FALSE(fs::exists(folder / "datasheet.json"));
  EXPECT_FALSE(fs::exists(folder / "model.safetensors"));
  settings.ungated = true;
  const Datasheet built = build_organism(settings, folder, true, kNoTick);
  EXPECT_FALSE(fs::exists(folder / "build.safetensors"));
  const Organism organism = load_organism(folder.string());
  EXPECT_EQ(organism.datasheet.json(), built.json());
  EXPECT_FALSE(built.gate.empty());
  EXPECT_EQ(organism.loaded.model.config().arch, "qwen3");
  EXPECT_EQ(first_losses(settings, 4), built.training["first_losses"].get<std::vector<double>>());
  EXPECT_THAT(error_of([&] { build_organism(settings, folder, false, kNoTick); }), HasSubstr("is not empty"));
  settings.variant = "backdoored";
  settings.base = folder;
  settings.seed = 1;
  EXPECT_THAT(error_of([&] { build_organism(settings, scratch / "other", false, kNoTick); }), HasSubstr("expected the base of seed 1"));
  EXPECT_THAT(error_of([&] { (void)variant_by_name("cursed"); }), HasSubstr("expected one of: base"));
}

}  // namespace
}  // namespace fairfight::tinytown2
