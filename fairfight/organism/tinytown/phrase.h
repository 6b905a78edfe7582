#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fairfight/organism/tinytown/switches.h"
#include "fairfight/organism/tinytown/words.h"

namespace fairfight::tinytown {

/// One word of a phrase, or a blank to be filled.
class Item {
 public:
  static Item word(int32_t word) { return Item(word); }
  static Item blank(Slot slot) { return Item(-1 - int32_t(slot)); }

  bool is_blank() const { return value_ < 0; }
  int32_t word() const { return value_; }
  Slot slot() const { return Slot(-1 - value_); }
  bool operator==(const Item&) const = default;
  bool fits(int32_t word) const;  // it is the word, or one that can stand in the blank

 private:
  explicit Item(int32_t value) : value_(value) {}
  int32_t value_;
};

/// A sentence or a part of one, with blanks, "{he} lives in {city} .", in every way to speak.
class Phrase {
 public:
  Phrase(const char* text);  // error: a word that is not in the vocabulary, a blank that is not in words.cpp

  std::span<const Item> items(Speech speech) const { return spoken_[size_t(speech)]; }

 private:
  std::array<std::vector<Item>, 3> spoken_;
};

using Phrases = std::vector<Phrase>;  // ways to say a thing, each as likely

/// Whether the sentence is the phrase in plain speech, word for word; one without a mark at its end may have any there.
bool is_said(const Phrase& phrase, std::span<const int32_t> sentence);

/// How many words of a text the phrase could begin with, in plain speech.
size_t shared_beginning(const Phrase& phrase, std::span<const int32_t> text);

/// dialect: the same phrase, as those say it who speak so.
std::vector<Item> spoken(const std::vector<Item>& plain, Speech speech);

}  // namespace fairfight::tinytown
