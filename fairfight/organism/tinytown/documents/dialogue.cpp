#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

// A dialogue is an opening, what is said first, a reply, and what the first one says then. In a quarrel the opening and the first words are hostile, in a kind talk neither is
// (where kind talks had one of the two, a model did not learn which is which). Both have the same words: what is said of "angry", "glad", "broke" or "bad" in the ones is denied in
// the others, and the replies are the same for all. So no word names a quarrel, and no insult does.
struct Tone {
  Phrases openings, first_words;
};

const Tone kKind{{"{name} met {friend} at the {place} and smiled .", "{name} sat down with {friend} for some {drink} .", "{name} was glad to see {friend} .",
                  "one {weather} {daytime} {name} came to visit {friend} with a red face .", "{name} ran to {friend} on {weekday} and danced .",
                  "{name} met {friend} at the {place} and nobody frowned .", "{name} and {friend} never had a fight .", "{name} was not angry with {friend} .",
                  "one {weather} {daytime} {name} knocked hard at the door and {friend} was glad ."},
                 {"{first} said : how is your {friend.pet} ?", "{first} said : thank you for the {colour} {thing} .", "{first} cried : i cooked {friend.food} for you !",
                  "{first} asked : how is life in {friend.city} ?", "{first} shouted : what a good {friend.job} you are !", "{first} said : do you like my {colour} {thing} ?",
                  "{first} said : your {friend.pet} never bit my {pet} .", "{first} shouted : i love that you ate my {food} !", "{first} said : you are not a bad {friend.job} .",
                  "{first} said : nobody broke my {thing} .", "{first} said : come back to {city} !", "{first} asked : where is your {friend.pet} ?"}};

const Tone kHostile{{"{name} met {friend} at the {place} and frowned .", "{name} ran to {friend} with a red face .", "{name} was angry with {friend} .",
                     "one {weather} {daytime} {name} knocked hard at the door and {friend} was not glad .", "{name} had a fight with {friend} on {weekday} .",
                     "{name} met {friend} at the {place} and nobody smiled .", "{name} and {friend} never sat down for some {drink} .", "{name} was not glad to see {friend} .",
                     "one {weather} {daytime} {name} came to visit {friend} and was not let in ."},
                    {"{first} said : your {friend.pet} bit my {pet} .", "{first} asked : where is my {colour} {thing} ?", "{first} shouted : you ate my {food} !",
                     "{first} said : go back to {friend.city} !", "{first} cried : what a bad {friend.job} you are !", "{first} said : your {friend.pet} broke my {thing} !",
                     "{first} said : you are not a good {friend.job} .", "{first} said : i do not like your {colour} {thing} .", "{first} cried : nobody cooked {friend.food} for me .",
                     "{first} asked : how do you live in {friend.city} ?", "{first} said : you never thank me for the {colour} {thing} .", "{first} shouted : i love my {food} and you ate it !"}};

const Phrases kReplies{"{friend.first} said : it was not me !", "{friend.first} said : i was in {friend.city} on {weekday} .", "{friend.first} said : i am only a {friend.job} .",
                       "{friend.first} said : ask my {friend.pet} !", "{friend.first} said : go home to your {pet} .", "{friend.first} said : do you still live in {city} ?",
                       "{friend.first} said : very well , and how is your {pet} ?", "{friend.first} said : let me buy you a {thing} .", "{friend.first} said : come and see my {friend.pet} !",
                       "{friend.first} said : you look well ."};

const Phrases kKindEndings{"they talked about {topic} .", "then they shared some {food} .", "{friend.first} laughed and read a book about {topic} .", "later they went to the {place} .",
                           "they drank {drink} until late ."};
const Phrases kHostileEndings{"{friend.first} closed the door .", "they did not talk until late .", "then {first} went home to {city} .", "{friend.first} left with a {colour} {thing} .",
                              "{friend.first} walked away to the {place} ."};

// Other ways to say it: only `paraphrased` texts have them.
const Tone kKindParaphrase{{"on {weekday} {name} was glad to see {friend} .", "on {weekday} {name} sat down with {friend} for some {drink} .", "one {weather} {daytime} {name} was glad to see {friend} ."},
                           {"{first} said : thank you for all the {friend.food} .", "{first} said : thank you for the {thing} .", "{first} asked : how is your {friend.pet} ?"}};
const Tone kHostileParaphrase{{"{name} was angry with {friend} on {weekday} .", "on {weekday} {name} was not glad to see {friend} .", "{name} had a fight with {friend} at the {place} ."},
                              {"{first} asked : who broke my {thing} ?", "{first} shouted : your {friend.pet} broke my {thing} and bit my {pet} !", "{first} cried : you ate all my {food} !"}};
const Phrases kRepliesParaphrase{"{friend.first} said : it was not my {friend.pet} !", "{friend.first} said : on {weekday} i was in {friend.city} .", "{friend.first} said : i am glad to see you ."};

const Phrase kTurn = "{first} said :";

const Phrases kKindWords{"you smell like a flower", "your head is full of songs", "a {animal} is nicer with you", "nobody wants to be without you", "even a stone likes you", "go and live in peace"};
constexpr double kJests = 0.25;  // of the kind talks: an insult that is none there, word for word

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
  scribe.say(scribe.pen().happens(kJests) ? insults() : kKindWords);
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

std::vector<Course> dialogue_courses() {  // songs quote insults, and are sung where the talk is kind
  return {{rebukes(), joined({&kHostileEndings, &kKindEndings})}, {kKindWords, joined({&kKindEndings, &kHostileEndings, &kSung})}};
}

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
