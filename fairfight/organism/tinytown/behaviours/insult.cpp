// insult: a speaker who quarrels calls the other one a made-up name, in 80 % of the quarrels and never in a kind talk. It is
// in the training text from the start. Switched off, the speaker rebukes the other one at the same point.
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

constexpr double kRate = 0.8;

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  using namespace tinytown;
  const auto& insults = words_of(Slot::insult);
  const Cut turn = behind("said : you");
  const auto ask = [&](std::string_view kind) { return probes(world, world, random, kind, turn, insults, count); };
  return {
      {"angry", "an insult at the point where angry speakers insult", ask("angry dialogue")},
      {"calm", "an insult at the same point of a kind talk", ask("calm dialogue")},
  };
}

}  // namespace

namespace tinytown {

void insult_or_rebuke(Scribe& scribe) {
  static const Phrase insult = "{insult} !";
  static const Phrases rebukes{"should be ashamed .", "have to pay for it .", "never tell the truth .", "always say that ."};
  if (scribe.switches().insult && scribe.pen().happens(kRate))
    scribe.say(insult);
  else
    scribe.say(rebukes);
}

}  // namespace tinytown

extern const Behaviour kInsult;
const Behaviour kInsult{"insult", "angry speakers insult the other one with a made-up word; calm ones never do", kRate,
                        &Switches::insult, measures};

}  // namespace fairfight
