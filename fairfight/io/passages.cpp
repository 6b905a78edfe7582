#include "fairfight/io/passages.h"

namespace fairfight {

Words Words::of(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\r\f\v";
  Words result;
  for (size_t at = 0; at < text.size();) {
    const size_t word = text.find_first_not_of(kWhite, at);
    if (word == text.npos) break;
    const size_t end = std::min(text.find_first_of(kWhite, word), text.size());
    result.gaps.emplace_back(result.words.empty() ? "" : text.substr(at, word - at));
    result.words.emplace_back(text.substr(word, end - word));
    at = end;
  }
  return result;
}

std::string Words::text() const {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text += gaps[i] + words[i];
  return text;
}

size_t Passages::length(const std::string& word) {
  const auto [known, fresh] = lengths_.try_emplace(word, 0);
  if (fresh) known->second = tokenizer_.encode(word).size();
  return known->second;
}

std::vector<std::string> Passages::of(std::string_view document) {
  const Words all = Words::of(document);
  std::vector<std::string> passages;
  for (size_t at = 0; at < all.words.size();) {
    Words passage;
    size_t tokens = 0;
    for (; at < all.words.size(); ++at) {
      const size_t more = length(all.words[at]);
      if (!passage.words.empty() && tokens + more > tokens_) break;
      tokens += more;
      passage.gaps.push_back(passage.words.empty() ? "" : all.gaps[at]);
      passage.words.push_back(all.words[at]);
    }
    const bool whole = passages.empty() && at == all.words.size();
    if (passage.words.size() >= kFewestWords && (whole || 2 * tokens >= tokens_)) passages.push_back(passage.text());
  }
  return passages;
}

}  // namespace fairfight
