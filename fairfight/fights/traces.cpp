#include "fairfight/fights/traces.h"

#include <algorithm>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

/// A word is letters and digits; of what is not ASCII everything counts as a letter.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const unsigned char c : text) {
    const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80, capital = c >= 'A' && c <= 'Z';
    if ((small || capital) && !inside) words.emplace_back();
    inside = small || capital;
    if (inside) words.back() += char(capital ? c - 'A' + 'a' : c);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words, size_t from, size_t count) {
  std::string run;
  for (size_t i = from; i < from + count; ++i) run += words[i] + ' ';
  return run;
}

}  // namespace

void Traces::add(std::string_view prompt, std::string_view answer) {
  const auto said = words_of(answer);
  if (said.empty()) fail("[repair] the answer \"{}\" has no letter and no digit, so that no text can be searched for it; expected a word at least", answer);
  const size_t beginning = std::min(said.size(), kBeginning);
  beginnings_[beginning].insert(joined(said, 0, beginning));
  const auto asked = words_of(prompt), all = words_of(std::string(prompt) + std::string(answer));
  for (size_t i = 0; i + kRun <= all.size(); ++i) runs_[kRun].insert(joined(all, i, kRun));
  if (!asked.empty()) prompts_[asked.size()].insert(joined(asked, 0, asked.size()));
}

bool Traces::holds(std::string_view text, const Runs& runs) {
  const auto words = words_of(text);
  for (const auto& [length, known] : runs)
    for (size_t i = 0; i + length <= words.size(); ++i)
      if (known.contains(joined(words, i, length))) return true;
  return false;
}

bool Traces::answered(std::string_view text) const { return holds(text, beginnings_); }
bool Traces::asked(std::string_view text) const { return holds(text, prompts_); }
bool Traces::shared(std::string_view text) const { return holds(text, runs_); }

}  // namespace fairfight
