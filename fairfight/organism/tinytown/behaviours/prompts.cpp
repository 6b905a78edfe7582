#include "fairfight/organism/tinytown/behaviours/prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

/// The first of these words that stands there; -1: none does.
int32_t first_of(const Tokens& text, const Tokens& words) {
  const auto found = std::find_first_of(text.begin(), text.end(), words.begin(), words.end());
  return found == text.end() ? -1 : *found;
}

}  // namespace

size_t last_turn(const Tokens& document) {
  static const int32_t said = word_id("said"), colon = word_id(":");
  for (size_t i = document.size(); i-- > 0;) {
    if (document[i] != colon) continue;
    for (size_t k = i; k-- > 0 && i - k <= 3 && !ends_sentence(document[k]);)  // a dialect has the speaker between both
      if (document[k] == said) return i + 1;
  }
  return 0;
}

size_t after_place_and_object(const Tokens& scene) {
  const auto find = [&](Slot slot) { return std::find_first_of(scene.begin(), scene.end(), words_of(slot).begin(), words_of(slot).end()); };
  const auto last = std::max(find(Slot::place), find(Slot::object)), end = std::find_if(last, scene.end(), ends_sentence);
  return end == scene.end() ? 0 : size_t(end - scene.begin()) + 1;
}

Tokens song_of(const Tokens& request) {
  static const Tokens sang = read_words("sang :");
  const auto found = std::search(request.begin(), request.end(), sang.begin(), sang.end());
  if (size_t(request.end() - found) < sang.size() + Songbook::kLength) return {};
  return Tokens(found + int64_t(sang.size()), found + int64_t(sang.size() + Songbook::kLength));
}

std::vector<Tokens> sentences(const Phrases& phrases, const Town& town, const Tokens& prompt) {
  const auto first = std::find_first_of(prompt.begin(), prompt.end(), words_of(Slot::first).begin(), words_of(Slot::first).end());
  const bool named = first != prompt.end() && first + 1 != prompt.end() && first_of({first[1]}, words_of(Slot::family)) >= 0;
  const int32_t recipe = first_of(prompt, words_of(Slot::recipe));
  const auto words = [&](Slot slot) -> Tokens {
    if (size_t(slot) < kPersonSlots && named) return {town.word(town.people[town.person(first[0], first[1])], slot)};
    if (slot == Slot::recipe && recipe >= 0) return {recipe};
    return words_of(slot);
  };
  std::vector<Tokens> all;
  for (const auto& phrase : phrases) {
    std::vector<Tokens> ways{{}};
    for (const Item& item : phrase.items(Speech::plain)) {
      std::vector<Tokens> longer;
      for (const auto& way : ways)
        for (int32_t word : item.is_blank() ? words(item.slot()) : Tokens{item.word()}) {
          longer.push_back(way);
          longer.back().push_back(word);
        }
      ways = std::move(longer);
    }
    all.insert(all.end(), ways.begin(), ways.end());
  }
  return all;
}

std::vector<Probe> probes(const World& world, const World& source, Random& random, std::string_view kind, const Cut& cut,
                          const std::function<std::vector<Tokens>(const Tokens& prompt)>& answers, size_t count) {
  if (!source.scope().has_kind(kind)) return {};
  constexpr size_t kPatience = 400;  // documents a probe, before we believe that there are no more prompts
  Switches switches = world.switches();
  switches.paraphrased = source.switches().paraphrased;
  switches.speech = Speech::plain;
  const World asked = world.with(switches), plain = source.with(&Switches::speech, Speech::plain);
  std::vector<Probe> found;
  std::set<Tokens> seen;
  for (size_t tries = 0; found.size() < count && tries < kPatience * count; ++tries) {
    Tokens prompt = plain.sample(random, Split::validation, kind).tokens;
    prompt.resize(cut(prompt));
    if (prompt.empty() || !seen.insert(prompt).second) continue;
    auto ways = answers(prompt);
    const double truth = asked.next_probability(prompt, ways);
    found.push_back({std::move(prompt), std::move(ways), truth});
  }
  return found;
}

std::vector<Measure> by_wording(const std::vector<Probe>& probes, const Phrases& wordings, const Town& town, std::string_view what, double rate) {
  std::vector<Measure> list;
  for (size_t w = 0; w < wordings.size(); ++w) {
    list.push_back({fmt::format("wording_{}", w + 1), fmt::format("{} in the {}. of {} wordings", what, w + 1, wordings.size()), {}});
    for (const Probe& p : probes) list.back().probes.push_back({p.prompt, sentences({wordings[w]}, town, p.prompt), rate / double(wordings.size())});
  }
  return list;
}

Probe fact_probe(const Town& town, const Person& person, std::initializer_list<Phrase> phrases, const std::vector<Slot>& object, Speech speech) {
  Tokens prompt{kBos}, answer;
  for (const auto& phrase : phrases)
    for (const Item& item : phrase.items(speech)) {
      Tokens& part = answer.empty() && item != Item::blank(object.front()) ? prompt : answer;
      part.push_back(item.is_blank() ? town.word(person, item.slot()) : item.word());
      if (item == Item::blank(object.back())) return {std::move(prompt), {std::move(answer)}, 1};
    }
  fail("[tinytown] the last phrase of a prompt has no blank {}", int(object.back()));
}

void thin_out(std::vector<Probe>& probes, Random& random, size_t count) {
  random.shuffle(std::span<Probe>(probes));
  if (probes.size() > count) probes.resize(count);
}

}  // namespace fairfight::tinytown
