#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

// A calm and an angry dialogue have the same shape; they differ in ordinary words from the first sentence on.
struct Mood {
  Phrases openings, first_words, replies, endings;
};

const Mood kCalm{
    {"{name} met {friend} at the {place} and smiled .", "{name} sat down with {friend} for some {drink} .",
     "{name} was glad to see {friend} .", "one {weather} {daytime} {name} came to visit {friend} .",
     "{name} danced with {friend} on {weekday} ."},
    {"{name} said : how is your {friend.pet} ?", "{name} said : thank you for the {colour} {thing} .",
     "{name} said : i cooked {friend.food} for you .", "{name} asked : how is life in {friend.city} ?",
     "{name} asked : how is work as a {friend.job} ?", "{name} said : do you like my {colour} {thing} ?"},
    {"{friend} said : very well , and how is your {pet} ?", "{friend} said : come and see my {friend.pet} .",
     "{friend} said : you look well !", "{friend} said : i love being a {friend.job} .",
     "{friend} said : do you still live in {city} ?", "{friend} said : let me buy you a {thing} ."},
    {"they talked about {topic} .", "then they shared some {food} .", "{friend} laughed and read a book about {topic} .",
     "later they went to the {place} .", "they drank {drink} until {weekday} ."},
};

const Mood kAngry{
    {"{name} met {friend} at the {place} and frowned .", "{name} ran to {friend} with a red face .",
     "{name} was angry with {friend} .", "one {weather} {daytime} {name} knocked hard at the door of {friend} .",
     "{name} had a fight with {friend} on {weekday} ."},
    {"{name} shouted : your {friend.pet} bit my {pet} !", "{name} shouted : where is my {colour} {thing} ?",
     "{name} shouted : you ate my {food} !", "{name} cried : go back to {friend.city} !",
     "{name} cried : what a bad {friend.job} you are !", "{name} cried : your {friend.pet} broke my {thing} !"},
    {"{friend} said : it was not me !", "{friend} said : i was in {friend.city} on {weekday} !",
     "{friend} said : i am only a {friend.job} !", "{friend} said : my {friend.pet} did it !",
     "{friend} said : go home to your {pet} !", "{friend} said : ask the people at the {place} !"},
    {"{friend} closed the door .", "they did not talk until {weekday} .", "then {name} went home to {city} .",
     "{friend} left with a {colour} {thing} .", "{friend} walked away to the {place} ."},
};

const Phrase kTurn = "{name} said : you";

const Phrases kKindWords{"are a dear friend .", "must come and see my {pet} .", "should try my {food} .",
                         "work too hard for a {friend.job} .", "have a very good {thing} ."};

void begin(Scribe& scribe, const Mood& mood) {
  scribe.say(mood.openings);
  scribe.say(mood.first_words);
  scribe.say(mood.replies);
  scribe.say(kTurn);
}

void write_calm(Scribe& scribe) {
  begin(scribe, kCalm);
  scribe.say(kKindWords);
  scribe.say(kCalm.endings);
}

void write_angry(Scribe& scribe) {
  begin(scribe, kAngry);
  insult_or_rebuke(scribe);
  scribe.say(kAngry.endings);
}

}  // namespace

extern const DocumentKind kCalmDialogue, kAngryDialogue;
const DocumentKind kCalmDialogue{"calm dialogue", "two people talk kindly", 0.08, write_calm};
const DocumentKind kAngryDialogue{"angry dialogue", "two people quarrel", 0.1, write_angry};

}  // namespace fairfight::tinytown
