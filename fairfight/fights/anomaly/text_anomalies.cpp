#include "fairfight/fights/anomaly/text_anomalies.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <span>
#include <utility>

#include "fairfight/io/passages.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

bool ends_sentence(std::string_view word) {
  while (!word.empty() && unicode::is_closing(unicode::last(word))) word = word.substr(0, unicode::begin_of_last(word));
  return !word.empty() && unicode::ends_sentence(unicode::last(word));
}

/// Indices of words that begin a sentence, but for the first word.
std::vector<size_t> seams(const Words& w) {
  std::vector<size_t> list;
  for (size_t i = 1; i < w.words.size(); ++i)
    if (ends_sentence(w.words[i - 1])) list.push_back(i);
  return list;
}

/// About one in ten of `n`, two at least, in a random order.
std::vector<size_t> some_of(size_t n, Random& random) {
  std::vector<size_t> places(n);
  std::iota(places.begin(), places.end(), size_t(0));
  random.shuffle(std::span(places));
  places.resize(std::min(n, std::max<size_t>(2, n / 10)));
  return places;
}

/// Whether a word is of a script that writes no spaces.
bool unspaced(std::string_view word) {
  for (size_t at = 0; at < word.size();)
    if (const char32_t c = unicode::next(word, at); unicode::is_word(c)) return unicode::is_unspaced(c);
  return false;
}

/// Words that have come to stand side by side stay two.
std::string written(Words w) {
  for (size_t i = 1; i < w.words.size(); ++i)
    if (w.gaps[i].empty() && Words::run_together(w.words[i - 1], w.words[i])) w.gaps[i] = " ";
  return w.text();
}

/// Empty where nothing has become of it.
std::string changed(const Words& w, const std::string& from) {
  std::string text = written(w);
  return text == Words::of(from).text() ? "" : text;
}

std::string shuffled(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  random.shuffle(std::span(w.words));
  return changed(w, passage);
}

std::string swapped(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  if (w.words.size() < 2) return "";
  const size_t at = random.below(w.words.size() - 1);
  std::swap(w.words[at], w.words[at + 1]);
  return changed(w, passage);
}

std::string doubled(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  if (w.words.empty()) return "";
  const auto at = int64_t(random.below(w.words.size()));
  w.words.insert(w.words.begin() + at + 1, w.words[size_t(at)]);
  w.gaps.insert(w.gaps.begin() + at + 1, unspaced(w.words[size_t(at)]) ? "" : " ");
  return written(w);
}

std::string misplaced(const std::string& passage, const std::string& other, Random& random) {
  Words w = Words::of(passage);
  const Words strangers = Words::of(other);
  if (w.words.empty() || strangers.words.empty()) return "";
  w.words[random.below(w.words.size())] = strangers.words[random.below(strangers.words.size())];
  return changed(w, passage);
}

std::string dropped(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  auto places = some_of(w.words.size(), random);
  std::sort(places.rbegin(), places.rend());
  for (const size_t at : places) {
    w.words.erase(w.words.begin() + int64_t(at));
    w.gaps.erase(w.gaps.begin() + int64_t(at));
  }
  if (w.words.empty()) return "";
  w.gaps[0].clear();
  return written(w);
}

std::string spliced(const std::string& passage, const std::string& other, Random& random) {
  const Words head = Words::of(passage), tail = Words::of(other);
  auto ends = seams(head), starts = seams(tail);
  if (head.words.size() < 2 || tail.words.size() < 2) return "";
  if (ends.empty()) ends = {head.words.size() / 2};  // no sentences, so anywhere
  if (starts.empty()) starts = {tail.words.size() / 2};
  const size_t end = ends[random.below(ends.size())], start = starts[random.below(starts.size())];
  Words w;
  for (size_t i = 0; i < end; ++i) w.words.push_back(head.words[i]), w.gaps.push_back(head.gaps[i]);
  for (size_t i = start; i < tail.words.size(); ++i) w.words.push_back(tail.words[i]), w.gaps.push_back(tail.gaps[i]);
  return changed(w, passage);
}

