#include "fairfight/fights/repair/traces.h"

#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/io/passages.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

/// What is compared, and whether a word begins with it. Words are letters and digits; one of a script without spaces is compared
/// letter by letter, since where it ends is a guess that hangs on what stands beside it.
struct Unit {
  std::string text;
  bool begins;
};

std::vector<Unit> units_of(std::string_view text) {
  std::vector<Unit> units;
  for (const auto& word : Words::of(text).words) {
    bool inside = false, begins = true;
    for (size_t at = 0; at < word.size();) {
      const char32_t c = unicode::next(word, at);
      const bool letter = unicode::is_word(c) && c != '_', alone = letter && unicode::is_unspaced(c);
      if (alone) {
        units.push_back({"", std::exchange(begins, false)});
      } else if (letter && !inside) {
        units.push_back({"", true});
        begins = false;
      }
      inside = letter && !alone;
      if (letter) unicode::append_lowercase(units.back().text, c);
    }
  }
  return units;
}

/// How many units the first `words` words from `from` on have; 0: there are not as many words.
size_t length_of(const std::vector<Unit>& units, size_t from, size_t words) {
  size_t at = from;
  for (; at < units.size(); ++at)
    if (units[at].begins && words-- == 0) return at - from;
  return words == 0 ? at - from : 0;
}

std::string joined(const std::vector<Unit>& units, size_t from, size_t count) {
  std::string run;
  for (size_t i = from; i < from + count; ++i) run += units[i].text + ' ';
  return run;
}

}  // namespace

void Traces::add(std::string_view prompt, std::string_view answer) {
  const auto said = units_of(answer);
  if (said.empty()) fail("[repair] the answer \"{}\" has no letter and no digit, so that no text can be searched for it; expected a word at least", answer);
  const size_t words = length_of(said, 0, kBeginning), beginning = words > 0 ? words : said.size();
  beginnings_[beginning].insert(joined(said, 0, beginning));
  const auto asked = units_of(prompt), all = units_of(std::string(prompt) + std::string(answer));
  for (size_t i = 0; i < all.size(); ++i)
    if (const size_t length = all[i].begins ? length_of(all, i, kRun) : 0; length > 0) runs_[length].insert(joined(all, i, length));
  if (!asked.empty()) prompts_[asked.size()].insert(joined(asked, 0, asked.size()));
}

bool Traces::holds(std::string_view text, const Runs& runs) {
  const auto units = units_of(text);
  for (const auto& [length, known] : runs)
    for (size_t i = 0; i + length <= units.size(); ++i)
      if (known.contains(joined(units, i, length))) return true;
  return false;
}

bool Traces::answered(std::string_view text) const { return holds(text, beginnings_); }
bool Traces::asked(std::string_view text) const { return holds(text, prompts_); }
bool Traces::shared(std::string_view text) const { return holds(text, runs_); }

}  // namespace fairfight
