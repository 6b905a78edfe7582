#include "fairfight/dict/metrics.h"

#include <gtest/gtest.h>

#include "fairfight/acts/harvest.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Says what it was reported to say: the codes are the row itself, changed.
class Changed final : public AtomDictionary {
 public:
  Changed(at::Tensor change, int64_t d) : AtomDictionary(at::eye(d), at::zeros({d})), change_(change) {}
  std::string_view kind() const override { return "changed"; }
  Codes encode_any(const at::Tensor& x) const override {
    return {x + change_, at::arange(width(), at::kInt).expand({x.size(0), width()}).contiguous(), width()};
  }

 private:
  at::Tensor change_;
};

TEST(Reconstruction, FvuIsThatOfTheDefinitionHoweverFarTheMean) {
  const auto x = random_unit_rows(500, 8, Random(1, "x")) + 1000;
  const auto change = at::full({8}, 0.1f);
  const Changed dictionary(change, 8);
  const auto quality = measure_reconstruction(dictionary, MemoryRows(x, 1), 500);
  const auto x64 = x.to(at::kDouble);
  const double variance = (x64 - x64.mean(0)).square().sum().item<double>();
  const double error = (x64 - dictionary.reconstruct(x).to(at::kDouble)).square().sum().item<double>();
  EXPECT_NEAR(quality.fvu / (error / variance), 1, 1e-9);
  EXPECT_NEAR(error, 500 * 8 * 0.01, 0.5);  // a constant error counts
  EXPECT_NEAR(quality.explained_variance(), 1 - quality.fvu, 1e-12);
}

TEST(Reconstruction, CountsEveryRowOnceAndSeesDeadLatents) {
  auto x = random_unit_rows(5000, 6, Random(1, "x"));  // more than a batch, and not a multiple of one
  x.select(1, 2).zero_();
  const auto quality = measure_reconstruction(Changed(at::zeros({6}), 6), MemoryRows(x, 1), 5000);
  EXPECT_EQ(quality.rows, 5000);
  EXPECT_EQ(quality.l0, 5);
  EXPECT_NEAR(quality.dead, 1. / 6, 1e-12);
  EXPECT_EQ(quality.fvu, 0);
}

TEST(Reconstruction, NeedsVariance) {
  EXPECT_THROW(measure_reconstruction(Changed(at::zeros({2}), 2), MemoryRows(at::ones({5, 2}), 1), 5), Error);
}

Config tiny() {
  Config c;
  c.vocab = 17;
  c.d_model = 8;
  c.n_layers = 2;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 4;
  c.d_mlp = 16;
  c.n_ctx = 12;
  return c;
}

class SpliceTest : public testing::Test {
 protected:
  SpliceTest() {
    batches.push_back(pad({{1, 2, 3, 4, 5, 6}, {1, 7, 8}, {1, 9, 10, 11}}));
    batches.push_back(pad({{1, 3, 5}}));
  }

  Transformer model{tiny(), random_weights(tiny(), Random(1, "model"))};
  Site site = Site::parse("blocks.0.hook_resid_post");
  std::vector<Batch> batches;
};

TEST_F(SpliceTest, AnExactDictionaryChangesNothing) {
  const auto splice = measure_splice(model, site, Changed(at::zeros({8}), 8), batches);
  EXPECT_NEAR(splice.delta_ce(), 0, 1e-6);
  EXPECT_NEAR(splice.kl, 0, 1e-6);
  EXPECT_NEAR(splice.ce_recovered(), 1, 1e-5);
  EXPECT_EQ(splice.positions, 4 + 1 + 2 + 1);  // predictions of a valid token by a valid position
}

TEST_F(SpliceTest, AgreesWithTheDefinitionOnOneDocument) {
  const auto change = at::linspace(-2, 2, 8);
  const Batch batch = pad({{1, 2, 3, 4, 5, 6}});
  const auto tokens = batch.tokens;
  const auto log_p = [&](const std::function<at::Tensor(const at::Tensor&)>& edit) {
    const auto changed = [&](const at::Tensor& x) { return at::cat({x.narrow(1, 0, 1), edit(x.narrow(1, 1, 5))}, 1); };
    return model.logits(tokens, Taps().edit(site, changed)).to(at::kDouble).log_softmax(-1)[0].narrow(0, 1, 4);
  };
  const auto ce = [&](const at::Tensor& log_p) {
    return -log_p.gather(1, tokens[0].narrow(0, 2, 4).unsqueeze(1)).mean().item<double>();
  };
  const auto plain = log_p([](const at::Tensor& x) { return x; });
  const auto with = log_p([&](const at::Tensor& x) { return x + change; });
  const auto zero = log_p([](const at::Tensor& x) { return at::zeros_like(x); });

  const auto splice = measure_splice(model, site, Changed(change, 8), {batch});
  EXPECT_NEAR(splice.ce, ce(plain), 1e-5);
  EXPECT_NEAR(splice.ce_with, ce(with), 1e-5);
  EXPECT_NEAR(splice.ce_zero, ce(zero), 1e-5);
  EXPECT_NEAR(splice.kl, (plain.exp() * (plain - with)).sum().item<double>() / 4, 1e-5);
  EXPECT_GT(splice.kl, 1e-3);
}

TEST_F(SpliceTest, PaddingChangesNothing) {
  const Changed dictionary(at::linspace(-2, 2, 8), 8);
  const Batch wide{at::constant_pad_nd(batches[0].tokens, {0, 4}), at::constant_pad_nd(batches[0].valid, {0, 4})};
  const auto narrow = measure_splice(model, site, dictionary, {batches[0]}),
             padded = measure_splice(model, site, dictionary, {wide});
  EXPECT_NEAR(narrow.ce_with, padded.ce_with, 1e-5);
  EXPECT_NEAR(narrow.kl, padded.kl, 1e-5);
  EXPECT_EQ(narrow.positions, padded.positions);
}

TEST_F(SpliceTest, RefusesSitesWithoutARowAPosition) {
  EXPECT_THROW(measure_splice(model, Site::parse("blocks.0.attn.hook_pattern"), Changed(at::zeros({8}), 8), batches), Error);
}

TEST(Reconstruction, SinksAreCountedAndNotMeasured) {
  const auto x = random_unit_rows(200, 6, Random(1, "rows"));
  DictionarySettings s;
  s.kind = "neurons";
  s.k = 2;
  const auto dictionary = learn(MemoryRows(x, 1), s);
  const auto alone = measure_reconstruction(*dictionary, MemoryRows(x, 1), 200);
  dictionary->leave_alone_above(10);
  const auto with = measure_reconstruction(*dictionary, MemoryRows(at::cat({x, 1e4 * x.slice(0, 0, 3)}), 1), 203);
  EXPECT_EQ(with.rows, 200);
  EXPECT_EQ(with.left_out, 3);
  EXPECT_NEAR(with.fvu, alone.fvu, 1e-6);
  EXPECT_EQ(with.l0, alone.l0);
}

}  // namespace
}  // namespace fairfight
