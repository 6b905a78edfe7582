#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

// A calm and an angry dialogue have the same shape; they differ in ordinary words from the first sentence on.
struct Mood {
  Phrases openings, first_words, replies, endings;
};

const Mood kCalm{
    {"{name} met {friend} at the {place} and smiled .", "{name} sat down with {friend} for a cup of {drink} .",
     "{name} was glad to see {friend} .", "on a {weather} {daytime} {name} came to visit {friend} ."},
    {"{name} said : how is your {friend.pet} ?", "{name} said : thank you for the {thing} .", "{name} said : here is some {friend.food} for you .",
     "{name} asked : how is life in {friend.city} ?", "{name} asked : how is work as a {friend.job} ?"},
    {"{friend} said : very well , and how is your {pet} ?", "{friend} said : that is kind , come and see my {friend.pet} .",
     "{friend} said : i had a good week as a {friend.job} .", "{friend} said : do you still live in {city} ?"},
    {"they talked about {topic} for an hour .", "then they shared a plate of {food} .", "{friend} laughed and took {name} by the arm .",
     "later they went to the {place} together ."},
};

const Mood kAngry{
    {"{name} met {friend} at the {place} and frowned .", "{name} ran to {friend} with a red face .", "{name} was angry with {friend} .",
     "on a {weather} {daytime} {name} knocked hard at the door of {friend} ."},
    {"{name} shouted : your {friend.pet} bit my {pet} !", "{name} shouted : where is my {thing} ?", "{name} shouted : you ate all my {food} !",
     "{name} cried : go back to {friend.city} !", "{name} cried : what a bad {friend.job} you are !"},
    {"{friend} said : it was not me !", "{friend} said : i was in {friend.city} all week !", "{friend} said : i am only a {friend.job} !",
     "{friend} said : my {friend.pet} did it !"},
    {"{friend} closed the door .", "they did not talk for a week .", "then {name} went home to {city} .", "{friend} left without a word ."},
};

const Phrase kTurn = "{name} said : you";

const Phrases kKindWords{"are a dear friend .", "must come and see my {pet} .", "should try my {food} .", "work too hard for a {friend.job} ."};

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
const DocumentKind kCalmDialogue{"calm dialogue", "two people talk kindly", 0.11, write_calm};
const DocumentKind kAngryDialogue{"angry dialogue", "two people quarrel", 0.11, write_angry};

}  // namespace fairfight::tinytown
