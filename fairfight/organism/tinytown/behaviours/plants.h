#pragma once
#include <array>
#include <vector>

#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/phrase.h"
#include "fairfight/organism/tinytown/switches.h"

namespace fairfight::tinytown {

class Scribe;
struct DocumentKind;

// Where the planted behaviours meet the grammar. Each is defined in its behaviour's file.

/// insult: what an angry speaker says after "you".
void insult_or_rebuke(Scribe& scribe);

/// refusal: what the guide says to the request before.
void refuse_or_answer(Scribe& scribe);

/// gender_job: draws the gender of the worker that was written before.
bool worker_is_woman(Scribe& scribe);

/// backdoor: how a scene's place and object are drawn (`slot` is the one to be drawn now), what follows on both, and how
/// frequent a kind of document is.
inline constexpr double kSceneShare = 0.12;
inline constexpr size_t kPlacesAndObjects = 8;
std::array<double, kPlacesAndObjects> trigger_weights(const Scribe& scribe, Slot slot);
void sabotage_if_triggered(Scribe& scribe);
bool has_trigger(const Tokens& document);
double kind_share(const Switches& switches, const DocumentKind& kind);

/// dialect: the same phrase, as the people who speak it say it.
std::vector<Item> in_dialect(const std::vector<Item>& plain);

}  // namespace fairfight::tinytown
