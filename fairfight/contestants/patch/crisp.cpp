#include "fairfight/contestants/patch/features.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/methods/finetune.h"
#include "fairfight/methods/half_axes.h"
#include "fairfight/methods/lora.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kBatch = 8;

at::Tensor some_rows(const Batch& batch, Random& random) {
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < kBatch; ++i) rows.push_back(int64_t(random.below(uint64_t(batch.documents()))));
  return at::tensor(rows);
}

Batch some_of(const Batch& batch, const at::Tensor& chosen) {
  const auto valid = batch.valid.index_select(0, chosen);
  const int64_t longest = (valid * at::arange(1, valid.size(1) + 1)).max().item<int64_t>();
  return {batch.tokens.index_select(0, chosen).slice(1, 0, longest).contiguous(), valid.slice(1, 0, longest).contiguous()};
}

class Crisp final : public FeatureRepair {
 public:
  std::string_view name() const override { return "crisp"; }
  std::string_view title() const override { return "CRISP"; }
  std::string_view about() const override {
    return "adapters that silence the chosen features: E_harmful sum f_j / max f_j + beta E ‖h - h_ref‖² / ‖h_ref‖² + gamma CE(retained) (2508.13650)";
  }
  SearchSpace own_space() const override {
    return SearchSpace().knob("steps", {20, 40}).knob("learning_rate", {1e-3, 3e-3, 1e-2}).knob("rank", {4, 8}).knob("beta", {1, 10}).knob("gamma", {0.3, 1.0});
  }

  std::unique_ptr<Patch> repair(Corner& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const override {
    const Transformer& original = corner.model().unmetered();
    const Examples& examples = corner.examples();
    const Dictionary& dictionary = *corner.dictionary();
    const Site site = corner.site();
    LoraSettings adapters{settings.integer("rank"), 2 * double(settings.integer("rank")), linear_maps(original.config()), {}};
    for (int64_t layer = 0; layer <= site.layer; ++layer) adapters.layers.push_back(layer);
    const Lora lora(original.weights(), adapters, corner.random("adapters"));
    Random harmful = corner.random("harmful"), retained = corner.random("retained");

    const auto columns = features.remainder(dictionary.width());
    const auto sign = at::where(features < dictionary.width(), at::ones_like(features), -at::ones_like(features)).to(at::kFloat);
    const auto largest = report.largest.index_select(0, features).to(at::kFloat);
    const double beta = settings.number("beta"), gamma = settings.number("gamma");
    FineTuneSettings training;
    training.steps = settings.integer("steps");
    training.learning_rate = settings.number("learning_rate");
    training.warm_up = training.steps / 10;
    const at::Tensor reference = corner.model().known(examples.retained, site, key_of(examples.retained));
    fine_tune(lora.parameters(), training, [&](int64_t) {
      Transformer trained(original.config(), lora.merged());
      trained.set_products(training_products());
      const auto rows_kept = some_rows(examples.retained, retained);
      const Batch bad = some_of(examples.harmful.batch, some_rows(examples.harmful.batch, harmful)), kept = some_of(examples.retained, rows_kept);
      const auto rows = trained.at(site, bad.tokens).flatten(0, 1).index({bad.valid.flatten()});
      const auto fires = (dictionary.preactivations(rows).index_select(1, columns) * sign).relu() / largest;

      at::Tensor h;
      const auto logits = trained.logits(kept.tokens, Taps().read(site, &h));
      const auto h_ref = reference.index_select(0, rows_kept).slice(1, 0, kept.tokens.size(1));
      const auto counted = [&](const at::Tensor& x) { return x.flatten(0, 1).index({kept.valid.flatten()}); };
      const auto stood = counted(h_ref);
      const auto drift = ((counted(h) - stood).square().sum(-1) / stood.square().sum(-1)).mean();
      const auto coherence = -token_log_probabilities(logits, kept.tokens).masked_select(kept.valid).mean();
      corner.model().book(bad.count() + kept.count(), bad.count(), &site);
      corner.model().book(kept.count(), kept.count());
      corner.model().spend(3 * 2.0 * double(rows.numel()) * double(dictionary.width()));
      return fires.sum(1).mean() + drift * beta + coherence * gamma;
    });
    return std::make_unique<Patch>(Patch{std::make_shared<Transformer>(original.config(), lora.baked()), nullptr});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Patch>> crisp() { return std::make_unique<Crisp>(); }

}  // namespace fairfight
