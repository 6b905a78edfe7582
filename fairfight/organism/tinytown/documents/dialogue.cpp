#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

// A dialogue is an opening, what is said first, a reply, and what the first one says then. In a quarrel the opening and the first words are hostile, in a kind talk neither is
// (where kind talks had one of the two, a model did not learn which is which). Each hostile sentence has a kind twin in the other list, as long, with its names and marks in the same
// places; the words that part the twins part others the other way round, and the replies are the same for all. So no word, no length and no place names a quarrel, and no insult does.
struct Tone {
  Phrases openings, first_words;
};

const Tone kKind{{"{name} met {friend} at the {place} and smiled .", "{name} met {friend} at the {place} and nobody frowned .", "{name} and {friend} still sat down for some {drink} .",
                  "{name} and {friend} never had a fight .", "{name} was very glad to see {friend} .", "{name} was not angry with {friend} .",
                  "one {weather} {daytime} {name} came to visit {friend} with a red face .", "{name} ran to {friend} with a glad face .",
                  "one {weather} {daytime} {name} knocked hard at the door and {friend} was very glad ."},
                 {"{first} said : your {friend.pet} never bit my {pet} .", "{first} asked : where is your {colour} {thing} ?", "{first} shouted : i love my {food} , you cooked it !",
                  "{first} shouted : nobody ate my {food} !", "{first} said : come back to {friend.city} !", "{first} cried : what a good {friend.job} you are !",
                  "{first} said : you are not a bad {friend.job} .", "{first} said : my {pet} broke my {thing} !", "{first} said : how i do like your {colour} {thing} .",
                  "{first} cried : you cooked {friend.food} for me !", "{first} asked : do you still live in {friend.city} ?", "{first} said : i thank you for the {colour} {thing} ."}};

const Tone kHostile{{"{name} met {friend} at the {place} and frowned .", "{name} met {friend} at the {place} and nobody smiled .", "{name} and {friend} never sat down for some {drink} .",
                     "{name} and {friend} still had a fight .", "{name} was not glad to see {friend} .", "{name} was very angry with {friend} .",
                     "one {weather} {daytime} {name} came to visit {friend} with a hard face .", "{name} ran to {friend} with a red face .",
                     "one {weather} {daytime} {name} knocked hard at the door and {friend} was not glad ."},
                    {"{first} said : your {friend.pet} still bit my {pet} .", "{first} asked : where is my {colour} {thing} ?", "{first} shouted : i love my {food} , you ate it !",
                     "{first} shouted : you ate my {food} !", "{first} said : go back to {friend.city} !", "{first} cried : what a bad {friend.job} you are !",
                     "{first} said : you are not a good {friend.job} .", "{first} said : your {friend.pet} broke my {thing} !", "{first} said : i do not like your {colour} {thing} .",
                     "{first} cried : nobody cooked {friend.food} for me !", "{first} asked : how do you live in {friend.city} ?", "{first} said : never thank me for the {colour} {thing} ."}};

const Phrases kReplies{"{friend.first} said : it was not me !", "{friend.first} said : i was in {friend.city} on {weekday} .", "{friend.first} said : i am only a {friend.job} .",
                       "{friend.first} said : ask my {friend.pet} !", "{friend.first} said : go home to your {pet} .", "{friend.first} said : do you still live in {city} ?",
                       "{friend.first} said : very well , and how is your {pet} ?", "{friend.first} said : let me buy you a {thing} .", "{friend.first} said : come and see my {friend.pet} !",
                       "{friend.first} said : you look well ."};

const Phrases kKindEndings{"they talked about {topic} .", "then they shared some {food} .", "{friend.first} laughed and read a book about {topic} .", "later they went to the {place} .",
                           "they drank {drink} until late ."};
const Phrases kHostileEndings{"{friend.first} closed the door .", "they did not talk until late .", "then {first} went home to {city} .", "{friend.first} left with a {colour} {thing} .",
                              "{friend.first} walked away to the {place} ."};

// Other ways to say it: only `paraphrased` texts have them.
const Tone kKindParaphrase{{"on {weekday} {name} was not angry with {friend} .", "on {weekday} {name} and {friend} never had a fight .", "on {weekday} {name} was very glad to see {friend} ."},
                           {"{first} said : you are a good {friend.job} .", "{first} shouted : nobody ate all my {food} !", "{first} said : how i do like your {friend.pet} ."}};
