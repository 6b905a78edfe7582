#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "fairfight/arena/scores.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Config thirty_words() {
  Config c;
  c.vocab = 30;
  c.d_model = 16;
  c.n_layers = 1;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 8;
  c.d_mlp = 24;
  c.n_ctx = 12;
  return c;
}

Batch documents(int64_t low, int64_t high, size_t count, const std::string& stream) {
  Random random(1, stream);
  std::vector<std::vector<int32_t>> list(count, {0});
  for (auto& d : list)
    for (size_t i = 0; i < 3 + random.below(8); ++i) d.push_back(int32_t(low + int64_t(random.below(size_t(high - low)))));
  return pad(list);
}

const CodeDetector& challenger(std::string_view name) {
  for (const auto& c : detectors())
    if (c->name() == name) return dynamic_cast<const CodeDetector&>(*c);
  fail("[test] no challenger {}", name);
}

class ChallengersTest : public testing::Test {
 protected:
  static std::unique_ptr<Dictionary> learned(const at::Tensor& pool, const std::string& kind) {
    DictionarySettings s;
    s.kind = kind;
    s.width = 24;
    s.k = 4;
    s.tokens = 20000;
    s.batch = 500;
    return learn(MemoryRows(pool, 1), s);
  }
  ChallengersTest() : encoded{pool, topk->reconstruct(pool), topk->encode(pool)} {}

  Corner<Detect> corner(const Dictionary& dictionary, Role role = Role::challenger) {
    memo.clear();
    ground = std::make_unique<Ground>(Ground{model, {View{site, pool, {}, std::shared_ptr<const Dictionary>(std::shared_ptr<void>(), &dictionary), 0.1, 24}}, "basis", 5});
    return Corner<Detect>(*ground, "name", role, model_memo, memo, nullptr, &labelled);
  }
  at::Tensor scores(std::string_view name, const Dictionary& dictionary, const Json& settings, const Encoded& rows) {
    Corner<Detect> c = corner(dictionary);
    return challenger(name).fit(c, Settings(settings))(rows).to(at::kDouble);
  }

  Transformer model{thirty_words(), random_weights(thirty_words(), Random(3, "model"))};
  Site site = Site::parse("blocks.0.hook_resid_post");
  Batch clean = documents(1, 12, 300, "clean"), strange = documents(12, 30, 40, "strange"), usual = documents(1, 12, 40, "usual");
  Detect::Privilege labelled{{"clean", documents(1, 12, 60, "labelled clean")}, {"odd", documents(12, 30, 60, "labelled odd")}};
  at::Tensor pool = model.at(site, clean.tokens).flatten(0, 1).index({clean.valid.flatten()});
  std::unique_ptr<Dictionary> topk = learned(pool, "topk"), random = learned(pool, "random");
  Encoded encoded;
  Memo model_memo, memo;
  std::unique_ptr<Ground> ground;
};

TEST_F(ChallengersTest, TheReconstructionErrorsAreTheirFormulas) {
  const auto mean = pool.mean(0);
  for (int64_t i : {0, 7, 99}) {
    const auto x = pool[i], y = encoded.reconstruction[i];
    const double error = (x - y).square().sum().item<double>(), spread = (x - mean).square().sum().item<double>();
    const double cosine = ((x - mean) * (y - mean)).sum().item<double>() / std::sqrt(spread * (y - mean).square().sum().item<double>());
    const auto of = [&](const char* form) { return scores("reconstruction_error", *topk, {{"form", form}}, encoded)[i].item<double>(); };
    EXPECT_NEAR(of("absolute"), error, 1e-5 * error);
    EXPECT_NEAR(of("relative"), error / spread, 1e-5);
    EXPECT_NEAR(of("cosine"), 1 - cosine, 1e-5);
  }
}

TEST_F(ChallengersTest, SparsityCountsWhereTheCountVariesAndElseTakesTheWeakest) {
  const auto l0_or_kth = [&](const Dictionary& d) {
    const Encoded rows{pool, d.reconstruct(pool), d.encode(pool)};
    return std::pair(scores("sparsity", d, {{"statistic", "l0_or_kth"}}, rows), rows.codes);
  };
  const auto [weakest, codes] = l0_or_kth(*topk);  // TopK: always k of them
  ASSERT_TRUE(((codes.values != 0).sum(1) == 4).all().item<bool>());
  EXPECT_TRUE(at::allclose(weakest, codes.values.amin(1).to(at::kDouble)));
  const auto [count, varying] = l0_or_kth(*random);
  EXPECT_TRUE(at::equal(count, (varying.values != 0).sum(1).to(at::kDouble)));
  EXPECT_GT(count.std().item<double>(), 0);
}

TEST_F(ChallengersTest, RarityIsTheDenseSumOverFeatures) {
  const auto codes = encoded.codes;
  auto fires = at::zeros({pool.size(0), 24}, at::kDouble);  // the plain version: a dense table
  fires.scatter_(1, codes.indices.to(at::kLong), (codes.values != 0).to(at::kDouble));
  const auto rate = (fires.sum(0) + 1) / (double(pool.size(0)) + 2);
  const auto sum = -(fires * rate.log()).sum(1);
  EXPECT_TRUE(at::allclose(scores("rarity", *topk, {{"form", "sum"}}, encoded), sum));
  EXPECT_TRUE(at::allclose(scores("rarity", *topk, {{"form", "mean"}}, encoded), sum / fires.sum(1)));
  const auto bernoulli = -(fires * rate.log() + (1 - fires) * (1 - rate).log()).sum(1);
  const auto ours = scores("rarity", *topk, {{"form", "bernoulli"}}, encoded);
  EXPECT_TRUE(at::allclose(ours - ours[0], bernoulli - bernoulli[0], 1e-6, 1e-6));  // up to a constant
}

TEST_F(ChallengersTest, UnknownKnobsAreRefused) {
  EXPECT_THROW(scores("reconstruction_error", *topk, {{"form", "cubic"}}, encoded), Error);
}

TEST_F(ChallengersTest, TheProbeLearnsFromLabelsThatOnlyAReferenceSees) {
  const auto& probe = *std::find_if(detectors().begin(), detectors().end(), [](const auto& c) { return c->name() == "supervised_probe"; });
  ASSERT_EQ(probe->role(), Role::reference);
  Corner<Detect> c = corner(*topk, Role::reference);
  const auto detector = probe->prepare(c, Settings(Json{{"l2", 0.01}}));
  EXPECT_EQ(c.account().labels, 120);
  EXPECT_GT(detector->score(c.model(), strange).mean().item<double>(), detector->score(c.model(), usual).mean().item<double>() + 1);
  Corner<Detect> baseline = corner(*topk, Role::baseline);
  EXPECT_THROW(probe->prepare(baseline, Settings(Json{{"l2", 0.01}})), Error);
}

}  // namespace
}  // namespace fairfight
