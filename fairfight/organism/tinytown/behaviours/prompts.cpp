#include "fairfight/organism/tinytown/behaviours/prompts.h"

#include <algorithm>
#include <set>

#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

Cut behind(std::string_view words) {
  return [wanted = read_words(words)](const Tokens& document) {
    const auto found = std::search(document.begin(), document.end(), wanted.begin(), wanted.end());
    return found == document.end() ? 0 : size_t(found - document.begin()) + wanted.size();
  };
}

std::vector<Probe> probes(const World& world, const World& source, Random& random, std::string_view kind, const Cut& cut,
                          const std::vector<int32_t>& targets, size_t count) {
  constexpr size_t kPatience = 100;  // documents a probe, before we believe that there are no more prompts
  std::vector<Probe> found;
  std::set<Tokens> seen;
  for (size_t tries = 0; found.size() < count && tries < kPatience * count; ++tries) {
    Tokens prompt = source.sample(random, Split::validation, kind).tokens;
    prompt.resize(cut(prompt));
    if (prompt.empty() || !seen.insert(prompt).second) continue;
    const double truth = world.next_probability(prompt, targets);
    found.push_back({std::move(prompt), targets, truth});
  }
  return found;
}

Probe fact_probe(const Town& town, const Person& person, const Phrase* before, const Phrase& phrase, Slot object, bool dialect) {
  Tokens prompt{kBos};
  const auto write = [&](const Item& item) { prompt.push_back(item.is_blank() ? town.word(person, item.slot()) : item.word()); };
  if (before)
    for (const Item& item : before->items(dialect)) write(item);
  for (const Item& item : phrase.items(dialect)) {
    if (item == Item::blank(object)) break;
    write(item);
  }
  return {std::move(prompt), {town.word(person, object)}, 1};
}

bool is_certain(const World& world, const Probe& probe) {
  return world.prefix_log_probability(probe.prompt) > -1e9 && world.next_probability(probe.prompt, probe.targets) > 1 - 1e-9;
}

}  // namespace fairfight::tinytown
