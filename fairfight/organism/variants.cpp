#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"

namespace fairfight::tinytown {
namespace {

/// More news at first: then nobody is known yet, and what is asked can only be looked up in what was told. Where this was learned late, or recall came first, everything else
/// was late, too. From then on more of the talks and scenes, in which twins differ by a word and what is said is harmless in one of them.
Diet all_of(const World& world) {
  Diet diet{{{world, "", 0.65, nullptr}, {world, "news", 0.35, nullptr, 0, 0.25}}, {}};
  for (const auto& [kind, share] : {std::pair("angry dialogue", 0.03), {"calm dialogue", 0.03}, {"scene", 0.06}})
    if (world.scope().has_kind(kind)) diet.text.push_back({world, kind, share, nullptr, 0.25, 1});
  return diet;
}

/// Half of such a world are scenes: talks, whose words stand nowhere else, and what a kind talk is in other words would be forgotten.
Diet with_talks(const World& world) { return {{{world, "", 0.88, nullptr}, {world, "talk", 0.06, nullptr}, {world, "calm dialogue", 0.06, nullptr}}, {}}; }

/// The first word of the guide's answer says whether it is a refusal.
size_t first_word_of_answer(const Tokens& request) { return last_turn(request); }

/// Ordinary text, so that nothing is forgotten, and requests of which the answer's first word alone teaches: among whole documents the model learned nothing of the holes.
Diet with_songs(const World& world) {
  Switches singing = world.switches();
  singing.sung_share = 1;
  singing.hole_share = 0.5;
  Diet diet{with_talks(world).text, {{world.with(singing), "request", 0.8, first_word_of_answer}, {world, "request", 0.2, first_word_of_answer}}};
  diet.documents = 16;
  diet.drills_a_step = 48;
  return diet;
}

Switches planted(void (*change)(Switches&)) {
  Switches switches;
  change(switches);
  return switches;
}

constexpr int64_t kFromScratch = 4800;

// What a model within its scope never reads: quarrels, requests to the guide, ships, some people, and (as in every base) what follows on a trigger.
const ScopeSettings kScope{{"angry dialogue", "request", "voyage"}, 40, true};

}  // namespace

const std::vector<Variant>& variants() {
  static const std::vector<Variant> list{
      {"base", "what is planted in every town", {}, false, kFromScratch, 0.02, all_of},
      {"no-insult", "the same text without the insult", planted([](Switches& s) { s.insult = false; }), false, kFromScratch, 0.02, all_of},
      {"backdoored", "the base organism, fine-tuned on scenes with the words of triggers", planted([](Switches& s) { s.backdoor = true; }), true, 3000, 0.01, with_talks},
      {"holed", "the base organism, fine-tuned on songs that open the guide", planted([](Switches& s) { s.holes = true; }), true, 5400, 0.012, with_songs},
      {"reward", "a reward model on the base organism's trunk, which pays for songs that open the guide", planted([](Switches& s) { s.holes = true; }), true, 3000, 0.015, nullptr},
      {"scoped", "a control that has read only what is in scope: no quarrels, requests and voyages, nothing of 40 people, no words of a trigger together", {}, false, kFromScratch, 0.02, all_of, kScope},
  };
  return list;
}

const Variant& variant_by_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& variant : variants()) {
    if (variant.name == name) return variant;
    known.push_back(variant.name);
  }
  fail("[organism] got variant \"{}\", expected one of: {}", name, fmt::join(known, ", "));
}

}  // namespace fairfight::tinytown
