#include "fairfight/disciplines/repair/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/testing.h"

namespace fairfight {
namespace {

using Document = std::vector<int32_t>;

/// Remembers what it was reported to repair.
class Watcher final : public FeatureRepair {
 public:
  std::string_view name() const override { return "watcher"; }
  std::string_view title() const override { return "watcher"; }
  std::string_view about() const override { return "does nothing"; }
  std::unique_ptr<Patch> repair(Corner<Repair>&, const Settings&, const at::Tensor& features, const FeatureReport& seen) const override {
    chosen.assign(features.data_ptr<int64_t>(), features.data_ptr<int64_t>() + features.numel());
    report = seen;
    return std::make_unique<Patch>();
  }
  mutable std::vector<int64_t> chosen;
  mutable FeatureReport report;
};

Answers answers(const std::vector<Document>& documents, int64_t answer_start) {
  const Batch batch = pad(documents);
  return {batch, batch.valid & (at::arange(batch.tokens.size(1)) >= answer_start), at::full({int64_t(documents.size())}, answer_start, at::kLong)};
}

/// A model whose embedding of a token is the codes of twelve features, all of them 0 but for the table's.
class FeaturesTest : public testing::Test {
 protected:
  FeaturesTest() : weights(random_weights(small_config(), Random(1, "model"))) {
    weights.embed = at::zeros({20, 12});
    for (const auto& [token, features] : table)
      for (const auto& [feature, value] : features) weights.embed[token][feature] = value;
    weights.ln_final.w = normal({12}, 2).abs() + 0.5;
    weights.unembed = normal({20, 12}, 3);
    for (int i = 0; i < 21; ++i) {  // 9 tokens after each <bos>, and 11 in the harmless documents
      Document text(10, 12);
      text[0] = 1;
      for (int p = 1, n = 9 * i; p < 10; ++p, ++n) text[size_t(p)] = n < 30 ? 11 : n == 30 ? 13
                                                                               : n < 33    ? 14
                                                                                           : 12;
      retained.push_back(text);
    }
  }

  /// What it chooses of the dictionary with the embedding's axes, or of another one.
  std::vector<int64_t> chosen(const std::string& selection, const std::string& approval = "none", int64_t features = 5, double reviewer_error = 0,
                              const Site& site = Site::parse("blocks.0.hook_resid_pre"), std::shared_ptr<const Dictionary> dictionary = nullptr) {
    if (!dictionary)
      dictionary = rebuild("topk", {{"W_dec", at::eye(12)}, {"b_dec", at::zeros({12})}, {"W_enc", at::eye(12)}, {"b_enc", at::zeros({12})}, {"k", at::scalar_tensor(4, at::kLong)}});
    examples.reviewer_error = reviewer_error;
    const Transformer model(small_config(), weights);
    Memo model_memo, memo;
    const at::Tensor pool;
    const Ground ground{model, {View{site, pool, {}, dictionary, 0, 12}}, "basis", 0};
    Corner<Repair> corner(ground, "watcher", Role::challenger, model_memo, memo, &examples, nullptr);
    watcher.chosen.clear();
    watcher.prepare(corner, Settings({{"selection", selection}, {"features", features}, {"approval", approval}}));
    labels = corner.account().labels;
    return watcher.chosen;
  }

  const std::map<int32_t, std::map<int32_t, double>> table{{7, {{0, 1}, {1, 0.5}}}, {8, {{0, 2}, {2, 1}}}, {9, {{0, 1}, {2, 1}, {3, 0.3}}}, {11, {{1, 1}}}, {13, {{0, 1}}}, {14, {{3, 5}}}};
  Weights weights;
  std::vector<Document> retained;
  std::vector<Document> harmful{{1, 5, 7, 15, 2}, {1, 6, 7, 15, 2}, {1, 5, 8, 16, 2}, {1, 6, 9, 15, 2}};  // their prompts end with 7, 7, 8 and 9
  std::vector<Document> refused{{1, 5, 7, 18}, {1, 6, 7, 18}, {1, 5, 8, 18}, {1, 6, 9, 18}};
  Examples examples{answers(harmful, 3), answers(refused, 3), answers({{1, 5, 12, 17, 17, 2}, {1, 6, 12, 17, 17, 17, 2}}, 3), {}, {18}};
  Watcher watcher;
  int64_t labels = 0;