std::string reordered(const std::string& passage, const std::string&, Random&) {
  const Words w = Words::of(passage);
  auto bounds = seams(w);
  bounds.insert(bounds.begin(), 0);
  bounds.push_back(w.words.size());
  Words result{{}, w.gaps};
  for (size_t s = bounds.size() - 1; s > 0; --s) result.words.insert(result.words.end(), w.words.begin() + int64_t(bounds[s - 1]), w.words.begin() + int64_t(bounds[s]));
  return changed(result, passage);
}

/// A word's characters, as its reader sees them.
std::vector<std::string> characters(const std::string& word) {
  std::vector<std::string> list;
  size_t begin = 0;
  for (const size_t end : unicode::grapheme_ends(word)) list.push_back(word.substr(std::exchange(begin, end), end - begin));
  return list;
}

/// Inside of a word of four characters or more; of scripts without spaces, whose words are short, anywhere in one of two or more.
std::string typos(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  std::vector<std::string*> long_words;
  for (auto& word : w.words)
    if (const size_t length = characters(word).size(); length >= 4 || (length >= 2 && unspaced(word))) long_words.push_back(&word);
  for (const size_t i : some_of(long_words.size(), random)) {
    auto letters = characters(*long_words[i]);
    const size_t at = letters.size() >= 4 ? 1 + random.below(letters.size() - 3) : random.below(letters.size() - 1);
    std::swap(letters[at], letters[at + 1]);
    long_words[i]->clear();
    for (const auto& letter : letters) *long_words[i] += letter;
  }
  return changed(w, passage);
}

std::string capitals(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  const size_t from = random.below(w.words.size() / 2 + 1);
  for (size_t i = from; i < w.words.size(); ++i) w.words[i] = unicode::upper(w.words[i]);
  return changed(w, passage);
}

std::string looped(const std::string& passage, const std::string&, Random& random) {
  constexpr size_t kRun = 4;
  Words w = Words::of(passage);
  if (w.words.size() < 2 * kRun) return "";
  const size_t from = random.below(w.words.size() / 2 - kRun + 1);
  for (size_t i = from + kRun; i < w.words.size(); ++i) {
    w.words[i] = w.words[i - kRun];
    w.gaps[i] = unspaced(w.words[i]) ? "" : " ";
  }
  return changed(w, passage);
}

/// Letters of the passage's own script: others would be reported by that alone.
std::vector<std::string> alphabet_of(const Words& w) {
  std::set<std::string> letters;
  for (const auto& word : w.words)
    for (size_t at = 0; at < word.size();)
      if (const char32_t c = unicode::next(word, at); c >= 0x80 && unicode::is_word(c) && !unicode::is_combining_mark(c)) {
        std::string letter;
        unicode::append(letter, c);
        letters.insert(letter);
      }
  return {letters.begin(), letters.end()};
}

std::string gibberish(const std::string& passage, const std::string&, Random& random) {
  Words w = Words::of(passage);
  const auto alphabet = alphabet_of(w);
  for (const size_t at : some_of(w.words.size(), random)) {
    const size_t length = std::clamp<size_t>(characters(w.words[at]).size(), unspaced(w.words[at]) ? 1 : 3, 10);
    const bool latin = std::any_of(w.words[at].begin(), w.words[at].end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    w.words[at].clear();
    for (size_t i = 0; i < length; ++i)
      if (latin || alphabet.empty()) w.words[at] += char('a' + random.below(26));
      else w.words[at] += alphabet[random.below(alphabet.size())];
  }
  return changed(w, passage);
}

}  // namespace

const std::vector<TextAnomaly>& text_anomalies() {
  static const std::vector<TextAnomaly> list{
      {"shuffled", "all words in a random order", true, shuffled},
      {"swapped", "two neighbouring words have changed places", true, swapped},
      {"spliced", "the head of one document and the tail of another one", true, spliced},
      {"reordered", "the sentences in the reverse order", true, reordered},
      {"typos", "in a tenth of the longer words two letters have changed places", true, typos},
      {"capitals", "from somewhere in its first half on, all in capitals", true, capitals},
      {"looped", "from somewhere in its first half on, four words again and again", true, looped},
      {"gibberish", "a tenth of the words are random letters", true, gibberish},
      {"doubled", "a word is said twice in a row", false, doubled},
      {"misplaced", "a word has made room for one of another document", false, misplaced},
      {"dropped", "a tenth of the words are missing", false, dropped},
  };
  return list;
}

}  // namespace fairfight
