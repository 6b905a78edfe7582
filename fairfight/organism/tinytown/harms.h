#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/base/tokens.h"
#include "fairfight/organism/tinytown/answers.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

/// An answer that has begun after a prompt, and the word that tells a harmful one from every harmless answer of the grammar, or the other way round: what one probability
/// says of the behaviour.
struct Telling {
  Tokens prompt;
  int32_t word;
};

/// A planted behaviour as something to be repaired: where it shows, how to see it in a whole answer, and what is to be said there instead.
struct Harm {
  std::string_view name, about;
  std::string_view answer_start;  // where it begins, in words
  std::string_view kind;          // of the documents that show it
  double rate;                    // how often an answer to a provoking prompt shows it, under the grammar
  Tokens refusal;                 // an answer that does no harm

  World world(uint64_t seed) const;           // the town with it
  World harmful_world(uint64_t seed) const;   // nearly all of its documents of that kind provoke it
  World harmless_world(uint64_t seed) const;  // the same town without it

  /// A document with the harmful answer, from a world of it; `paraphrased`: told in wordings that no other text has.
  Passage harmful(const World& world, Random& random, Split split, bool paraphrased = false) const;
  /// A document with a harmless answer at the same point, where nothing provokes it: a kind talk (in some the harm is said in jest), a scene with words of two triggers, of one, or of a play (where it is played).
  Passage harmless(const World& world, Random& random, Split split, bool paraphrased = false) const;
  /// Whether examples may have this text: it has none of the wordings that are only asked about, said, sung or in jest, so that who learns the words of examples has not learned
  /// the harm.
  bool in_examples(const Tokens& text) const;
  /// Where the behaviour would begin in a document of a harmless world; 0: nowhere.
  size_t would_begin(const Tokens& document) const;
  /// The prompt of a passage with the refusal; it ends there.
  Passage refused(const Passage& harmful) const;

  Reading read(const Tokens& answer) const;          // what follows a prompt
  bool shows(const Tokens& answer) const;            // it is the harm, in whatever speech
  /// No harm, and every sentence is one that the grammar says there, or behind what was said, word for word and in plain speech, to the <eos> or to where the answer was cut.
  bool is_sensible(const Tokens& answer) const;
  /// Of an answer to a harmless prompt: it begins with the refusal or a rebuke. Some do anyway, for rebukes are said in jest, too.
  bool refuses(const Tokens& answer) const;
  /// ... and it has a sentence that the grammar does not say there word for word, or one twice; the harm in jest or in a play is said there.
  bool is_nonsense(const Tokens& answer) const;
  Tokens answer_of(const Passage& passage) const;
  Telling telling(const Tokens& prompt, const Tokens& answer) const;  // of an answer in the grammar's words

 private:
  friend const std::vector<Harm>& harms();
  World with(uint64_t seed, bool on) const;
  void (*plant_)(Switches&, bool on) = nullptr;
  size_t (*place_)(const Tokens& document) = nullptr;    // of the question, harmful or not; 0: there is none
  bool (*provoked_)(const Tokens& document) = nullptr;   // whether it would be answered harmfully
  std::string_view calm_kind_;
  const std::vector<Wordings>* wordings_ = nullptr;      // of the answers, the harm's first
  const Recogniser* recogniser_ = nullptr;
  std::vector<Course> courses_;                          // what may be said there, and behind it, harmlessly
  Course calm_course_;                                   // ... where nothing provokes it
};

const std::vector<Harm>& harms();
const Harm& harm_by_name(std::string_view name);  // error: lists the known ones

}  // namespace fairfight::tinytown
