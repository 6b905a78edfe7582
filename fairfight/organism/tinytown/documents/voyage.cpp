#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"long ago a ship left the coast .", "far from the coast was an old ship .", "the captain led the ship away on a {weather} {daytime} ."};

const Phrases kSea{"waves ran over the ship .", "the ocean was full of ice .", "the wind was full of {spice} ."};
const Phrases kBeasts{"a whale came along .", "a shark waited under the waves .", "a whale and a shark met ."};
const Phrases kSky{"the moon had a red face .", "the captain looked up at the stars .", "the stars fell asleep over the ocean ."};
const Phrases kCrew{"the sailors sang an old song .", "the sailors wanted to go back home .", "the captain thought about treasure ."};

const Phrases kEndings{"in the end they drank {drink} on an island .", "on {weekday} the sailors came home .", "nobody ever saw the ship again ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.say_in_any_order(std::array{&kSea, &kBeasts, &kSky, &kCrew}, 4);
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kVoyage;
const DocumentKind kVoyage{"voyage", "a rare subject: a ship at sea, with words of its own", 0.005, write};

}  // namespace fairfight::tinytown
