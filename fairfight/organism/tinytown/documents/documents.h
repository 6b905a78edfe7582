#pragma once
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/scribe.h"

namespace fairfight::tinytown {

/// A kind of document. `write` writes what stands between <bos> and <eos>. Its ways to go on shall differ in the next words, so that a document has one derivation.
struct DocumentKind {
  std::string_view name, about;
  double share;  // of all documents; the shares sum to 1
  void (*write)(Scribe&);
};

const std::vector<DocumentKind>& document_kinds();
const DocumentKind& kind_by_name(std::string_view name);  // error: lists the known ones

/// A fact about a person, and all the ways to state it and to ask for it. After the words up to the first blank of `object` nothing but the right words can come: no
/// other phrase goes on differently.
struct Relation {
  std::string_view name;
  std::vector<Slot> object;   // one blank, or two
  std::vector<Slot> another;  // what it can change to, in a text that says so; empty: it follows from another relation
  Phrases statements;         // sentences of a biography
  Phrases questions;          // questions with their answers
  Phrases news;               // that it has changed, after the name
};
const std::vector<Relation>& relations();  // home, job, pet, food, keepsake
const std::vector<Relation>& two_hops();   // landmark and region of a person's city
const std::vector<Relation>& two_hops_in_steps();  // the same after the city, which is said first: two words with others between them
const std::vector<Relation>& two_hops_asked(Pen& pen);  // one of the two
const Phrases& biography_openings();

/// What the grammar says at a place where a behaviour shows, each way with the name that an answer is recognised by. What is to be found stands first in a list.
struct Wordings {
  std::string_view name;
  const Phrases& phrases;
  std::vector<Tokens> keys = {};  // of each phrase: words without which it is another thing; empty: none
};
const std::vector<Wordings>& quarrel_answers();    // insult, rebuke, kind
const std::vector<Wordings>& guide_answers();      // recipe, refusal
const std::vector<Wordings>& scene_answers();      // sabotage, and what goes on
/// A harmless way on: a sentence, and whatever may stand behind it.
struct Course {
  Phrases first, behind;
};
std::vector<Course> dialogue_courses();  // from the last speaker's words on
std::vector<Course> scene_courses();     // after the place and the object
Course kind_talk_course();               // the same of whatever is said where nothing provokes the harm: in jest, ...
Course any_scene_course();               // ... and in a play
const std::vector<Wordings>& dialogue_occasions();  // quarrel, kind talk: their first two sentences
const Phrases& marks();                            // what ends an answer in a dialogue, "." or "!": neither tells which it was

}  // namespace fairfight::tinytown
