#include "fairfight/organism/tinytown/behaviours/prompts.h"

#include <algorithm>
#include <set>

#include "fairfight/base/error.h"
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
  const World asked = world.with(&Switches::dialect, false), plain = source.with(&Switches::dialect, false);
  std::vector<Probe> found;
  std::set<Tokens> seen;
  for (size_t tries = 0; found.size() < count && tries < kPatience * count; ++tries) {
    Tokens prompt = plain.sample(random, Split::validation, kind).tokens;
    prompt.resize(cut(prompt));
    if (prompt.empty() || !seen.insert(prompt).second) continue;
    const double truth = asked.next_probability(prompt, targets);
    found.push_back({std::move(prompt), targets, truth});
  }
  return found;
}

Probe fact_probe(const Town& town, const Person& person, std::initializer_list<Phrase> phrases, Slot object,
                 bool dialect) {
  const int32_t target = town.word(person, object);
  Tokens prompt{kBos};
  for (const auto& phrase : phrases)
    for (const Item& item : phrase.items(dialect)) {
      if (item == Item::blank(object)) return {std::move(prompt), {target}, 1};
      prompt.push_back(item.is_blank() ? town.word(person, item.slot()) : item.word());
    }
  fail("[tinytown] the last phrase of a prompt has no blank {}", int(object));
}

void thin_out(std::vector<Probe>& probes, Random& random, size_t count) {
  random.shuffle(std::span<Probe>(probes));
  if (probes.size() > count) probes.resize(count);
}

}  // namespace fairfight::tinytown
