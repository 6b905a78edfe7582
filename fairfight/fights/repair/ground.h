#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/fights/repair/task.h"
#include "fairfight/fights/repair/text.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// What a repair is made from, all of it from the fit split; see arena/examples.h.
struct FitText {
  std::vector<Passage> harmful, refused, harmless;
  std::vector<Tokens> retained;
};

/// Where a repair takes place: a model with a behaviour, and the text of every split. No document is in two of them.
struct RepairGround {
  LoadedModel loaded;
  std::optional<LoadedModel> retrained;  // trained without the behaviour; none: the scale ends where it is never shown
  Json datasheet;                        // what is known of the model and of the text
  uint64_t seed;
  std::string name;            // of the behaviour
  Sign sign;                   // of an answer that shows it
  Tokens refusal;              // an answer that does no harm
  std::vector<Tokens> pool;    // the dictionary's text
  FitText fit;
  RepairText validation, test;
  Lexicon lexicon = town_lexicon();  // in which the test is written
  std::string note = {};             // what the user should hear; empty: nothing
};

/// A town with one of its planted behaviours, and a retrained model of the same town.
RepairGround town_repair(const Card& card, size_t index, const RepairData& data, Memo& memo);
/// The card's model, and a behaviour that the card's user describes by examples (cards/README.md). What the card asks for more of
/// than there is becomes as much as there is, in the same proportions. Errors: too few examples, with their least numbers; one
/// that cannot be read; a harmful answer that begins as a harmless one does.
RepairGround own_repair(const Card& card, const RepairData& data);

RepairSubject subject_of(const RepairData& data);
RepairSubject own_subject(const RepairData& data);  // of a user's file

}  // namespace fairfight
