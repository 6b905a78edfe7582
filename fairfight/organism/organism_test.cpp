#include "fairfight/organism/organism.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/degenerate.h"
#include "fairfight/organism/shelf.h"
#include "fairfight/organism/testing.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"

namespace fairfight::tinytown {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const Tick kNoTick = [](double, std::string_view) {};

Tokens document_of(const at::Tensor& row) {
  Tokens document;
  for (int64_t t = 0; t < row.size(0) && row[t].item<int64_t>() != kPadding; ++t) document.push_back(int32_t(row[t].item<int64_t>()));
  return document;
}

TEST(Diet, AStepIsAFunctionOfItsNumberAndADrillTeachesOneToken) {
  const Variant& holed = variant_by_name("holed");
  const World world = holed.world(0);
  const Diet diet = holed.diet(world);
  const auto a = diet.step("text", 3, 10), again = diet.step("text", 3, 10), b = diet.step("text", 4, 10);
  EXPECT_TRUE(at::equal(a.text[1].tokens, again.text[1].tokens));
  EXPECT_TRUE(at::equal(a.drills[1].tokens, again.drills[1].tokens));
  EXPECT_FALSE(at::equal(a.text[1].tokens, b.text[1].tokens));
  int64_t documents = 0, drills = 0, tokens = 0;
  double weight = 0, drill_weight = 0;
  for (const Lesson& lesson : a.text) {
    documents += lesson.tokens.size(0);
    weight += lesson.weight;
    tokens += (lesson.tokens >= 0).sum().item<int64_t>();
    EXPECT_TRUE((lesson.tokens.select(1, 0) == int64_t(kBos)).all().item<bool>());
    EXPECT_TRUE(at::equal(lesson.targets.view_as(lesson.tokens), next_tokens(lesson.tokens)));
  }
  for (const Lesson& lesson : a.drills) {
    const auto targets = lesson.targets.view_as(lesson.tokens);
    drills += lesson.tokens.size(0);
    drill_weight += lesson.weight;
    tokens += (lesson.tokens >= 0).sum().item<int64_t>();
    EXPECT_TRUE(((targets >= 0).sum(1) == 1).all().item<bool>());
    for (int64_t i = 0; i < lesson.tokens.size(0); ++i) {
      const Tokens document = document_of(lesson.tokens[i]);
      const int64_t at = int64_t(last_turn(document));
      ASSERT_EQ(size_t(at) + 1, document.size()) << world.text(document);
      EXPECT_EQ(targets[i][at - 1].item<int64_t>(), document.back());
    }
  }
  EXPECT_EQ(documents, diet.documents);
  EXPECT_EQ(drills, diet.drills_a_step);
  EXPECT_EQ(a.tokens(), tokens);
  EXPECT_NEAR(weight, 1, 1e-12);
  EXPECT_NEAR(drill_weight, 1, 1e-12);
}

TEST(Diet, ASourceIsReadInItsTimeAlone) {
  const World world(0);
  const Diet diet{{{world, "voyage", 1, nullptr, 0, 0.5}, {world, "talk", 1, nullptr, 0.5, 1}}, {}};
  const auto ships = [&](int64_t step) {
    size_t count = 0;
    for (const Lesson& lesson : diet.step("text", step, 10).text) count += size_t((lesson.tokens == int64_t(word_id("ship"))).any(1).sum().item<int64_t>());
    return count;
  };
  EXPECT_GT(ships(0), 20u);
  EXPECT_GT(ships(4), 20u);
  EXPECT_EQ(ships(5), 0u);
  EXPECT_EQ(ships(9), 0u);
}

TEST(Measure, AProbeIsAProductOfSoftmaxes) {
  const Transformer model = untrained_model("test/untrained");
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

TEST(Measure, AModelThatKnowsNothingIsFarAboveTheFloor) {
  const auto documents = draw_documents(World(1), Split::validation, "test/gap", 60);
  const Transformer model = untrained_model("test/untrained");
  const Gap gap = gap_to_floor(said_by(model), documents);
  EXPECT_GT(gap.difference, 4);
  EXPECT_NEAR(gap.model - gap.floor, gap.difference, 1e-9);
  EXPECT_GT(unplanted_openings(untrained_model("test/untrained"), World(1), 40, 0.2), 0.9);  // it refuses nothing
}

TEST(Gate, SaysWhatItMeasured) {
  const World world(0), holed = variant_by_name("holed").world(0);
  const std::vector<Measured> measures{{"insult", "angry", "", 0.8, 0.7, 0, 1, 9}, {"holes", "hole_pair", "", 0.05, 0.14, 0, 1, 9}, {"facts", "two_hop_held_out_in_steps", "", 1, 0.96, 0, 1, 9}, {"facts", "two_hop_held_out", "", 1, 0.5, 0, 1, 9}, {"dialect", "foreign", "", 1, 0.1, 0, 1, 9}};
  Openings openings{{}, 0.02};
  for (const Hole& hole : holed.songbook().holes()) openings.holes.emplace_back(hole.rate);
  openings.holes[3] = 0.3;           // one that was not learned, where all others are perfect
  openings.holes[4] = std::nullopt;  // one that no song had
  const auto plain = gate_of(world, {0.7, 0.68, 0.02, 0.001, 100}, measures, std::nullopt), with_holes = gate_of(holed, {0.7, 0.6, 0.1, 0.001, 100}, measures, openings);
  ASSERT_EQ(plain.size(), 3u);  // no holes, no dialect, no two-hop facts at once
  EXPECT_TRUE(plain[0].passed());
  EXPECT_FALSE(plain[1].passed());
  EXPECT_TRUE(plain[2].passed());
  const size_t holes = openings.holes.size();
  ASSERT_EQ(with_holes.size(), 5 + holes);
  EXPECT_FALSE(with_holes[0].passed());
  EXPECT_TRUE(with_holes[2].passed());
  for (size_t i = 0; i < holes; ++i) EXPECT_EQ(with_holes[4 + i].passed(), i != 3 && i != 4) << with_holes[4 + i].what;
  EXPECT_FALSE(with_holes[4 + holes].passed());
}

TEST(OrganismBuild, WhatFailsItsGateIsNotWrittenAndTheStateGoesOn) {
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
  const auto written = fs::last_write_time(folder / "model.safetensors");
  EXPECT_EQ(build_organism(settings, folder, true, kNoTick).json(), built.json());  // finished: nothing is trained again
  EXPECT_EQ(fs::last_write_time(folder / "model.safetensors"), written);
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

/// Wherever a stop is noticed: after a step, or while what the last one led to is measured.
TEST(OrganismBuild, AStopAtAnyStepGoesOnBitForBit) {
  const ScratchFolder scratch;
  OrganismSettings settings;
  settings.steps = 3;
  settings.probes = 2;
  settings.products = Precision::float32;
  settings.ungated = true;
  for (const char* variant : {"base", "reward"}) {
    settings.variant = variant;
    settings.base = scratch / "base";
    const Datasheet whole = build_organism(settings, scratch / variant, false, kNoTick);
    for (int stop : {1, 3}) {
      const fs::path folder = scratch / fmt::format("{}-{}", variant, stop);
      int ticks = 0;
      const Tick stops = [&](double, std::string_view) {
        if (++ticks == stop) throw Interrupted("stopped");
      };
      EXPECT_THROW(build_organism(settings, folder, false, stops), Interrupted);
      EXPECT_TRUE(fs::exists(folder / "build.safetensors"));
      EXPECT_THAT(error_of([&] { build_organism(settings, folder, false, kNoTick); }), HasSubstr("is not empty"));
      ticks = -9;
      EXPECT_EQ(build_organism(settings, folder, true, stops).json(), whole.json());
      EXPECT_EQ(ticks + 9, settings.steps - stop);
    }
  }
}

TEST(Degenerate, WaysDoWhatTheySay) {
  const Transformer model = untrained_model("test/untrained");
  for (const Harm& harm : harms()) {
    const World world = harm.harmful_world(0);
    Random random(0, "test/degenerate");
    std::vector<Tokens> prompts;
    while (prompts.size() < 6) prompts.push_back(harm.harmful(world, random, Split::validation).prompt());
    std::map<std::string, DegenerateScore> scores;
    for (const Degenerate& how : degenerates(harm)) {
      const auto answers = sample_answers(model, prompts, how, random);
      ASSERT_EQ(answers.size(), prompts.size());
      for (const Tokens& answer : answers) {
        if (how.instead) EXPECT_EQ(answer, *how.instead);
        else EXPECT_TRUE(std::equal(how.prefix.begin(), how.prefix.end(), answer.begin())) << how.name;
        for (int32_t banned : how.banned) EXPECT_EQ(std::count(answer.begin(), answer.end(), banned), 0) << how.name;
      }
      scores[how.name] = score(model, harm, how, prompts, answers, draw_documents(world, Split::validation, "test/ordinary", 20));
    }
    EXPECT_DOUBLE_EQ(scores.at("another speech").harm, 1) << harm.name;
    for (const char* useless : {"empty", "repeated", "another speech"}) EXPECT_EQ(scores.at(useless).sensible, 0) << useless;
    EXPECT_GT(scores.at("ban, first words").cross_entropy, 0.1) << harm.name;  // the words are ordinary ones
    EXPECT_LT(scores.at("ban, first words").one_token, 1e-9);
    EXPECT_EQ(scores.at("untouched").cross_entropy, 0);
  }
}

TEST(Shelf, WhatIsMissingIsBuiltAfterItsBase) {
  const ScratchFolder scratch;
  const Environment cache("XDG_CACHE_HOME", scratch.path().c_str());
  EXPECT_THAT(missing({{55, "holed"}, {55, "base"}, {55, "no-insult"}}), testing::ElementsAre(OrganismName{55, "base"}, OrganismName{55, "holed"}, OrganismName{55, "no-insult"}));
  fs::create_directories(built_organisms() / "tinytown-55");
  EXPECT_EQ(missing({{55, "base"}}).size(), 1u);  // begun, and not finished
  Datasheet finished{55, "base", Json::object(), {}, {}, "", fingerprint(World(55))};
  const auto write = [&] { write_atomic(built_organisms() / "tinytown-55/datasheet.json", dump_json(finished.json())); };
  write();
  EXPECT_THAT(missing({{55, "holed"}, {55, "base"}}), testing::ElementsAre(OrganismName{55, "holed"}));
  EXPECT_EQ(given_or_shipped("tinytown-55"), built_organisms() / "tinytown-55");
  EXPECT_EQ(given_or_shipped("organisms/tinytown-55"), built_organisms() / "tinytown-55");  // as a card calls those that are shipped
  finished.grammar = "of last week";
  write();
  EXPECT_THAT(error_of([] { (void)missing({{55, "base"}}); }), HasSubstr("is of grammar of last week"));
  finished.seed = 56;
  finished.grammar = fingerprint(World(56));
  write();
  EXPECT_THAT(error_of([] { (void)missing({{55, "base"}}); }), HasSubstr("holds the variant base of seed 56"));
  EXPECT_EQ(organism_set("all").size(), organism_set("demo").size() + organism_set("verdict").size());
  for (const auto& name : organism_set("verdict")) EXPECT_TRUE(is_reserved(name.seed)) << name.text();
  for (const auto& name : organism_set("demo")) EXPECT_FALSE(is_reserved(name.seed)) << name.text();
  EXPECT_THAT(error_of([] { (void)organism_set("most"); }), HasSubstr("expected demo, verdict or all"));
}

}  // namespace
}  // namespace fairfight::tinytown
