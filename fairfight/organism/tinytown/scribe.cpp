#include "fairfight/organism/tinytown/scribe.h"

#include "fairfight/base/error.h"

namespace fairfight::tinytown {
Scribe::Scribe(Pen& pen, const Town& town, const Switches& switches)
    : pen_(pen), town_(town), switches_(switches), names_(words_of(Slot::name)), fame_(town.fame) {
  words_.fill(kUndrawn);
}

void Scribe::say(const Phrase& phrase) {
  for (const Item& item : phrase.items(switches_.dialect)) item.is_blank() ? fill(item.slot()) : pen_.write(item.word());
}

void Scribe::say_in_any_order(std::span<const Phrases* const> groups, size_t count) {
  std::vector<const Phrases*> left(groups.begin(), groups.end());
  for (; count > 0; --count) {
    const auto next = left.begin() + int64_t(pen_.pick(left.size()));
    say(**next);
    left.erase(next);
  }
}

void Scribe::next_person(std::span<const int32_t> names, std::span<const double> fame) {
  for (size_t s = 0; s < kPersonSlots; ++s) words_[s] = kUndrawn;
  names_ = names;
  fame_ = fame;
}

void Scribe::next_city() {
  for (Slot slot : {Slot::town, Slot::town_landmark, Slot::town_region}) words_[size_t(slot)] = kUndrawn;
}

void Scribe::anonymous_person(bool woman) {
  Person person{};
  person.woman = woman;
  for (Slot slot : {Slot::he, Slot::him, Slot::his}) words_[size_t(slot)] = town_.word(person, slot);
}

void Scribe::weigh(Slot slot, std::span<const double> weights) {
  weighed_ = slot;
  weights_ = weights;
}

void Scribe::fill(Slot slot) {
  if (word(slot) == kUndrawn)
    draw(slot);
  else
    pen_.write(word(slot));
}

void Scribe::draw(Slot slot) {
  const std::span<const int32_t> words = slot == Slot::name ? names_ : std::span<const int32_t>(words_of(slot));
  if (words.empty()) fail("[tinytown] blank {} is written before the person or city it belongs to", int(slot));
  Odds odds = slot == Slot::name ? Odds(fame_) : Odds(words.size());
  if (slot == Slot::friend_name && word(Slot::name) != kUndrawn)  // somebody else
    odds = Odds(words.size(), size_t(word(Slot::name) - words.front()));
  if (slot == weighed_) odds = Odds(weights_);
  const int32_t drawn = words_[size_t(slot)] = words[pen_.choose(words, odds)];
  if (slot == Slot::name || slot == Slot::friend_name) know(slot, town_.person(drawn));
  if (slot == Slot::town) {
    words_[size_t(Slot::town_landmark)] = town_.city(drawn).landmark;
    words_[size_t(Slot::town_region)] = town_.city(drawn).region;
  }
}

void Scribe::know(Slot first, const Person& person) {
  for (size_t s = 0; s < kPersonSlots; ++s) words_[size_t(first) + s] = town_.word(person, Slot(s));
}

}  // namespace fairfight::tinytown
