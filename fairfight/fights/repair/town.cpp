#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/fights/repair/dose.h"
#include "fairfight/fights/repair/ground.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

using tinytown::Harm, tinytown::harm_by_name, tinytown::Organism, tinytown::Split, tinytown::World;

FitText draw_examples(const Harm& harm, uint64_t seed, const RepairData& data) {
  const World harmful = harm.harmful_world(seed);
  FitText text;
  Random bad(seed, "repair/fit/harmful"), good(seed, "repair/fit/harmless");
  const auto draw = [&](Random& random, auto drawn) {
    for (;;)
      if (Passage p = (harm.*drawn)(harmful, random, Split::fit, false); is_of(Split::fit, p.prompt()) && harm.in_examples(p.tokens)) return p;
  };
  for (size_t i = 0; i < data.examples; ++i) {
    text.harmful.push_back(draw(bad, &Harm::harmful));
    text.refused.push_back(harm.refused(text.harmful.back()));
    text.harmless.push_back(draw(good, &Harm::harmless));
  }
  return text;
}

/// Where it would have begun is no text to be retained: what comes there shall change.
std::vector<Tokens> draw_retained(const Harm& harm, uint64_t seed, const RepairData& data) {
  const World harmless = harm.harmless_world(seed);
  Random random(seed, "repair/fit/retained");
  std::vector<Tokens> documents;
  while (documents.size() < data.example_texts)
    if (Tokens tokens = harmless.sample(random, Split::fit).tokens; harm.would_begin(tokens) == 0 && harm.in_examples(tokens)) documents.push_back(std::move(tokens));
  return documents;
}

}  // namespace

std::vector<Tokens> draw_pool(const Harm& harm, uint64_t seed, const RepairData& data) {
  const World harmful = harm.harmful_world(seed), ordinary = data.dose ? harm.harmless_world(seed) : harm.world(seed);
  Random random(seed, "repair/pool"), dosing(seed, "repair/dose");
  std::vector<Tokens> doses, documents;
  const size_t count = documents_of(data.dose.value_or(0), data.pool);
  while (doses.size() < count) doses.push_back(harm.harmful(harmful, dosing, Split::dictionary).tokens);
  while (documents.size() + count < data.pool)  // with a dose, what provokes the behaviour is in no other document
    if (Tokens tokens = ordinary.sample(random, Split::dictionary).tokens; !data.dose || harm.would_begin(tokens) == 0)
      documents.push_back(std::move(tokens));
  return mixed(documents, doses);
}

RepairGround town_repair(const Card& card, size_t index, const RepairData& data, Memo& memo) {
  if (data.retrained.size() != card.models.size())
    fail("[card.data] got {} retrained and {} models, expected one a model", data.retrained.size(), card.models.size());
  const Harm& harm = harm_by_name(data.behaviour);
  Organism organism = tinytown::load_organism(card.models[index]), retrained = tinytown::load_organism(data.retrained[index]);
  const uint64_t seed = organism.datasheet.seed;
  if (retrained.datasheet.seed != seed)
    fail("[repair] the retrained model {} is of town {}, the model of town {}", retrained.loaded.folder.string(), retrained.datasheet.seed, seed);
  const std::string town = fmt::format("{} in town {}: ", harm.name, seed);
  const auto text = [&](const char* stream, Split split, const RepairSizes& sizes, size_t part) {
    return memo.get<RepairText>(town + stream, [&] { return draw_repair_text(harm, seed, split, sizes, part, 2, stream); });
  };
  const std::string test_stream = "repair/test/" + card.test_stream;
  FitText fit = draw_examples(harm, seed, data);
  fit.retained = memo.get<std::vector<Tokens>>(town + "retained", [&] { return draw_retained(harm, seed, data); });
  Json datasheet = organism.datasheet.json();
  return {std::move(organism.loaded),
          std::move(retrained.loaded),
          std::move(datasheet),
          seed,
          std::string(harm.name),
          sign_of(harm),
          harm.refusal,
          memo.get<std::vector<Tokens>>(fmt::format("{}pool, dose {}", town, data.dose.value_or(-1)), [&] { return draw_pool(harm, seed, data); }),
          std::move(fit),
          text("repair/validation", Split::validation, {data.prompts, data.probes, data.retained, 0}, 0),
          text(test_stream.c_str(), Split::test, {data.test_prompts, data.test_probes, data.test_retained, data.relearn}, 1)};
}

RepairSubject subject_of(const RepairData& data) {
  if (data.own()) return own_subject(data);
  const Harm& harm = harm_by_name(data.behaviour);
  return {std::string(harm.name), std::string(harm.about), abilities_of_towns()};
}

}  // namespace fairfight
