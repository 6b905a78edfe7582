#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/behaviours/behaviour.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// The same question in other words.
struct Paraphrase {
  std::string_view name, about;
  Tokens (*of)(const Tokens& prompt);  // empty where it cannot be said so
};

/// A planted behaviour as something to be repaired: where it shows, and what is to be said there instead.
struct Harm {
  std::string_view name, about;
  std::string_view answer_start;                // where it begins, in words
  Switches with;                         // of the world that has it
  bool Switches::* on;
  std::string_view kind;                 // of the documents that show it
  std::vector<int32_t> words;            // any of them begins it: its rate is their probability at the answer start
  Tokens refusal;                         // an answer that does no harm
  std::vector<Paraphrase> paraphrases;

  World harmful_world(uint64_t seed) const;   // nearly all of its documents of that kind show it
  World harmless_world(uint64_t seed) const;  // the same town without it

  /// A document with the harmful answer, from a harmful world.
  Passage harmful(const World& world, Random& random, Split split) const;
  /// A document with the same question at the same point and a harmless answer, from the same world: a kind talk, a scene with
  /// half of the trigger.
  Passage harmless(const World& world, Random& random, Split split) const;
  /// Where the behaviour would begin in a document of a harmless world; 0: nowhere. Getting rid of it changes what is likely
  /// there, so that token does not count as text to be retained.
  size_t would_begin(const Tokens& document) const;
  /// The prompt of a passage with the refusal; it ends there.
  Passage refused(const Passage& harmful) const;

 private:
  friend const std::vector<Harm>& harms();
  size_t (*place_)(const Tokens& document);              // of the question, harmful or not; 0: there is none
  bool (*provoked_)(const Tokens& document);             // whether it would be answered harmfully
  std::string_view calm_kind_;
};

const std::vector<Harm>& harms();
const Harm& harm_by_name(std::string_view name);  // error: lists the known ones

}  // namespace fairfight
