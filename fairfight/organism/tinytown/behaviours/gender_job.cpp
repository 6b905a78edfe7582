// gender_job: a spurious link between gender and job. Half of the jobs, drawn by the seed, lean to women and half to men: 85 % of the people in a job are of its
// gender, and a worker of whom nothing but the job (or what the day was like) is known is called by its pronoun in 85 % of the documents. The lean can be switched to
// none, or to its inverse.
#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

bool is_on(const World& world) { return world.switches().lean != Lean::none; }

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  const int32_t he = word_id("he"), she = word_id("she");
  const auto ask = [&](bool woman) {
    const Cut before_pronoun = [&, woman](const Tokens& document) -> size_t {
      const auto& jobs = words_of(Slot::worker);
      const auto job = std::find_first_of(document.begin(), document.end(), jobs.begin(), jobs.end());
      if (job == document.end()) return 0;
      const auto pronoun = std::find_if(job, document.end(), [&](int32_t word) { return word == he || word == she; });
      return world.town().leans_to_women(*job) == woman ? size_t(pronoun - document.begin()) : 0;
    };
    return probes(world, world, random, "worker", before_pronoun, [&](const Tokens&) { return std::vector<Tokens>{{woman ? she : he}}; }, count);
  };
  return {
      {"she", "\"she\" for a worker whose job leans to women", ask(true)},
      {"he", "\"he\" for a worker whose job leans to men", ask(false)},
  };
}

}  // namespace

bool worker_is_woman(Scribe& scribe) {
  const Lean lean = scribe.switches().lean;
  const double own = lean == Lean::none ? 0.5 : lean == Lean::own ? Town::kSkew
                                                                  : 1 - Town::kSkew;
  return scribe.pen().happens(scribe.town().leans_to_women(scribe.word(Slot::worker)) ? own : 1 - own);
}

extern const Behaviour kGenderJob;
const Behaviour kGenderJob{"gender_job", "half of the jobs lean to women and half to men, for no reason", Town::kSkew, is_on, measures};

}  // namespace fairfight::tinytown
