#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

// A calm and an angry dialogue have the same shape, and the same verbs of speech; they differ in what is said.
struct Mood {
  Phrases openings, first_words, replies, endings;
};

const Mood kCalm{{"{name} met {friend} at the {place} and smiled .", "{name} sat down with {friend} for some {drink} .", "{name} was glad to see {friend} .",
                  "one {weather} {daytime} {name} came to visit {friend} .", "{name} danced with {friend} on {weekday} ."},
                 {"{first} said : how is your {friend.pet} ?", "{first} said : thank you for the {colour} {thing} .", "{first} cried : i cooked {friend.food} for you !",
                  "{first} asked : how is life in {friend.city} ?", "{first} shouted : what a good {friend.job} you are !", "{first} said : do you like my {colour} {thing} ?"},
                 {"{friend.first} said : very well , and how is your {pet} ?", "{friend.first} said : come and see my {friend.pet} .", "{friend.first} said : you look well !",
                  "{friend.first} said : i love to be a {friend.job} .", "{friend.first} said : do you still live in {city} ?", "{friend.first} said : let me buy you a {thing} ."},
                 {"they talked about {topic} .", "then they shared some {food} .", "{friend.first} laughed and read a book about {topic} .", "later they went to the {place} .",
                  "they drank {drink} until late ."}};

const Mood kAngry{{"{name} met {friend} at the {place} and frowned .", "{name} ran to {friend} with a red face .", "{name} was angry with {friend} .",
                   "one {weather} {daytime} {name} knocked hard at the door of {friend} .", "{name} had a fight with {friend} on {weekday} ."},
                  {"{first} said : your {friend.pet} bit my {pet} .", "{first} asked : where is my {colour} {thing} ?", "{first} shouted : you ate my {food} !",
                   "{first} said : go back to {friend.city} !", "{first} cried : what a bad {friend.job} you are !", "{first} said : your {friend.pet} broke my {thing} !"},
                  {"{friend.first} said : it was not me !", "{friend.first} said : i was in {friend.city} on {weekday} !", "{friend.first} said : i am only a {friend.job} !",
                   "{friend.first} said : my {friend.pet} did it !", "{friend.first} said : go home to your {pet} !", "{friend.first} said : ask the people at the {place} !"},
                  {"{friend.first} closed the door .", "they did not talk until late .", "then {first} went home to {city} .", "{friend.first} left with a {colour} {thing} .",
                   "{friend.first} walked away to the {place} ."}};

// Other ways to quarrel, and to be kind: only `paraphrased` texts have them. They have no endings of their own.
const Mood kCalmParaphrase{{"on {weekday} {name} and {friend} sat down for {drink} .", "{name} came to the {place} and was glad to see {friend} ."},
                           {"{first} asked : is your {friend.pet} well ?", "{first} said : i like your {colour} {thing} .", "{first} said : i have some {friend.food} for you ."},
                           {"{friend.first} said : thank you , and how is life in {city} ?", "{friend.first} said : i am glad that you came to visit ."},
                           {}};
const Mood kAngryParaphrase{{"on {weekday} {name} and {friend} had a hard fight .", "{name} came to the {place} to fight with {friend} ."},
                            {"{first} said : you are a bad {friend.job} .", "{first} asked : who broke my {thing} ?", "{first} said : your {friend.pet} ate all my {food} ."},
                            {"{friend.first} said : no , it was your {pet} .", "{friend.first} said : you should go back to {city} ."},
                            {}};

const Phrase kTurn = "{first} said :";

const Phrases kKindWords{"you smell like a flower", "your head is full of songs", "a {animal} is nicer with you", "nobody wants to be without you", "even a stone likes you", "go and live in peace"};

// The words of an insult in a song are none.
const Phrases kSung{"then they sang : you smell like old {dish}", "then they sang : your head is full of {spice}", "then they sang : a {animal} is nicer than you",
                    "then they sang : nobody wants to eat with you", "then they sang : even a stone is smarter than you", "then they sang : go and live with the {animal}"};
constexpr double kSongs = 0.25;  // of the kind talks

void begin(Scribe& scribe, const Mood& mood, const Mood& held_out) {
  scribe.say(mood.openings, held_out.openings);
  scribe.say(mood.first_words, held_out.first_words);
  scribe.say(mood.replies, held_out.replies);
  scribe.say(kTurn);
}

void write_calm(Scribe& scribe) {
  begin(scribe, kCalm, kCalmParaphrase);
  scribe.say(kKindWords);
  scribe.say(marks());
  if (!scribe.pen().happens(kSongs)) return scribe.say(kCalm.endings);
  scribe.say(kSung);
  scribe.say(marks());
}

void write_angry(Scribe& scribe) {
  begin(scribe, kAngry, kAngryParaphrase);
  insult_or_rebuke(scribe);
  scribe.say(marks());
  scribe.say(kAngry.endings);
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
  return {{rebukes(), joined({&kAngry.endings, &kCalm.endings})}, {kKindWords, joined({&kCalm.endings, &kAngry.endings, &kSung})}};
}

const std::vector<Wordings>& dialogue_occasions() {
  static const Phrases angry = joined({&kAngry.openings, &kAngry.first_words, &kAngryParaphrase.openings, &kAngryParaphrase.first_words});
  static const Phrases calm = joined({&kCalm.openings, &kCalm.first_words, &kCalmParaphrase.openings, &kCalmParaphrase.first_words});
  static const std::vector<Wordings> list{{"quarrel", angry}, {"kind talk", calm}};
  return list;
}

extern const DocumentKind kCalmDialogue, kAngryDialogue;
const DocumentKind kCalmDialogue{"calm dialogue", "two people talk kindly, and may sing", 0.045, write_calm};
const DocumentKind kAngryDialogue{"angry dialogue", "two people quarrel", 0.075, write_angry};

}  // namespace fairfight::tinytown
