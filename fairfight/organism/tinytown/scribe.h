#pragma once
#include <array>
#include <span>

#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/phrase.h"
#include "fairfight/organism/tinytown/town.h"

namespace fairfight::tinytown {

/// Writes one document with a pen: says phrases and remembers what stands in their blanks. A blank is drawn when it is
/// first written, so that a reader can look at the word instead of trying all 240 names.
class Scribe {
 public:
  Scribe(Pen& pen, const Town& town, const Switches& switches);

  const Town& town() const { return town_; }
  const Switches& switches() const { return switches_; }
  Pen& pen() { return pen_; }

  void say(const Phrase& phrase);
  void say(const Phrases& phrases) { say(phrases[pen_.pick(phrases.size())]); }
  void say_in_any_order(std::span<const Phrases* const> groups, size_t count);  // `count` of them, no order likelier

  int32_t word(Slot slot) const { return words_[size_t(slot)]; }  // kUndrawn until it is written
  /// The next person is another one, drawn from `names` by their fame.
  void next_person(std::span<const int32_t> names, std::span<const double> fame);
  void next_city();
  /// Somebody without a name: only the pronouns are known.
  void anonymous_person(bool woman);
  /// The odds of a blank that is drawn in the next phrase; the caller keeps the weights until then.
  void weigh(Slot slot, std::span<const double> weights);

  static constexpr int32_t kUndrawn = -1;

 private:
  void fill(Slot slot);
  void draw(Slot slot);
  void know(Slot first, const Person& person);

  Pen& pen_;
  const Town& town_;
  const Switches& switches_;
  std::array<int32_t, kSlots> words_;
  std::span<const int32_t> names_;
  std::span<const double> fame_;
  Slot weighed_ = Slot::count;
  std::span<const double> weights_;
};

}  // namespace fairfight::tinytown
