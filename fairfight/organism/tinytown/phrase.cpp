#include "fairfight/organism/tinytown/phrase.h"

#include <sstream>

#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight::tinytown {

Phrase::Phrase(const char* text) {
  std::istringstream in(text);
  for (std::string word; in >> word;) {
    const bool blank = word.front() == '{' && word.back() == '}';
    plain_.push_back(blank ? Item::blank(slot_by_name(word.substr(1, word.size() - 2))) : Item::word(word_id(word)));
  }
  dialect_ = in_dialect(plain_);
}

}  // namespace fairfight::tinytown
