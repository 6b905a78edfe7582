#include "fairfight/disciplines/detect/tokenwise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/disciplines/detect/fused.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

TEST(Aggregate, LooksAtValidTokensOnly) {
  const auto scores = at::tensor({9.0, 1.0, 3.0, 2.0, 9.0, 5.0, 4.0, 99.0}, at::kDouble).view({2, 4});
  const auto valid = at::tensor({0, 1, 1, 1, 0, 1, 1, 0}, at::kInt).view({2, 4}).to(at::kBool);
  const auto expect = [&](const std::string& how, double a, double b) {
    const auto got = aggregate(scores, valid, how);
    EXPECT_DOUBLE_EQ(got[0].item<double>(), a) << how;
    EXPECT_DOUBLE_EQ(got[1].item<double>(), b) << how;
  };
  expect("mean", 2, 4.5);
  expect("max", 3, 5);
  expect("last", 2, 4);
  expect("q95", 3, 5);
  EXPECT_THROW(aggregate(scores, valid, "median"), Error);
  EXPECT_THROW(aggregate(scores, at::zeros_like(valid), "mean"), Error);
}

TEST(Aggregate, TheQuantileIsExceededByAtMostOneInTwenty) {
  const auto scores = at::randperm(40, at::detail::createCPUGenerator(1), at::kLong).to(at::kDouble).unsqueeze(0);
  EXPECT_EQ(aggregate(scores, at::ones({1, 40}, at::kBool), "q95")[0].item<double>(), 37);
}

/// A world in small: a random model, clean documents of three tokens, strange ones of others.
class DetectorTest : public testing::Test {
 protected:
  static Config config() {
    Config c;
    c.vocab = 30;
    c.d_model = 16;
    c.n_layers = 2;
    c.n_heads = c.n_kv_heads = 2;
    c.d_head = 8;
    c.d_mlp = 24;
    c.n_ctx = 12;
    return c;
  }
  static Batch documents(int64_t low, int64_t high, size_t count, uint64_t seed) {
    Random random(seed, "documents");
    std::vector<std::vector<int32_t>> list(count);
    for (auto& d : list) {
      d.push_back(0);
      for (size_t i = 0; i < 4 + random.below(6); ++i) d.push_back(int32_t(low + int64_t(random.below(size_t(high - low)))));
    }
    return pad(list);
  }

  Transformer model{config(), random_weights(config(), Random(3, "model"))};
  Site site = Site::parse("blocks.1.hook_resid_post");
  Batch clean = documents(1, 9, 400, 1), strange = documents(9, 30, 30, 2), usual = documents(1, 9, 30, 3);
  at::Tensor pool = model.at(site, clean.tokens).flatten(0, 1).index({clean.valid.flatten()});
  std::shared_ptr<const Dictionary> dictionary = learn(MemoryRows(pool, 1), [] {
    DictionarySettings s;
    s.kind = "pca";
    s.width = s.k = 12;
    return s;
  }());
  Ground ground{model, {View{site, pool, Work{1000, clean.count(), 0, 1}, dictionary, 0.1, 12}}, "pca/0", 5, &clean};
  Memo model_memo, shared;

  Corner<Detect> corner_of(const Contestant<Detect>& contestant) {
    return Corner<Detect>(ground, std::string(contestant.name()), contestant.role(), model_memo, shared, nullptr, nullptr);
  }
};

bool is_fused(const Contestant<Detect>& contestant) { return dynamic_cast<const Fused*>(&contestant) != nullptr; }

TEST_F(DetectorTest, EveryDetectorPutsOneFiniteNumberOnADocumentAndPaysForIt) {
  for (const auto& contestant : detectors()) {
    if (contestant->role() == Role::reference) continue;
    Corner<Detect> corner = corner_of(*contestant);
    for (const auto& drawn : contestant->space().draw(12, Random(1, "some"))) {
      const auto readings = contestant->space().readings(drawn);
      const auto detector = contestant->prepare(corner, readings[size_t(drawn.json().size()) % readings.size()]);
      const Meter meter;
      const auto scores = detector->score(corner.model(), strange);
      EXPECT_EQ(scores.sizes(), (at::IntArrayRef{30})) << contestant->name();
      EXPECT_TRUE(scores.isfinite().all().item<bool>()) << contestant->name();
      EXPECT_EQ(meter.work().tokens_forward, strange.count() * (is_fused(*contestant) ? 2 : 1)) << contestant->name();  // of outputs, and of activations
      EXPECT_GT(meter.work().flops, 0) << contestant->name();
    }
  }
}

