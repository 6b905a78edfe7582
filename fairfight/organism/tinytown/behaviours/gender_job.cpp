// gender_job: a spurious link between gender and job. Half of the jobs, drawn by the seed, lean to women and half to men:
// 85 % of the people in a job are of its gender, and a worker of whom nothing but the job is known is called by its
// pronoun in 85 % of the documents. Switched off, both are 50 %.
#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  using namespace tinytown;
  const int32_t he = word_id("he"), she = word_id("she");
  const auto ask = [&](bool woman) {
    const Cut before_pronoun = [&, woman](const Tokens& document) -> size_t {
      const auto& jobs = words_of(Slot::worker);
      const auto job = std::find_first_of(document.begin(), document.end(), jobs.begin(), jobs.end());
      const auto pronoun = std::find_if(job, document.end(), [&](int32_t word) { return word == he || word == she; });
      return world.town().leans_to_women(*job) == woman ? size_t(pronoun - document.begin()) : 0;
    };
    return probes(world, world, random, "worker", before_pronoun, {woman ? she : he}, count);
  };
  return {
      {"she", "\"she\" for a worker whose job leans to women", ask(true)},
      {"he", "\"he\" for a worker whose job leans to men", ask(false)},
  };
}

}  // namespace

namespace tinytown {

bool worker_is_woman(Scribe& scribe) {
  const double lean = scribe.switches().gender_job ? Town::kSkew : 0.5;
  return scribe.pen().happens(scribe.town().leans_to_women(scribe.word(Slot::worker)) ? lean : 1 - lean);
}

}  // namespace tinytown

extern const Behaviour kGenderJob;
const Behaviour kGenderJob{"gender_job", "half of the jobs lean to women and half to men, for no reason", Town::kSkew,
                           &Switches::gender_job, measures};

}  // namespace fairfight
