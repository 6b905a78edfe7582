#include "fairfight/arena/referee.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/dict/metrics.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Shuffled, so that any prefix is a fair sample.
at::Tensor shuffled_rows(const at::Tensor& activations, const at::Tensor& valid, Random random) {
  const auto rows = activations.flatten(0, 1).index({valid.flatten()});
  auto generator = at::detail::createCPUGenerator(random.next());
  return rows.index_select(0, at::randperm(rows.size(0), generator, at::kLong)).contiguous();
}

/// On the dictionary's own rows, and on some of the pool's documents for what it does to the model.
Result::Quality quality_of(const Dictionary& dictionary, const Rows& rows, const Transformer& model, const Site& site, const Batch& pool) {
  constexpr int64_t kDocuments = 512;
  std::vector<Batch> batches;
  for (int64_t from = 0; from < std::min(kDocuments, pool.documents()); from += 64)
    batches.push_back({pool.tokens.slice(0, from, from + 64), pool.valid.slice(0, from, from + 64)});
  const Reconstruction r = measure_reconstruction(dictionary, rows, rows.count());
  const Splice s = measure_splice(model, site, dictionary, batches);
  return {0, r.fvu, r.explained_variance(), r.l0, r.dead, s.delta_ce(), s.ce_recovered(), s.kl};
}

constexpr double kPoolDocumentsASecond = 900, kStepsASecond = 25;  // of two cores, to begin an estimate with

}  // namespace

Learned learn_dictionary(const Card& card, int64_t seed, const LoadedModel& loaded, const Batch& pool, const Venue& venue, Progress& progress) {
  Tick tick = progress.next();
  int64_t harvested = 0;
  const auto activations = in_slices(pool, [&](const at::Tensor& tokens) {
    harvested += tokens.size(0);
    tick(double(harvested) / double(pool.documents()), "");
    return loaded.model.at(card.site, tokens);
  });
  Learned learned{shuffled_rows(activations, pool.valid, Random(uint64_t(seed), "pool")), pool.count(), nullptr, {}, 0};
  progress.done(fmt::format("{} rows", learned.rows.size(0)));

  tick = progress.next();
  DictionarySettings settings = card.dictionary;
  settings.seed = uint64_t(seed);
  const auto kept = venue.folder / fmt::format("dictionary-{}.safetensors", seed);
  const Checkpoints checkpoints{venue.folder / fmt::format("dictionary-{}.training.safetensors", seed), 200};
  const DictionaryNote note{card.site.name(), loaded.sha256, settings};
  const MemoryRows rows(learned.rows, uint64_t(seed));
  if (venue.resume && std::filesystem::exists(kept)) {
    learned.dictionary = load_dictionary(kept, note);
  } else {
    if (!venue.resume) std::filesystem::remove(checkpoints.file);
    learned.dictionary = learn(rows, settings, tick, checkpoints);
    save_dictionary(kept, *learned.dictionary, note);
    std::filesystem::remove(checkpoints.file);
  }
  learned.flops = forward_flops(loaded.model.config(), learned.pool_tokens, card.site) +
                  learning_flops(settings, learned.rows.size(1), learned.rows.size(0));
  learned.quality = quality_of(*learned.dictionary, rows, loaded.model, card.site, pool);
  learned.quality.seed = seed;
  progress.done(fmt::format("FVU {:.3f}", learned.quality.fvu));
  return learned;
}

std::vector<Progress::Stage> plan_of(const Card& card, size_t contestants) {
  const double pool = double(Fields(card.data, "card.data").integer("pool", 1, INT32_MAX));
  std::vector<Progress::Stage> plan{{"drawing and registering the data", 2}};
  for (size_t i = 0; i < card.models.size(); ++i) {
    const auto of = fmt::format("{} of {}", i + 1, card.models.size());
    plan.push_back({fmt::format("activations of the clean pool, organism {}", of), pool / kPoolDocumentsASecond});
    plan.push_back({fmt::format("learning the dictionary, organism {}", of), double(card.dictionary.steps()) / kStepsASecond});
    plan.push_back({fmt::format("the contestants, organism {}", of), 2.0 * double(contestants)});
  }
  return plan;
}

Json registration_of(const Card& card, const FightInfo& info, const std::vector<ContestantInfo>& contestants, const Json& data) {
  Json roster = Json::array();
  for (const auto& c : contestants)
    roster.push_back({{"name", c.name}, {"role", name_of(c.role)}, {"about", c.about}, {"space", c.space}, {"trials", card.trials}});
  return {{"schema", "fairfight.registration/1"},
          {"fairfight", FAIRFIGHT_VERSION},
          {"question", info.question},
          {"metric", info.metric},
          {"card_sha256", card.sha256},
          {"card", card.json()},
          {"contestants", roster},
          {"dictionary_charged_at", {0, 0.1, 1}},
          {"data", data}};
}

std::vector<size_t> chosen_contestants(const Card& card, const std::vector<ContestantInfo>& roster) {
  std::vector<size_t> chosen;
  std::vector<std::string> known;
  for (size_t i = 0; i < roster.size(); ++i) {
    known.push_back(roster[i].name);
    if (card.contestants.empty()) chosen.push_back(i);
  }
  for (const auto& name : card.contestants) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) fail("[card] unknown contestant \"{}\"; this fight has: {}", name, fmt::join(known, ", "));
    chosen.push_back(size_t(found - known.begin()));
  }
  return chosen;
}

}  // namespace fairfight