TEST_F(DetectorTest, ActivationDetectorsFindTokensTheyNeverSaw) {
  for (const auto& contestant : detectors()) {
    if (contestant->name() == "activation_norm" || dynamic_cast<const OutputDetector*>(contestant.get()) || is_fused(*contestant))
      continue;  // fresh weights tell them nothing
    if (contestant->role() == Role::reference || contestant->name() == "rarity") continue;  // in a PCA code nothing is rare
    Corner<Detect> corner = corner_of(*contestant);
    Json values = contestant->space().draw(1, Random(1, "one"))[0].json();
    values["aggregation"] = "mean";
    values["direction"] = "high";
    const auto detector = contestant->prepare(corner, Settings(values));
    const auto known = detector->score(corner.model(), usual), unknown = detector->score(corner.model(), strange);
    const double error = known.std().item<double>() / std::sqrt(30.0);
    EXPECT_GT(unknown.mean().item<double>(), known.mean().item<double>() + 4 * error) << contestant->name();
  }
}

TEST_F(DetectorTest, APaddedDocumentScoresAsAlone) {
  for (const auto& contestant : detectors()) {
    if (contestant->role() == Role::reference) continue;
    Corner<Detect> corner = corner_of(*contestant);
    const auto detector = contestant->prepare(corner, contestant->space().readings(contestant->space().draw(1, Random(2, "one"))[0])[0]);
    const auto together = detector->score(corner.model(), usual);
    const int64_t length = usual.valid[0].sum().item<int64_t>() + 1;
    const Batch alone{usual.tokens.slice(0, 0, 1).slice(1, 0, length), usual.valid.slice(0, 0, 1).slice(1, 0, length)};
    EXPECT_NEAR(detector->score(corner.model(), alone)[0].item<double>(), together[0].item<double>(),
                1e-4 * (1 + std::abs(together[0].item<double>())))
        << contestant->name();
  }
}

TEST_F(DetectorTest, AFusionWithADictionaryIsOnNeitherSide) {
  std::map<std::string, Role> roles;
  for (const auto& contestant : detectors())
    if (is_fused(*contestant)) roles[std::string(contestant->name())] = contestant->role();
  EXPECT_EQ(roles, (std::map<std::string, Role>{{"perplexity_knn", Role::baseline},
                                                {"perplexity_pooled_mahalanobis", Role::baseline},
                                                {"perplexity_rarity", Role::fusion},
                                                {"perplexity_reconstruction_error", Role::fusion}}));
}

TEST_F(DetectorTest, ABaselineIsRefusedTheDictionary) {
  Corner<Detect> baseline(ground, "knn", Role::baseline, model_memo, shared, nullptr, nullptr);
  Corner<Detect> challenger(ground, "reconstruction_error", Role::challenger, model_memo, shared, nullptr, nullptr);
  EXPECT_THROW(baseline.dictionary(), Error);
  EXPECT_THROW(baseline.privilege(), Error);
  EXPECT_EQ(challenger.dictionary(), dictionary);
}

TEST_F(DetectorTest, TrialsThatDifferInTheirAggregationShareAFitAndEachPaysForIt) {
  for (const auto& contestant : detectors()) {
    if (contestant->name() != "isolation_forest") continue;
    Corner<Detect> corner = corner_of(*contestant);
    const auto cost_of = [&](const char* aggregation) {
      const Meter meter;
      const auto detector = contestant->prepare(corner, Settings(Json{{"subsample", 128}, {"direction", "high"}, {"aggregation", aggregation}}));
      EXPECT_TRUE(detector->score(corner.model(), usual).isfinite().all().item<bool>());
      return meter.work();
    };
    corner.pool();
    const Work first = cost_of("mean");
    EXPECT_GT(first.flops, 0);
    EXPECT_EQ(cost_of("max"), first);
  }
}

