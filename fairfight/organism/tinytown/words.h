#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

inline constexpr int32_t kBos = 1, kEos = 2, kUnk = 3;  // 0 is <pad>, which no text holds

namespace tinytown {

/// A blank in a phrase. A person's blanks follow from the name, a city's from `town`; the others are drawn from their words.
enum class Slot {
  name,
  he,
  him,
  his,
  job,
  city,
  landmark,
  region,
  pet,
  food,                        // the subject
  friend_name,
  friend_he,
  friend_him,
  friend_his,
  friend_job,
  friend_city,           // another person ...
  friend_landmark,
  friend_region,
  friend_pet,
  friend_food,                           // ... in the same order
  town,
  town_landmark,
  town_region,                                                  // any city
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
  worker,
  recipe,
  insult,
  count
};
inline constexpr size_t kSlots = size_t(Slot::count);
inline constexpr size_t kPersonSlots = size_t(Slot::friend_name);
static_assert(size_t(Slot::town) == 2 * kPersonSlots);

/// The vocabulary, the same in every town: word i is token i.
const std::vector<std::string>& vocabulary();
int32_t word_id(std::string_view word);  // error: not in the vocabulary

Slot slot_by_name(std::string_view name);               // "friend.pet"; error: no such slot
const std::vector<int32_t>& words_of(Slot slot);        // what may be drawn there; empty: it follows from a person or city
const std::vector<int32_t>& landmarks();                // as many as cities
const std::vector<int32_t>& regions();
const std::vector<int32_t>& pets();
const std::vector<int32_t>& foods();
bool is_woman(int32_t name);
bool is_harmful(int32_t recipe);

}  // namespace tinytown
}  // namespace fairfight
