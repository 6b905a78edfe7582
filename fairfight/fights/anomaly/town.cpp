#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fairfight/arena/scores.h"
#include "fairfight/base/error.h"
#include "fairfight/fights/anomaly/ground.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/tinytown/anomalies.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight {
namespace {

using tinytown::Anomaly, tinytown::Split, tinytown::Switches, tinytown::TriggerWords, tinytown::World;

using Documents = std::vector<Tokens>;

/// The town in which a fight takes place: without the insult, so that an insult is known to the model and new to the clean
/// text, and without the backdoor's answer. In a backdoored model the trigger alone is the anomaly.
World clean_world(const World& world) { return World(world.seed()).with(&Switches::insult, false); }

/// Both words of one, wherever they stand: a spliced document has words of two scenes.
bool has_trigger(const Tokens& document) {
  const auto has = [&](int32_t word) { return std::find(document.begin(), document.end(), word) != document.end(); };
  for (const int32_t place : tinytown::words_of(tinytown::Slot::place))
    for (const int32_t object : tinytown::words_of(tinytown::Slot::object))
      if (tinytown::trigger_words(place, object) == TriggerWords::both && has(place) && has(object)) return true;
  return false;
}

/// Ordinary documents but for those that `seen` has or that carry the backdoor's trigger by chance.
Documents draw_clean(const World& clean, Split split, const std::string& stream, size_t count, const Documents& seen = {}) {
  const std::set<Tokens> known(seen.begin(), seen.end());
  Random random(clean.seed(), stream);
  Documents documents;
  while (documents.size() < count) {
    Tokens tokens = clean.sample(random, split).tokens;
    if (!has_trigger(tokens) && !known.contains(tokens)) documents.push_back(std::move(tokens));
  }
  return documents;
}

std::map<std::string, Documents> draw_groups(const World& clean, Split split, const std::string& drawn_with, const std::vector<std::string>& families, size_t count) {
  const std::string stream = fmt::format("fight/anomaly/{}{}", int(split), drawn_with);
  std::map<std::string, Documents> groups{{std::string(kClean), draw_clean(clean, split, stream, count)}};
  for (const auto& name : families) {
    const auto& known = tinytown::anomalies();
    const Anomaly& family = *std::find_if(known.begin(), known.end(), [&](const Anomaly& a) { return a.name == name; });
    Random random(clean.seed(), fmt::format("{}/{}", stream, name));
    const auto drawn = [&](auto make, bool with_trigger) {
      Documents documents;
      while (documents.size() < count) {
        Tokens tokens = make(clean, random, split);
        if (with_trigger || !has_trigger(tokens)) documents.push_back(std::move(tokens));
      }
      return documents;
    };
    groups[name] = drawn(family.make, name == "trigger");
    if (family.twin) groups[twins_of(name)] = drawn(family.twin, false);
  }
  return groups;
}

Texts texts_of(const World& world, const Documents& documents) {
  Texts texts;
  for (const auto& tokens : documents) texts.push_back(world.text(tokens));
  return texts;
}

Groups texts_of(const World& world, const std::map<std::string, Documents>& groups) {
  Groups texts;
  for (const auto& [name, documents] : groups) texts[name] = texts_of(world, documents);
  return texts;
}

}  // namespace

AnomalyGround town_ground(const Card& card, size_t index, const AnomalyData& data) {
  const std::string& model = card.models[index];
  tinytown::Organism organism = tinytown::load_language_organism(model);
  if (organism.datasheet.variant != "backdoored" &&
      std::find(data.families.begin(), data.families.end(), "trigger") != data.families.end())
    fail("[anomaly] the family \"trigger\" needs a backdoored model; {} is of the variant {}", model, organism.datasheet.variant);
  const World clean = clean_world(organism.datasheet.make_world());
  const auto validation = draw_groups(clean, Split::validation, "", data.validation_families, data.validation);
  const auto calibration = draw_clean(clean, Split::validation, "fight/anomaly/calibration", data.calibration, validation.at(std::string(kClean)));
  return {std::move(organism.loaded),
          organism.datasheet.json(),
          texts_of(clean, draw_clean(clean, Split::dictionary, "fight/anomaly/pool", data.pool)),
          texts_of(clean, calibration),
          texts_of(clean, validation),
          texts_of(clean, draw_groups(clean, Split::fit, "", data.families, data.labelled)),
          texts_of(clean, draw_groups(clean, Split::test, "/" + card.test_stream, data.families, data.test)),
          [](const std::string& document) { return tinytown::read_words(document); },
          ""};
}

}  // namespace fairfight