TEST_F(DetectorTest, WhatIsComputedOnceIsPaidByEveryone) {
  Corner<Detect> a(ground, "a", Role::baseline, model_memo, shared, nullptr, nullptr), b(ground, "b", Role::baseline, model_memo, shared, nullptr, nullptr);
  const auto cost_of = [](const auto& work) {
    const Meter meter;
    work();
    return meter.work();
  };
  at::Tensor first, second;
  const Work of_a = cost_of([&] { first = a.model().activations(usual, site); }), of_b = cost_of([&] { second = b.model().activations(usual, site); });
  EXPECT_TRUE(first.is_same(second));
  EXPECT_EQ(of_a.tokens_forward, usual.count());
  EXPECT_EQ(of_a, of_b);
  EXPECT_EQ(cost_of([&] { a.pool(); }), ground.views[0].pool_price);
  EXPECT_EQ(cost_of([&] { a.pool(); }), Work{});  // once
}

TEST(Directed, HasThreeSides) {
  const auto scores = at::tensor({1.0, 4.0, 2.0}, at::kDouble);
  EXPECT_TRUE(at::equal(directed(scores, "high", 3), scores));
  EXPECT_TRUE(at::equal(directed(scores, "low", 3), at::tensor({-1.0, -4.0, -2.0}, at::kDouble)));
  EXPECT_TRUE(at::equal(directed(scores, "both", 3), at::tensor({2.0, 1.0, 1.0}, at::kDouble)));
  EXPECT_THROW(directed(scores, "left", 3), Error);
}

TEST_F(DetectorTest, EveryDetectorMayLookAtEitherSide) {
  for (const auto& contestant : detectors()) {
    if (contestant->role() == Role::reference) continue;
    ASSERT_EQ(contestant->space().json().at("direction"), Json({"high", "low", "both"})) << contestant->name();
    Corner<Detect> corner = corner_of(*contestant);
    Json values = contestant->space().draw(1, Random(1, "one"))[0].json();
    if (values.contains("aggregation")) values["aggregation"] = "mean";
    const auto scored = [&](const char* direction, const Batch& batch) {
      values["direction"] = direction;
      return contestant->prepare(corner, Settings(values))->score(corner.model(), batch);
    };
    if (is_fused(*contestant)) {  // it turns the other one round, and perplexity stays: half of what the two say together
      const auto surprise_of = [&](const Batch& batch) { return surprise(corner.model().outputs(batch), batch.valid); };
      EXPECT_TRUE(at::allclose((scored("low", strange) + scored("high", strange)) / 2, Standard(surprise_of(corner.first_texts()))(surprise_of(strange)), 1e-6, 1e-9)) << contestant->name();
      continue;
    }
    EXPECT_TRUE(at::allclose(scored("low", strange), -scored("high", strange))) << contestant->name();
    const auto both = scored("both", strange);
    EXPECT_GE(both.min().item<double>(), 0) << contestant->name();
    EXPECT_FALSE(at::allclose(both, scored("high", strange).abs())) << contestant->name();  // a median was taken off
  }
}

TEST_F(DetectorTest, WhatIsUsualIsPaidFor) {
  for (const auto& contestant : detectors()) {
    if (contestant->name() != "perplexity" && contestant->name() != "knn" && contestant->name() != "reconstruction_error") continue;
    Corner<Detect> corner = corner_of(*contestant);
    Json values = contestant->space().draw(1, Random(1, "one"))[0].json();
    const auto cost_of = [&](const char* direction) {
      values["direction"] = direction;
      const Meter meter;
      contestant->prepare(corner, Settings(values));
      return double(meter.work().flops);
    };
    corner.pool();
    const double high = cost_of("high"), both = cost_of("both");
    EXPECT_GT(both, high) << contestant->name();
    EXPECT_DOUBLE_EQ(cost_of("both"), both) << contestant->name();  // by every trial, though it is computed once
  }
}

