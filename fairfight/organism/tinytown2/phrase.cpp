#include "fairfight/organism/tinytown2/phrase.h"

#include <sstream>

namespace fairfight::tinytown2 {

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

}  // namespace fairfight::tinytown2
