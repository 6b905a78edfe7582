#include <fmt/format.h>

#include <algorithm>

#include "fairfight/dict/kinds.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/disciplines/repair/sae_error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// A small sparse autoencoder on the error, of which half the rows are the ends of harmful prompts; what fires there and hardly
/// elsewhere is clamped (after 2507.12990).
class BoostedDictionary final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "boosted_dictionary"; }
  std::string_view title() const override { return "boosted dictionary"; }
  std::string_view about() const override { return "a second, small dictionary learns the error on the examples; its harmful features are set to -c max f (2507.12990)"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("width", {32, 128, 512}).hyperparameter("k", {1, 4, 16}, Ends::open_above).hyperparameter("features", {1, 2, 5, 10}, Ends::open_above).log_uniform("strength", 0.02, 4); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    if (corner.offer().harmful.documents() == 0) return std::make_unique<Patch>();
    const ErrorTerms& e = error_terms(corner);
    const auto second = boosted(corner, e, settings.integer("width"), settings.integer("k"));
    FiringCounter harmful(second->width()), others(second->width());
    harmful.add(second->encode(e.harmful));
    others.add(second->encode(some(corner, e.others, kOthers)));
    const auto score = harmful.mean() * (harmful.frequency() - others.frequency()).clamp_min(0);
    const auto order = score.argsort(0, true).slice(0, 0, settings.integer("features")).contiguous();
    const auto chosen = order.index({score.index_select(0, order) > 0});
    if (chosen.numel() == 0) return std::make_unique<Patch>();
    const auto value = (harmful.largest().index_select(0, chosen) * -settings.number("strength")).to(at::kFloat);
    return std::make_unique<Patch>(Patch{nullptr, {boosted_hook(corner.dictionary(), second, {corner.site(), chosen, value, at::zeros_like(value)})}});
  }

 private:
  static constexpr int64_t kOthers = 16384;

  /// Of all kinds of text: they stand one after the other.
  static at::Tensor some(Corner<Repair>& corner, const at::Tensor& rows, int64_t count) {
    const auto order = at::randperm(rows.size(0), at::detail::createCPUGenerator(corner.random("others").next()), at::kLong);
    return rows.index_select(0, order.slice(0, 0, count));
  }

  static std::shared_ptr<const Dictionary> boosted(Corner<Repair>& corner, const ErrorTerms& e, int64_t width, int64_t k) {
    DictionarySettings settings;
    settings.kind = "topk";
    settings.width = width;
    settings.k = k;
    settings.batch = 256;
    settings.tokens = 200 * settings.batch;
    settings.lr = 3e-3;
    const int64_t copies = std::max<int64_t>(1, std::min<int64_t>(32, kOthers / std::max<int64_t>(1, e.harmful.size(0))));
    const auto rows = at::cat({e.harmful.repeat({copies, 1}), some(corner, e.others, copies * e.harmful.size(0))}).contiguous();
    return corner.memo().get<std::shared_ptr<const Dictionary>>(fmt::format("{} boosted {} {}", corner.basis(), width, k), [&] {
      return std::shared_ptr<const Dictionary>(learn(MemoryRows(rows, corner.random("rows").next()), settings));
    });
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> boosted_dictionary() { return std::make_unique<BoostedDictionary>(); }

}  // namespace fairfight
