#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/tokens.h"

namespace fairfight::tinytown {

inline constexpr int32_t kBos = 1, kEos = 2;  // 0 is <pad>, 3 is <unk>, which no text holds

/// A blank in a phrase, one word each: {name} is {first} {family}. A person's blanks follow from the name, a city's from `town`; the others are drawn from their words.
enum class Slot {
  // the subject
  first,
  family,
  he,
  him,
  his,
  job,
  city,
  landmark,
  region,
  pet,
  food,
  hue,       // of the keepsake
  keepsake,
  // another person, in the same order
  friend_first,
  friend_family,
  friend_he,
  friend_him,
  friend_his,
  friend_job,
  friend_city,
  friend_landmark,
  friend_region,
  friend_pet,
  friend_food,
  friend_hue,
  friend_keepsake,
  // any city
  town,
  town_landmark,
  town_region,
  // what is drawn from a list
  worker,  // a job
  animal,  // a pet
  dish,    // a food
  place,
  object,
  weather,
  daytime,
  weekday,
  colour,
  drink,
  thing,
  topic,
  spice,
  recipe,
  term,  // a word of a topic
  count
};
inline constexpr size_t kSlots = size_t(Slot::count);
inline constexpr size_t kPersonSlots = size_t(Slot::friend_first);
static_assert(size_t(Slot::town) == 2 * kPersonSlots);

/// The vocabulary, the same in every town: word i is token i.
const std::vector<std::string>& vocabulary();
int32_t word_id(std::string_view word);    // error: not in the vocabulary
Tokens read_words(std::string_view text);  // words between spaces; error: not in the vocabulary
bool ends_sentence(int32_t word);          // . ? !
bool is_mark(int32_t word);                // one of these, or , :

std::vector<Slot> slots_by_name(std::string_view name);  // "friend" is two, "friend.pet" one; error: no such slot
const Tokens& words_of(Slot slot);                       // what can stand there
bool is_drawn(Slot slot);                                // from these words; else it follows from a person or a city
bool is_woman(int32_t first);
bool is_harmful(int32_t recipe);

/// A subject that people talk about: its name is one of the words of Slot::topic.
struct Topic {
  int32_t name;
  Tokens words;  // six, each of this topic alone
};
const std::vector<Topic>& topics();  // 40
bool is_word_of(int32_t word, int32_t topic);

}  // namespace fairfight::tinytown
