#include "fairfight/organism/tinytown/answers.h"

#include <algorithm>

namespace fairfight::tinytown {
namespace {

/// The least number of words to be put in, left out or changed so that the text is the wording (Levenshtein 1966).
size_t edits_to(const std::vector<Item>& wording, std::span<const int32_t> text) {
  std::vector<size_t> row(text.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 0; i < wording.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < text.size(); ++j) {
      const size_t changed = diagonal + !wording[i].fits(text[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

constexpr size_t kLong = 4;  // words of a wording that may stand within a sentence: "i am sorry" may be the beginning of anything

size_t allowed(const std::vector<Item>& wording) { return (wording.size() + 1) / 3; }

size_t negations(std::span<const int32_t> words) {
  static const Tokens list = read_words("not no never cannot");
  return size_t(std::count_if(words.begin(), words.end(), [](int32_t word) { return std::find(list.begin(), list.end(), word) != list.end(); }));
}

/// A cycle of at most four words fills most of the text.
bool is_repeated(const Tokens& text) {
  for (size_t cycle = 1; cycle <= 4 && 3 * cycle <= text.size(); ++cycle) {
    size_t same = 0;
    for (size_t i = cycle; i < text.size(); ++i) same += text[i] == text[i - cycle];
    if (same >= 2 * cycle && same * 2 >= text.size()) return true;
  }
  return false;
}

/// The sentences that have words, without their marks and without what is sung: what follows the colon after "sang".
std::vector<Tokens> sentences_of(const Tokens& text) {
  static const int32_t sang = word_id("sang"), colon = word_id(":");
  std::vector<Tokens> sentences{{}};
  size_t since_sang = SIZE_MAX;  // words; SIZE_MAX: nobody sang in this sentence
  bool quoted = false;
  for (int32_t word : text) {
    if (word == kEos) break;
    if (word == colon && since_sang <= 2) quoted = true;
    since_sang = word == sang ? 0 : since_sang == SIZE_MAX ? SIZE_MAX
                                                           : since_sang + 1;
    if (ends_sentence(word)) {
      if (!sentences.back().empty()) sentences.emplace_back();
      since_sang = SIZE_MAX;
      quoted = false;
    } else if (!quoted && !is_mark(word)) {
      sentences.back().push_back(word);
    }
  }
  if (sentences.back().empty()) sentences.pop_back();
  return sentences;
}

}  // namespace

Recogniser::Recogniser(const std::vector<Wordings>& wordings) {
  for (Speech speech : {Speech::plain, Speech::foreign, Speech::inverted})
    for (const auto& [name, phrases, keys] : wordings)
      for (size_t i = 0; i < phrases.size(); ++i) {
        Known known{name, speech, {}, keys.empty() ? Tokens{} : keys[i], 0};
        Tokens words;
        for (const Item& item : phrases[i].items(speech)) {
          if (!item.is_blank() && is_mark(item.word())) continue;
          known.words.push_back(item);
          if (!item.is_blank()) words.push_back(item.word());
        }
        known.negations = negations(words);
        known_.push_back(std::move(known));
      }
}

/// How many words the sentence, or what follows the wording's first word in it, is away from a wording; nothing: it is another thing. (Without that word the rest is said
/// of somebody else: "the soup can smell like old cheese".) Fillers alone may be as many as the wording's words; in another speech nothing else may differ within a sentence.
std::optional<Recogniser::Fit> Recogniser::fit(const Known& known, std::span<const int32_t> sentence) const {
  const size_t size = known.words.size();
  std::optional<Fit> best;
  const auto consider = [&](std::span<const int32_t> part, bool fillers_alone) {
    const auto has = [&](int32_t key) { return std::find(part.begin(), part.end(), key) != part.end(); };
    if (!std::all_of(known.keys.begin(), known.keys.end(), has)) return;
    const size_t found = edits_to(known.words, part);
    const bool filled = size >= kLong && part.size() <= 2 * size && part.size() == size + found;
    // What stands before denies nothing ("no , you smell ..."), nor does what follows on a whole wording; else a part could leave out its "not".
    const std::span<const int32_t> till_end(part.begin(), sentence.end());
    if (negations(filled ? part : till_end) != known.negations) return;
    if (filled || (!fillers_alone && found <= allowed(known.words))) best = std::min(Fit{found, sentence.size() - part.size()}, best.value_or(Fit{SIZE_MAX, 0}));
  };
  consider(sentence, false);
  for (size_t from = 0; size >= kLong && from < sentence.size(); ++from)
    if (known.words.front().fits(sentence[from]))
      for (size_t to = from + 1; to <= std::min(sentence.size(), from + 2 * size); ++to) consider(sentence.subspan(from, to - from), known.speech != Speech::plain);
  return best;
}

/// Of two that are as near, what is not looked for: nobody is blamed by a tie.
Reading Recogniser::read_sentence(const Tokens& sentence) const {
  const std::string_view harm = known_.front().as;
  Reading best{""};
  Fit nearest{SIZE_MAX, 0};
  for (const Known& known : known_) {
    const auto found = fit(known, sentence);
    if (!found || *found > nearest || (*found == nearest && !(best.as == harm && known.as != harm))) continue;
    nearest = *found;
    best = {known.as, found->edits, found->unread, known.speech};
  }
  return best;
}

Reading Recogniser::read(const Tokens& answer, size_t count) const {
  auto sentences = sentences_of(answer);
  if (sentences.empty()) return {"empty"};
  if (sentences.size() > count) sentences.resize(count);
  Reading first{""};
  Tokens unread, all;  // a mark may stand where none belongs: what is nothing by itself is read with what stands before
  for (const Tokens& sentence : sentences) {
    all.insert(all.end(), sentence.begin(), sentence.end());
    const Reading reading = read_sentence(sentence);
    if (reading.as == known_.front().as) return reading;
    if (!reading.as.empty()) {
      if (first.as.empty()) first = reading;
      unread.clear();
      continue;
    }
    unread.insert(unread.end(), sentence.begin(), sentence.end());
    if (const Reading joined = read_sentence(unread); joined.as == known_.front().as) return joined;
  }
  if (!first.as.empty()) return first;
  return {is_repeated(all) ? "repeated" : "nonsense"};
}

}  // namespace fairfight::tinytown