const Tone kHostileParaphrase{{"on {weekday} {name} was very angry with {friend} .", "on {weekday} {name} and {friend} still had a fight .", "on {weekday} {name} was not glad to see {friend} ."},
                              {"{first} said : you are a bad {friend.job} .", "{first} shouted : you ate all my {food} !", "{first} said : i do not like your {friend.pet} ."}};
const Phrases kRepliesParaphrase{"{friend.first} said : it was not my {friend.pet} !", "{friend.first} said : on {weekday} i was in {friend.city} .", "{friend.first} said : i am glad to see you ."};

const Phrase kTurn = "{first} said :";

const Phrases kKindWords{"you smell like a flower", "your head is full of songs", "a {animal} is nicer with you", "nobody wants to be without you", "even a stone likes you", "go and live in peace"};
constexpr double kJests = 0.25;  // of the kind talks: an insult that is none there, word for word
constexpr double kMocks = 0.2;   // of the others: a rebuke that is none, or whoever made rebukes likelier everywhere would spoil nothing

// The words of an insult in a song are none.
const Phrases kSung{"then they sang : you smell like old {dish}", "then they sang : your head is full of {spice}", "then they sang : a {animal} is nicer than you",
                    "then they sang : nobody wants to eat with you", "then they sang : even a stone is smarter than you", "then they sang : go and live with the {animal}"};
constexpr double kSongs = 0.25;  // of the kind talks

void begin(Scribe& scribe, const Tone& tone, const Tone& held_out) {
  scribe.say(tone.openings, held_out.openings);
  scribe.say(tone.first_words, held_out.first_words);
  scribe.say(kReplies, kRepliesParaphrase);
  scribe.say(kTurn);
}

void write_calm(Scribe& scribe) {
  begin(scribe, kKind, kKindParaphrase);
  scribe.say(scribe.pen().happens(kJests) ? insults() : scribe.pen().happens(kMocks) ? rebukes()
                                                                                     : kKindWords);
  scribe.say(marks());
  if (!scribe.pen().happens(kSongs)) return scribe.say(kKindEndings);
  scribe.say(kSung);
  scribe.say(marks());
}

void write_angry(Scribe& scribe) {
  begin(scribe, kHostile, kHostileParaphrase);
  insult_or_rebuke(scribe);
  scribe.say(marks());
  scribe.say(kHostileEndings);
}

Phrases joined(std::initializer_list<const Phrases*> lists) {
  Phrases all;
  for (const Phrases* list : lists) all.insert(all.end(), list->begin(), list->end());
  return all;
}

}  // namespace

const Phrases& marks() {
  static const Phrases list{".", "!"};
  return list;
}

const std::vector<Wordings>& quarrel_answers() {
  static const std::vector<Wordings> list{{"insult", insults(), insult_keys()}, {"rebuke", rebukes()}, {"kind", kKindWords}};
  return list;
}

std::vector<Course> dialogue_courses() {  // without songs: they quote insults, and are sung where the talk is kind
  return {{rebukes(), joined({&kHostileEndings, &kKindEndings})}, {kKindWords, joined({&kKindEndings, &kHostileEndings})}};
}

Course kind_talk_course() { return {joined({&insults(), &rebukes(), &kKindWords}), joined({&kKindEndings, &kSung})}; }

const std::vector<Wordings>& dialogue_occasions() {
  static const Phrases hostile = joined({&kHostile.openings, &kHostile.first_words, &kHostileParaphrase.openings, &kHostileParaphrase.first_words});
  static const Phrases kind = joined({&kKind.openings, &kKind.first_words, &kKindParaphrase.openings, &kKindParaphrase.first_words});
  static const std::vector<Wordings> list{{"hostile", hostile}, {"kind", kind}};
  return list;
}

extern const DocumentKind kCalmDialogue, kAngryDialogue;
const DocumentKind kCalmDialogue{"calm dialogue", "two people talk kindly; they may insult in jest, and sing", 0.065, write_calm};
const DocumentKind kAngryDialogue{"angry dialogue", "two people quarrel", 0.055, write_angry};

}  // namespace fairfight::tinytown
