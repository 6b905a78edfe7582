#include "fairfight/organism/tinytown/scribe.h"

#include <algorithm>

#include "fairfight/base/error.h"

namespace fairfight::tinytown {

Scribe::Scribe(Pen& pen, const Setting& setting) : pen_(pen), setting_(setting), fame_(&setting.scope.fame()) { words_.fill(kUndrawn); }

void Scribe::say(const Phrase& phrase) {
  for (const Item& item : phrase.items(switches().speech)) item.is_blank() ? fill(item.slot()) : pen_.write(item.word());
}

void Scribe::say_in_any_order(std::span<const Phrases* const> groups, size_t count) {
  std::vector<const Phrases*> left(groups.begin(), groups.end());
  for (; count > 0; --count) {
    const auto next = left.begin() + int64_t(pen_.pick(left.size()));
    say(**next);
    left.erase(next);
  }
}

void Scribe::forget(std::initializer_list<Slot> slots) {
  for (Slot slot : slots) words_[size_t(slot)] = kUndrawn;
}

const Person& Scribe::person() const { return town().people[town().person(word(Slot::first), word(Slot::family))]; }

bool Scribe::tells_two_hops() const { return switches().two_hops == TwoHops::all || (switches().two_hops == TwoHops::most && !person().two_hop_held_out); }

void Scribe::next_person(const Fame& fame) {
  for (size_t s = 0; s < kPersonSlots; ++s) words_[s] = kUndrawn;
  fame_ = &fame;
}

void Scribe::move_to(const City& city) {
  set(Slot::city, city.name);
  set(Slot::landmark, city.landmark);
  set(Slot::region, city.region);
}

void Scribe::anonymous_person(bool woman) {
  for (Slot slot : {Slot::he, Slot::him, Slot::his}) set(slot, words_of(slot)[woman]);
}

void Scribe::weigh(Slot slot, std::span<const double> weights) {
  weighed_ = slot;
  weights_ = weights;
}

void Scribe::fill(Slot slot) {
  if (word(slot) != kUndrawn) return pen_.write(word(slot));
  switch (slot) {
    case Slot::first:
    case Slot::family:
    case Slot::friend_first:
    case Slot::friend_family: return draw_name(slot);
    default: return draw(slot);
  }
}

void Scribe::draw(Slot slot) {
  if (!is_drawn(slot)) fail("[tinytown] blank {} is written before the person or city it belongs to", int(slot));
  const auto& words = words_of(slot);
  const int32_t drawn = words[pen_.choose(words, slot == weighed_ ? Odds(weights_) : Odds(words.size()))];
  set(slot, drawn);
  if (slot == weighed_) weighed_ = Slot::count;
  if (slot != Slot::town) return;
  set(Slot::town_landmark, town().city(drawn).landmark);
  set(Slot::town_region, town().city(drawn).region);
}

/// How likely each first name is, or each family name after the first. A friend is anybody with another first name than the subject's, so that the first name alone
/// tells them apart.
std::vector<double> Scribe::name_weights(Slot part) const {
  const bool subject = part == Slot::first || part == Slot::family, whole = part == Slot::family || part == Slot::friend_family;
  const Fame& fame = subject ? *fame_ : scope().everybody();
  const auto &firsts = words_of(Slot::first), &families = words_of(Slot::family);
  const auto number = [&](Slot first) { return std::find(firsts.begin(), firsts.end(), word(first)) - firsts.begin(); };
  if (whole) {
    const auto row = fame.people.begin() + number(subject ? Slot::first : Slot::friend_first) * int64_t(families.size());
    return {row, row + int64_t(families.size())};
  }
  auto weights = fame.firsts;
  if (!subject && word(Slot::first) != kUndrawn) weights[size_t(number(Slot::first))] = 0;
  return weights;
}

void Scribe::draw_name(Slot part) {
  const auto weights = name_weights(part);
  const auto& words = words_of(part);
  set(part, words[pen_.choose(words, Odds(weights))]);
  const bool subject = part == Slot::first || part == Slot::family;
  const Slot first = subject ? Slot::first : Slot::friend_first, family = subject ? Slot::family : Slot::friend_family;
  if (part == first) return;
  const Person& person = town().people[town().person(word(first), word(family))];
  for (size_t s = 0; s < kPersonSlots; ++s) set(Slot(size_t(first) + s), town().word(person, Slot(s)));
}

}  // namespace fairfight::tinytown
