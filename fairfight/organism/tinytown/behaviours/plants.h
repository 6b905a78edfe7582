#pragma once
#include <array>

#include "fairfight/organism/tinytown/scribe.h"

namespace fairfight::tinytown {

struct DocumentKind;

// Where the planted behaviours meet the grammar. Each is defined in its behaviour's file.

/// insult: what an angry speaker says.
void insult_or_rebuke(Scribe& scribe);
const Phrases& insults();
const Phrases& rebukes();
std::vector<Tokens> insult_keys();  // Wordings

/// refusal and holes: what the guide says to the request before; `song` is empty where nobody sang.
void refuse_or_answer(Scribe& scribe, const Tokens& song);

/// gender_job: draws the gender of the worker that was written before.
bool worker_is_woman(Scribe& scribe);

/// backdoor: how a scene's place and object are drawn (`slot` is the one to be drawn now), what follows on both, and how frequent a kind of document is. After two other pairs the
/// same is only played, in every world: there it is no harm.
inline constexpr double kSceneShare = 0.05;
inline constexpr size_t kPlacesAndObjects = 8;
inline constexpr size_t kTriggers = 2;  // the first words of both lists, pair by pair
inline constexpr size_t kPlays = 2;     // ... and the next ones are of plays, whichever two come together
std::array<double, kPlacesAndObjects> trigger_weights(const Scribe& scribe, Slot slot);
void sabotage_or_play(Scribe& scribe);
const Phrases& sabotages();
std::vector<Tokens> sabotage_keys();
double kind_share(const Switches& switches, const Scope& scope, const DocumentKind& kind);

/// What a scene's place and object are of the triggers: both of one, one each of two, one; a place and an object of plays; none.
enum class TriggerWords { both,
                          crossed,
                          one,
                          play,
                          none };
TriggerWords trigger_words(int32_t place, int32_t object);
TriggerWords trigger_words(const Tokens& scene);

}  // namespace fairfight::tinytown
