#pragma once
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/scribe.h"

namespace fairfight::tinytown {

/// A kind of document. `write` writes what stands between <bos> and <eos>, with at most 62 words. Its ways to go on shall
/// differ in the next words, so that a document has one derivation.
struct DocumentKind {
  std::string_view name, about;
  double share;  // of all documents; the shares sum to 1
  void (*write)(Scribe&);
};

const std::vector<DocumentKind>& document_kinds();

/// A fact about a person, and all the ways to state it and to ask for it. After the words up to the blank `object` nothing
/// but the right word can come: no other phrase goes on differently.
struct Relation {
  std::string_view name;
  Slot object;
  Phrases statements;  // sentences of a biography
  Phrases questions;   // questions with their answers
};
const std::vector<Relation>& relations();  // home, job, pet, food
const std::vector<Relation>& two_hops();   // landmark and region of a person's city: only asked, never stated
const Phrases& biography_openings();

}  // namespace fairfight::tinytown
