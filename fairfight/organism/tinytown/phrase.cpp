#include "fairfight/organism/tinytown/phrase.h"

#include <algorithm>
#include <sstream>

namespace fairfight::tinytown {

bool Item::fits(int32_t other) const {
  if (!is_blank()) return word() == other;
  const auto& words = words_of(slot());
  return std::find(words.begin(), words.end(), other) != words.end();
}

Phrase::Phrase(const char* text) {
  std::vector<Item> plain;
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    if (word.front() == '{' && word.back() == '}')
      for (Slot slot : slots_by_name(word.substr(1, word.size() - 2))) plain.push_back(Item::blank(slot));
    else
      plain.push_back(Item::word(word_id(word)));
  }
  for (Speech speech : {Speech::plain, Speech::foreign, Speech::inverted}) spoken_[size_t(speech)] = spoken(plain, speech);
}

bool is_said(const Phrase& phrase, std::span<const int32_t> sentence) {
  const auto items = phrase.items(Speech::plain);
  if (sentence.empty() || !ends_sentence(sentence.back())) return false;
  if (items.back().is_blank() || !ends_sentence(items.back().word())) sentence = sentence.first(sentence.size() - 1);
  return std::equal(items.begin(), items.end(), sentence.begin(), sentence.end(), [](const Item& item, int32_t word) { return item.fits(word); });
}

size_t shared_beginning(const Phrase& phrase, std::span<const int32_t> text) {
  const auto items = phrase.items(Speech::plain);
  size_t shared = 0;
  while (shared < std::min(items.size(), text.size()) && items[shared].fits(text[shared])) ++shared;
  return shared;
}

}  // namespace fairfight::tinytown
