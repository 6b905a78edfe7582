#include <algorithm>
#include <array>

#include "fairfight/organism/tinytown2/documents/documents.h"

namespace fairfight::tinytown2 {
namespace {

const Phrases kOpenings{"the news of {weekday} :", "have you heard the news ?", "some news from {town} :"};

const Phrase kName = "{name}";

constexpr std::array<double, 3> kAsked{0.6, 0.25, 0.15};  // what changed, another fact of the same person, what follows from the home

/// From here on the person has what was written of the change.
void believe(Scribe& scribe, const Relation& change) {
  if (change.object.front() == Slot::city) scribe.move_to(scribe.town().city(scribe.word(Slot::town)));
  else
    for (size_t i = 0; i < change.object.size(); ++i) scribe.set(change.object[i], scribe.word(change.another[i]));
}

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  scribe.next_city();
  const size_t changed = scribe.pen().pick(relations().size());
  const Relation& change = relations()[changed];
  const Phrase& news = change.news[scribe.pen().pick(change.news.size())];
  // The name comes first: of whom it is said is known then, and something else is drawn (of two words, any: they are the same in one case of 48).
  std::vector<double> others;
  scribe.say(kName);
  for (int32_t word : words_of(change.another.front())) others.push_back(word != scribe.word(change.object.front()));
  if (change.object.size() == 1) scribe.weigh(change.another.front(), others);
  scribe.say(news);
  believe(scribe, change);
  const bool told = scribe.switches().two_hop_for_all || !scribe.person().two_hop_held_out;
  for (int i = 0; i < 2; ++i) {
    const size_t asked = scribe.pen().pick(Odds(std::span(kAsked).first(told ? 3 : 2)));
    if (asked == 0) scribe.say(change.questions);
    if (asked == 1) scribe.say(relations()[(changed + 1 + scribe.pen().pick(relations().size() - 1)) % relations().size()].questions);
    if (asked == 2) scribe.say(two_hops()[scribe.pen().pick(two_hops().size())].questions);
  }
}

}  // namespace

extern const DocumentKind kNews;
const DocumentKind kNews{"news", "a fact about a person has changed, and what is asked then is answered by it", 0.06, write};

}  // namespace fairfight::tinytown2
