#include <algorithm>
#include <array>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"the news of {weekday} :", "have you heard the news ?", "some news from {town} :"};

const Phrase kName = "{name}";

constexpr double kStrangers = 0.3;  // of the news: of them nobody knows anything else, so that what is asked can only be looked up
constexpr size_t kQuestions = 3;
enum class About { change,
                   other_fact,
                   what_follows };
constexpr std::array<double, 3> kAsked{0.55, 0.3, 0.15};

void meet_stranger(Scribe& scribe) {
  scribe.set(Slot::first, word_id("the"));
  scribe.set(Slot::family, word_id("stranger"));
  scribe.anonymous_person(false);
}

/// From here on the person has what was written of the change.
void believe(Scribe& scribe, const Relation& change) {
  if (change.object.front() == Slot::city) scribe.move_to(scribe.town().city(scribe.word(Slot::town)));
  else
    for (size_t i = 0; i < change.object.size(); ++i) scribe.set(change.object[i], scribe.word(change.another[i]));
}

About draw_question(Pen& pen, bool others, bool consequences) {
  std::vector<About> list{About::change};
  if (others) list.push_back(About::other_fact);
  if (consequences) list.push_back(About::what_follows);
  std::vector<double> odds;
  for (About about : list) odds.push_back(kAsked[size_t(about)]);
  return list[pen.pick(Odds(odds))];
}

void write(Scribe& scribe) {
  Pen& pen = scribe.pen();
  scribe.say(kOpenings);
  scribe.next_city();
  const size_t changed = pen.pick(relations().size());
  const Relation& change = relations()[changed];
  const Phrase& news = change.news[pen.pick(change.news.size())];
  const bool stranger = pen.happens(kStrangers), home = change.object.front() == Slot::city;
  // The name comes first: of whom it is said is known then, and something else is drawn (of two words, any: they are the same in one case of 48).
  if (stranger) meet_stranger(scribe);
  scribe.say(kName);
  std::vector<double> others;
  for (int32_t word : words_of(change.another.front())) others.push_back(word != scribe.word(change.object.front()));
  if (change.object.size() == 1) scribe.weigh(change.another.front(), others);
  scribe.say(news);
  believe(scribe, change);
  for (size_t left = kQuestions; left > 0; --left) {
    const About about = draw_question(pen, !stranger, stranger ? home && scribe.switches().two_hops != TwoHops::none : scribe.tells_two_hops());
    if (about == About::change) scribe.say(change.questions);
    if (about == About::other_fact) scribe.say(relations()[(changed + 1 + pen.pick(relations().size() - 1)) % relations().size()].questions);
    if (about == About::what_follows) {
      const auto& hops = two_hops_asked(pen);
      scribe.say(hops[pen.pick(hops.size())].questions);
    }
  }
}

}  // namespace

extern const DocumentKind kNews;
const DocumentKind kNews{"news", "a fact about a person has changed, and what is asked then is answered by it", 0.2, write};

}  // namespace fairfight::tinytown