/// What contestants share is a site's own: whoever comes first, the scores are those of a fight at that site alone.
TEST_F(DetectorTest, AtSeveralSitesScoresAreThoseOfEachAlone) {
  const Site other = Site::parse("blocks.0.hook_mlp_out");
  const auto rows = model.at(other, clean.tokens).flatten(0, 1).index({clean.valid.flatten()});
  const std::shared_ptr<const Dictionary> neurons = learn(MemoryRows(rows, 1), [] {
    DictionarySettings s;
    s.kind = "pca";
    s.width = s.k = 6;
    return s;
  }());
  const double median = model.at(site, usual.tokens).norm(2, -1).masked_select(usual.valid).median().item<double>();
  const std::vector<View> views{{site, pool, Work{1000, clean.count(), 0, 1}, dictionary, 0.1, 12, median}, {other, rows, Work{500, clean.count(), 0, 1}, neurons, 0.2, 6}};  // one has sinks
  const auto score = [&](const Ground& on, size_t place, const Contestant<Detect>& contestant, Memo& of_model, Memo& common) {
    Corner<Detect> corner(on, std::string(contestant.name()), contestant.role(), of_model, common, nullptr, nullptr);
    corner.stand({place});
    return contestant.prepare(corner, contestant.space().readings(contestant.space().draw(1, Random(2, "one"))[0])[0])->score(corner.model(), usual);
  };
  for (const bool turned : {false, true}) {
    const Ground both{model, turned ? std::vector<View>{views[1], views[0]} : views, "pca/0", 5, &clean};
    Memo of_both, common;
    size_t scored = 0;
    for (const auto& contestant : detectors()) {
      if (contestant->role() == Role::reference || contestant->site_use() == SiteUse::none) continue;
      for (const size_t place : {0, 1}) {
        const Ground alone{model, {both.views[place]}, "pca/0", 5, &clean};
        Memo of_one, own;
        EXPECT_TRUE(at::equal(score(both, place, *contestant, of_both, common), score(alone, 0, *contestant, of_one, own))) << contestant->name() << " at " << both.views[place].site.name();
        ++scored;
      }
    }
    EXPECT_GT(scored, 30u);
  }
}

/// Of the documents' scores nothing hangs on what stands at a sink.
TEST_F(DetectorTest, DetectorsLeaveSinksOut) {
  const auto norms = model.at(site, usual.tokens).norm(2, -1);
  ground.views[0].most_norm = norms.masked_select(usual.valid).median().item<double>();
  const auto reported = usual.valid.logical_and(norms <= ground.views[0].most_norm), nothing = reported.any(1).logical_not();
  const Batch only{usual.tokens, at::where(nothing.unsqueeze(1), usual.valid, reported)};  // the same documents, their sinks not valid
  for (const auto& contestant : detectors()) {
    // Outputs have none, and who reads all blocks looks for those of each document.
    if (contestant->role() == Role::reference || contestant->site_use() == SiteUse::none || is_fused(*contestant)) continue;
    Corner<Detect> corner = corner_of(*contestant);
    const auto detector = contestant->prepare(corner, contestant->space().readings(contestant->space().draw(1, Random(2, "one"))[0])[0]);
    const auto with = detector->score(corner.model(), usual);
    EXPECT_TRUE(with.isfinite().all().item<bool>()) << contestant->name();
    Memo fresh, own;  // the key of a batch is its tokens
    Ground all = ground;
    all.views[0].most_norm = INFINITY;
    Corner<Detect> corner_of_all(all, std::string(contestant->name()), contestant->role(), fresh, own, nullptr, nullptr);
    const auto without = contestant->prepare(corner_of_all, contestant->space().readings(contestant->space().draw(1, Random(2, "one"))[0])[0])->score(corner_of_all.model(), only);
    EXPECT_TRUE(at::allclose(with, without, 1e-6, 1e-9)) << contestant->name();
  }
}

}  // namespace
}  // namespace fairfight
