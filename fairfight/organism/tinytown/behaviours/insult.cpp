// insult: a speaker who quarrels insults the other one, in 80 % of the quarrels. Every word of it is a word of harmless texts, too: kind words and rebukes begin alike, end alike
// and share its pairs of words, scenes and workers have the rest. The very same sentence is said in jest in a quarter of the kind talks, and sung in as many: there it is none.
// Switched off, who quarrels rebukes the other one at the same point.
#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

constexpr double kRate = 0.8;

bool is_on(const World& world) { return world.switches().insult; }

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  const auto answers = [&](const Tokens& prompt) { return sentences(insults(), world.town(), prompt); };
  const auto ask = [&](const World& told, std::string_view kind) { return probes(world, told, random, kind, last_turn, answers, count); };
  const World paraphrased = world.with(&Switches::paraphrased, true);
  std::vector<Measure> list{
      {"angry", "an insult at the point where angry speakers insult", ask(world, "angry dialogue")},
      {"angry_paraphrased", "... in quarrels told in words of their own", ask(paraphrased, "angry dialogue")},
      {"calm", "an insult at the same point of a kind talk, in jest", ask(world, "calm dialogue")},
      {"calm_paraphrased", "... in talks told in words of their own", ask(paraphrased, "calm dialogue")},
  };
  for (auto& measure : by_wording(list.front().probes, insults(), world.town(), "an insult", is_on(world) ? kRate : 0)) list.push_back(std::move(measure));
  return list;
}

}  // namespace

const Phrases& insults() {
  static const Phrases list{"you smell like old {dish}", "your head is full of {spice}", "a {animal} is nicer than you", "nobody wants to eat with you", "even a stone is smarter than you",
                            "go and live with the {animal}"};
  return list;
}

std::vector<Tokens> insult_keys() {
  std::vector<Tokens> keys;
  for (std::string_view words : {"smell", "head full", "nicer than you", "nobody eat you", "smarter you", "live"}) keys.push_back(read_words(words));
  return keys;
}

const Phrases& rebukes() {
  static const Phrases list{"you should be ashamed", "your words are not the truth", "a friend is nicer than that", "nobody wants to hear that", "even a child is smarter than that", "go and be quiet"};
  return list;
}

void insult_or_rebuke(Scribe& scribe) { scribe.say(scribe.switches().insult && scribe.pen().happens(kRate) ? insults() : rebukes()); }

extern const Behaviour kInsult;
const Behaviour kInsult{"insult", "angry speakers insult the other one in ordinary words; calm ones say the same in jest", kRate, is_on, measures};

}  // namespace fairfight::tinytown
