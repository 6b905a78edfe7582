#include "fairfight/io/passages.h"

#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

/// Where the words of a run without white space end that has a script without spaces in it. Punctuation stays with the word that it is written at.
std::vector<size_t> ends_within(std::string_view run) {
  std::vector<size_t> ends;
  bool unspaced = false;  // the last letter
  size_t from = 0;
  for (const size_t end : unicode::word_ends(run)) {
    for (size_t at = from; at < end;)
      if (const char32_t c = unicode::next(run, at); unicode::is_word(c)) unspaced = unicode::is_unspaced(c);
    from = end;
    if (end == run.size()) break;
    size_t at = end;
    const char32_t next = unicode::next(run, at);
    const bool begins = unicode::is_unspaced(next) || (unspaced && (unicode::is_word(next) || unicode::is_opening(next)));
    if (begins && !unicode::is_opening(unicode::last(run.substr(0, end)))) ends.push_back(end);
  }
  ends.push_back(run.size());
  return ends;
}

}  // namespace

Words Words::of(std::string_view text) {
  Words result;
  size_t behind = 0;  // the last word
  const auto add = [&](size_t begin, size_t end) {
    result.gaps.emplace_back(result.words.empty() ? "" : text.substr(behind, begin - behind));
    result.words.emplace_back(text.substr(begin, end - begin));
    behind = end;
  };
  const auto add_run = [&](size_t begin, size_t end, bool unspaced) {
    if (begin == end) return;
    if (!unspaced) return add(begin, end);
    size_t from = 0;
    for (const size_t word : ends_within(text.substr(begin, end - begin))) add(begin + std::exchange(from, word), begin + word);
  };
  bool unspaced = false;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t here = at;
    const char32_t c = unicode::next(text, at);
    if (unicode::is_white_space(c)) {
      add_run(begin, here, std::exchange(unspaced, false));
      begin = at;
    } else {
      unspaced = unspaced || unicode::is_unspaced(c);
    }
  }
  add_run(begin, text.size(), unspaced);
  return result;
}

std::string Words::text() const {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) text += gaps[i] + words[i];
  return text;
}

bool Words::run_together(std::string_view before, std::string_view behind) {
  if (before.empty() || behind.empty()) return false;
  size_t at = 0;
  const char32_t last = unicode::last(before), first = unicode::next(behind, at);
  return unicode::is_word(last) && unicode::is_word(first) && !unicode::is_unspaced(last) && !unicode::is_unspaced(first);
}

size_t Passages::length(const std::string& word, bool joined) {
  auto& known = lengths_[joined];
  if (const auto found = known.find(word); found != known.end()) return found->second;
  // What a word adds that no space parts from the one before: some tokenizers begin each text with a token of its own.
  const size_t alone = joined ? length(word, false) : tokenizer_.encode(word).size();
  return known[word] = joined ? tokenizer_.encode(word + word).size() - alone : alone;
}

std::vector<std::string> Passages::of(std::string_view document) {
  const Words all = Words::of(document);
  std::vector<std::string> passages;
  if (all.words.size() < kFewestWords) ++short_;
  for (size_t at = 0; at < all.words.size();) {
    Words passage;
    size_t tokens = 0;
    for (; at < all.words.size(); ++at) {
      // One blank is part of the word after it, as tokenizers have it; other white space may be tokens of its own.
      const std::string& gap = all.gaps[at];
      const size_t more = gap.size() > 1 || gap == "\n" || gap == "\t" ? length(gap + all.words[at], false) : length(all.words[at], at > 0 && gap.empty());
      if (!passage.words.empty() && tokens + more > tokens_) break;
      tokens += more;
      passage.gaps.push_back(passage.words.empty() ? "" : all.gaps[at]);
      passage.words.push_back(all.words[at]);
    }
    // Words side by side may be more tokens than each alone: whoever reads the passage shall not have to cut it.
    while ((tokens = tokenizer_.encode(passage.text()).size()) > tokens_ && passage.words.size() > 1) {
      passage.gaps.pop_back();
      passage.words.pop_back();
      --at;
    }
    const bool whole = passages.empty() && at == all.words.size();
    if (passage.words.size() >= kFewestWords && (whole || 2 * tokens >= tokens_)) passages.push_back(passage.text());
    else if (all.words.size() >= kFewestWords) ++left_out_;
  }
  return passages;
}

}  // namespace fairfight