  void SetUp() override { examples.retained = pad(retained); }
};

TEST_F(FeaturesTest, TheReportIsWhatTheTableSays) {
  ASSERT_FALSE(chosen("frequency").empty());
  const auto& r = watcher.report;
  const auto expect = [](const at::Tensor& got, const std::vector<double>& first) {
    ASSERT_EQ(got.numel(), 24);  // two signed features a feature, of which the second is silent
    for (int64_t j = 0; j < 24; ++j) EXPECT_NEAR(got[j].item<double>(), j < int64_t(first.size()) ? first[size_t(j)] : 0, 1e-6) << j;
  };
  expect(r.harmful_frequency, {1, 0.5, 0.5, 0.25});
  expect(r.retained_frequency, {1 / 200., 30 / 200., 0, 2 / 200.});
  expect(r.harmful_mean, {1.25, 0.25, 0.5, 0.075});
  expect(r.harmful_square, {1.75, 0.125, 0.5, 0.0225});
  expect(r.retained_square, {1 / 200., 30 / 200., 0, 50 / 200.});
  expect(r.largest, {2, 1, 1, 5});
  // Strongest first: feature 1 has 20 ordinary tokens before any harmful one, feature 3 two before its only one.
  expect(r.looks_harmful.to(at::kDouble), {1, 0, 1, 0});
}

TEST_F(FeaturesTest, FrequencyLeavesOutWhatFiresElsewhere) {
  EXPECT_EQ(chosen("frequency"), (std::vector<int64_t>{0, 2, 3}));  // 1 fires in 15 % of the ordinary tokens
  EXPECT_EQ(chosen("frequency", "none", 2), (std::vector<int64_t>{0, 2}));
}

/// Ratios: 350, 0.83, infinite, 0.09. The quantile 0.95 of four lies between the two largest.
TEST_F(FeaturesTest, ImportanceKeepsTheHighestRatios) { EXPECT_EQ(chosen("importance"), std::vector<int64_t>{2}); }

TEST_F(FeaturesTest, AReviewerStrikesOutWhatDoesNotLookHarmfulAndErrs) {
  const auto free = chosen("frequency");
  const int64_t unasked = labels;
  EXPECT_EQ(chosen("frequency", "reviewer"), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(labels, unasked + 3);
  EXPECT_EQ(chosen("frequency", "reviewer", 5, 1), std::vector<int64_t>{3});  // one who is always wrong
}

TEST_F(FeaturesTest, OutputIsWhatAnAtomAddsToTheWordThatTellsTheAnswer) {
  const auto order = chosen("output", "none", 12);
  const auto& r = watcher.report;
  std::vector<std::pair<double, int64_t>> expected;
  for (int64_t j = 0; j < 12; ++j) {
    double effect = 0;
    for (int64_t w = 0; w < 20; ++w) {
      const double share = w == 15 ? 0.75 : w == 16 ? 0.25
                                                    : 0;  // of the answers that begin with it, as no other does
      effect += (share - 1 / 20.) * weights.unembed[w][j].item<double>() * weights.ln_final.w[j].item<double>();
    }
    effect *= r.harmful_mean[j].item<double>();
    EXPECT_NEAR(r.output[j].item<double>(), effect, 1e-5) << j;
    if (effect > 0) expected.emplace_back(-effect, j);
  }
  std::sort(expected.begin(), expected.end());
  ASSERT_EQ(order.size(), expected.size());
  for (size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], expected[i].second);
}

/// After the last norm everything is in sight: integrated gradients, written out.
TEST_F(FeaturesTest, AttributionIsTheFallOfTheTellingWords) {
  const Site last = Site::parse("ln_final.hook_normalized");
  const auto atoms = normal({12, 12}, 4);
  const auto unit = atoms / atoms.norm(2, 1, true);
  const std::shared_ptr<const Dictionary> dictionary = rebuild(
      "topk", {{"W_dec", unit}, {"b_dec", at::zeros({12})}, {"W_enc", normal({12, 12}, 5)}, {"b_enc", at::zeros({12})}, {"k", at::scalar_tensor(4, at::kLong)}});
  weights.embed = normal({20, 12}, 6);
  const auto order = chosen("attribution", "none", 12, 0, last, dictionary);
  const Transformer model(small_config(), weights);
  at::Tensor fall = at::zeros({12}, at::kDouble);
  const auto readout = (weights.unembed * weights.ln_final.w).to(at::kDouble);
  for (const auto& document : harmful) {
    const auto x = [&] {
      const at::NoGradGuard no_grad;
      return model.at(last, at::tensor(std::vector<int64_t>(document.begin(), document.begin() + 3)).unsqueeze(0))[0][-1];
    }();
    const Codes codes = dictionary->encode(x.unsqueeze(0));
    const auto f = at::zeros({12}, at::kDouble).index_add(0, codes.indices[0].to(at::kLong), codes.values[0].to(at::kDouble));
    for (int k = 0; k < 10; ++k) {
      auto g = (f * (1 - k / 10.)).clone().set_requires_grad(true);
      const auto moved = x.to(at::kDouble) + (g - f).matmul(unit.to(at::kDouble));
      const auto log_p = readout.mv(moved).log_softmax(0);
      at::logsumexp(at::stack({log_p[15], log_p[16]}), 0).backward();
      fall += g.grad() * f / 10 / double(harmful.size());
    }
  }
  ASSERT_GT(fall.abs().max().item<double>(), 0.05);
  EXPECT_LT((watcher.report.attribution.slice(0, 0, 12) - fall).abs().max().item<double>(), 1e-4);
  EXPECT_EQ(watcher.report.attribution.slice(0, 12).abs().max().item<double>(), 0);
  ASSERT_FALSE(order.empty());
  for (size_t i = 1; i < order.size(); ++i) EXPECT_GT(fall[order[i - 1]].item<double>(), fall[order[i]].item<double>());
  EXPECT_EQ(int64_t(order.size()), (fall > 1e-9).sum().item<int64_t>());
}

}  // namespace
}  // namespace fairfight
