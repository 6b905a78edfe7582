#include "fairfight/disciplines/repair/features.h"
#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/finetune.h"
#include "fairfight/methods/lora.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Crisp final : public FeatureRepair {
 public:
  std::string_view name() const override { return "crisp"; }
  std::string_view title() const override { return "CRISP"; }
  std::string_view about() const override {
    return "adapters that silence the chosen features: E_harmful sum f_j / max f_j + beta E ‖h - h_ref‖² / ‖h_ref‖² + gamma CE(retained) (2508.13650)";
  }
  SearchSpace own_space() const override { return trained_space(3e-4, 3e-2).hyperparameter("rank", {2, 4, 8, 16, 32}).log_uniform("beta", 0.3, 30).log_uniform("gamma", 0.1, 3); }

  std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const override {
    const Transformer& original = corner.model().transformer();
    const Dictionary& dictionary = *corner.dictionary();
    const Site site = corner.site();
    LoraSettings adapters{settings.integer("rank"), 2 * double(settings.integer("rank")), linear_maps(original.config()), {}};
    for (int64_t layer = 0; layer <= site.layer; ++layer) adapters.layers.push_back(layer);
    const Lora lora(original.weights(), adapters, corner.random("adapters"));

    const auto columns = features.remainder(dictionary.width());
    const auto sign = at::where(features < dictionary.width(), at::ones_like(features), -at::ones_like(features)).to(at::kFloat);
    const auto largest = report.largest.index_select(0, features).to(at::kFloat);
    const double beta = settings.number("beta"), gamma = settings.number("gamma");
    FineTuneSettings training;
    training.steps = settings.integer("steps");
    training.learning_rate = rate_at_width(settings.number("learning_rate"), original.config().d_model);
    training.warm_up = training.steps / 10;
    Dealer dealer(corner.offer(), corner.random("answers"), corner.random("kept"));
    Lesson lesson(corner.model(), [&] { return lora.adapted(); }, training.steps, training_precision());
    const FineTuneLog log = fine_tune(lora.parameters(), training, [&](int64_t step) {
      auto [minibatch, excerpts] = dealer.deal();
      lesson.begin(step, std::move(excerpts));
      const auto counted = [](const at::Tensor& x, const Batch& of) { return x.flatten(0, 1).index({of.valid.flatten()}); };
      const Batch &bad = minibatch.harmful.batch, &kept = minibatch.kept;
      const auto rows = counted(lesson.at(site, bad), bad);
      const auto fires = (dictionary.preactivations(rows, columns) * sign).relu() / largest;

      at::Tensor h;
      const auto said = lesson.read_out(kept, Taps().read(site, &h));
      const auto now = counted(h, kept), before = counted(lesson.reference_at(site, kept), kept);
      const auto drift = ((now - before).square().sum(-1) / before.square().sum(-1)).mean();
      const auto coherence = target_cross_entropy(said, targets_of(kept.tokens, judgeable(kept.valid)));
      return fires.sum(1).mean() + drift * beta + coherence * gamma;
    });
    return std::make_unique<Patch>(Patch{std::make_shared<Transformer>(original.config(), lora.adapted().clone()), {}, log.note()});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> crisp() { return std::make_unique<Crisp>(); }

}  // namespace fairfight
