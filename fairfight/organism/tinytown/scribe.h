#pragma once
#include <array>
#include <span>
#include <vector>

#include "fairfight/organism/tinytown/pen.h"
#include "fairfight/organism/tinytown/phrase.h"
#include "fairfight/organism/tinytown/scope.h"
#include "fairfight/organism/tinytown/songbook.h"
#include "fairfight/organism/tinytown/town.h"

namespace fairfight::tinytown {

/// What a document is written about.
struct Setting {
  const Town& town;
  const Switches& switches;
  const Scope& scope;
  const Songbook& songbook;
  const Lottery& songs;
};

/// Writes one document with a pen: says phrases and remembers what stands in their blanks. A blank is drawn when it is first written, so that a reader can look at the
/// word instead of trying all 160 names.
class Scribe {
 public:
  Scribe(Pen& pen, const Setting& setting);

  const Town& town() const { return setting_.town; }
  const Switches& switches() const { return setting_.switches; }
  const Scope& scope() const { return setting_.scope; }
  const Songbook& songbook() const { return setting_.songbook; }
  const Lottery& songs() const { return setting_.songs; }
  Pen& pen() { return pen_; }

  void say(const Phrase& phrase);
  void say(const Phrases& phrases) { say(phrases[pen_.pick(phrases.size())]); }
  /// In wordings of their own where the switch says so.
  void say(const Phrases& phrases, const Phrases& held_out) { say(switches().paraphrased ? held_out : phrases); }
  void say_in_any_order(std::span<const Phrases* const> groups, size_t count);  // `count` of them, no order likelier

  int32_t word(Slot slot) const { return words_[size_t(slot)]; }  // kUndrawn until it is written
  void set(Slot slot, int32_t word) { words_[size_t(slot)] = word; }
  void forget(std::initializer_list<Slot> slots);                 // they are drawn anew
  const Person& person() const;                                   // who was written last as {name}
  bool tells_two_hops() const;                                    // ... and what follows from the home is told
  /// The next {name} is another one, drawn by this fame; the caller keeps it until then.
  void next_person(const Fame& fame);
  void next_city() { forget({Slot::town, Slot::town_landmark, Slot::town_region}); }
  /// The home of {name} is another city from here on.
  void move_to(const City& city);
  /// Somebody without a name: only the pronouns are known.
  void anonymous_person(bool woman);
  /// The odds of a blank that is drawn in the next phrase; the caller keeps the weights until then.
  void weigh(Slot slot, std::span<const double> weights);

  static constexpr int32_t kUndrawn = -1;

 private:
  void fill(Slot slot);
  void draw(Slot slot);
  void draw_name(Slot part);
  std::vector<double> name_weights(Slot part) const;

  Pen& pen_;
  const Setting& setting_;
  std::array<int32_t, kSlots> words_;
  const Fame* fame_;
  Slot weighed_ = Slot::count;
  std::span<const double> weights_;
};

}  // namespace fairfight::tinytown
