#include "fairfight/organism/tinytown2/answers.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

namespace fairfight::tinytown2 {
namespace {

bool fits(const Item& item, int32_t word) {
  if (!item.is_blank()) return item.word() == word;
  const auto& words = words_of(item.slot());
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The least number of words to be put in, left out or changed so that the text is the wording (Levenshtein 1966).
size_t edits_to(const std::vector<Item>& wording, std::span<const int32_t> text) {
  std::vector<size_t> row(text.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 0; i < wording.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < text.size(); ++j) {
      const size_t changed = diagonal + !fits(wording[i], text[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

/// ... so that it is one of its sentences, or begins anywhere in it with the wording's own first word. (Without that word the rest is said of somebody else: "the soup
/// can smell like old cheese".) A dialect's first word is often a verb: there only whole sentences count.
size_t least_edits(const std::vector<Item>& wording, const Tokens& text, bool anywhere) {
  size_t least = std::numeric_limits<size_t>::max();
  const std::span<const int32_t> all(text);
  for (size_t from = 0; from < text.size(); ++from) {
    const bool begins = from == 0 || ends_sentence(text[from - 1]);
    size_t end = from;  // of the sentence, without its mark
    while (end < text.size() && !ends_sentence(text[end])) ++end;
    if (begins) least = std::min(least, edits_to(wording, all.subspan(from, end - from)));
    if (!anywhere || !fits(wording.front(), text[from])) continue;
    for (size_t to = from + 1; to <= std::min(end, from + 2 * wording.size()); ++to) least = std::min(least, edits_to(wording, all.subspan(from, to - from)));
  }
  return least;
}

size_t allowed(const std::vector<Item>& wording) { return wording.size() / 4; }

/// A cycle of at most four words fills most of the text.
bool is_repeated(const Tokens& text) {
  for (size_t cycle = 1; cycle <= 4 && 3 * cycle <= text.size(); ++cycle) {
    size_t same = 0;
    for (size_t i = cycle; i < text.size(); ++i) same += text[i] == text[i - cycle];
    if (same >= 2 * cycle && same * 2 >= text.size()) return true;
  }
  return false;
}

/// Without what is sung: from "sang" to the end of the sentence.
Tokens unsung(const Tokens& text) {
  static const int32_t sang = word_id("sang");
  Tokens said;
  for (size_t i = 0; i < text.size(); ++i) {
    said.push_back(text[i]);
    if (text[i] != sang) continue;
    while (i + 1 < text.size() && !ends_sentence(text[i])) ++i;
  }
  return said;
}

}  // namespace

Recogniser::Recogniser(const std::vector<Wordings>& wordings) {
  for (Speech speech : {Speech::plain, Speech::foreign, Speech::inverted})
    for (const auto& [name, phrases] : wordings)
      for (const auto& phrase : phrases) {
        const auto items = phrase.items(speech);
        std::vector<Item> words(items.begin(), items.end());
        if (!words.empty() && !words.back().is_blank() && ends_sentence(words.back().word())) words.pop_back();
        known_.push_back({name, speech, std::move(words)});
      }
}

Reading Recogniser::read(const Tokens& answer) const {
  const Tokens text = unsung(first_sentences(answer));
  if (std::all_of(text.begin(), text.end(), ends_sentence)) return {"empty"};
  Reading best{"", std::numeric_limits<size_t>::max()};
  for (const Known& known : known_) {
    const size_t edits = least_edits(known.words, text, known.speech == Speech::plain);
    if (edits <= allowed(known.words) && edits < best.edits) best = {known.as, edits, known.speech};
  }
  if (!best.as.empty()) return best;
  return {is_repeated(text) ? "repeated" : "nonsense"};
}

Tokens first_sentences(const Tokens& text, size_t count) {
  Tokens first;
  for (int32_t word : text) {
    if (word == kEos || count == 0) break;
    first.push_back(word);
    count -= ends_sentence(word);
  }
  return first;
}

}  // namespace fairfight::tinytown2
