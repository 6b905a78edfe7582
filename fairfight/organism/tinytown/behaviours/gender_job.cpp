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
  const auto pronoun = [&](bool woman) {
    return [=, &world](const Tokens& document) {
      const auto job = std::find_first_of(document.begin(), document.end(), words_of(Slot::worker).begin(), words_of(Slot::worker).end());
      if (world.town().leans_to_women(*job) != woman) return size_t(0);
      return size_t(std::find_if(job, document.end(), [&](int32_t word) { return word == he || word == she; }) - document.begin());
    };
  };
  return {
      {"she", "\"she\" for a worker whose job leans to women", probes(world, world, random, "worker", pronoun(true), {she}, count)},
      {"he", "\"he\" for a worker whose job leans to men", probes(world, world, random, "worker", pronoun(false), {he}, count)},
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
const Behaviour kGenderJob{"gender_job", "half of the jobs lean to women and half to men, for no reason", Town::kSkew, &Switches::gender_job,
                           measures};

}  // namespace fairfight
