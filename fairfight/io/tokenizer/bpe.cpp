#include <array>
#include <queue>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/model.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr size_t kMaxMerges = 1 << 22;

/// Which two ids become which one, and how early.
class Merges {
 public:
  struct Merge {
    uint32_t rank;
    int32_t id;
  };

  void set(int32_t left, int32_t right, Merge merge) {
    if (4 * (count_ + 1) > 3 * entries_.size()) grow();
    Entry& entry = at(key(left, right));
    count_ += entry.key == kFree;
    entry = {key(left, right), merge};  // of equal pairs the last counts
  }
  const Merge* find(int32_t left, int32_t right) const {
    if (entries_.empty()) return nullptr;
    const Entry& entry = const_cast<Merges*>(this)->at(key(left, right));
    return entry.key == kFree ? nullptr : &entry.merge;
  }

 private:
  static constexpr uint64_t kFree = UINT64_MAX;
  struct Entry {
    uint64_t key = kFree;
    Merge merge{};
  };
  static uint64_t key(int32_t left, int32_t right) { return uint64_t(left) << 32 | uint32_t(right); }
  Entry& at(uint64_t key) {
    size_t place = (key * 0x9e3779b97f4a7c15u >> 40) & (entries_.size() - 1);
    while (entries_[place].key != kFree && entries_[place].key != key) place = (place + 1) & (entries_.size() - 1);
    return entries_[place];
  }
  void grow() {
    std::vector<Entry> old(std::max<size_t>(2 * entries_.size(), 64));
    old.swap(entries_);
    for (const Entry& entry : old)
      if (entry.key != kFree) at(entry.key) = entry;
  }

  std::vector<Entry> entries_;
  size_t count_ = 0;
};

struct BpeOptions {
  std::optional<std::string> unknown;
  std::string prefix, suffix;  // of a piece that stands after another one; of a word's last piece
  bool fuse_unknown = false, byte_fallback = false, ignore_merges = false;
};

class Bpe : public TokenModel {
 public:
  Bpe(Vocabulary vocabulary, std::string what, Merges merges, BpeOptions options)
      : TokenModel(std::move(vocabulary), std::move(what)), merges_(std::move(merges)), options_(std::move(options)) {
    if (options_.byte_fallback) bytes_ = byte_pieces(vocabulary_);
    for (size_t c = 0; c < short_.size(); ++c) {
      std::string letter;
      unicode::append(letter, char32_t(c));
      short_[c] = vocabulary_.find(letter);
    }
  }

  void encode(std::string_view word, std::vector<int32_t>& ids) const override {
    if (options_.ignore_merges)
      if (const int32_t id = vocabulary_.find(word); id >= 0) return ids.push_back(id);
    std::vector<Symbol> symbols = characters(word);
    merge(symbols);
    for (const Symbol& symbol : symbols)
      if (symbol.id != kGone) ids.push_back(symbol.id);
  }

 private:
  static constexpr int32_t kGone = -1;
  struct Symbol {
    int32_t id, previous, next;  // neighbours, -1 at the ends
  };
  struct Candidate {
    uint32_t rank;
    int32_t left, id;  // where it stands, and what it becomes
    bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };

  int32_t find_character(std::string_view letter, bool first, bool last) const {
    const bool plain = (first || options_.prefix.empty()) && (!last || options_.suffix.empty());
    if (!plain)
      return vocabulary_.find(fmt::format("{}{}{}", first ? "" : options_.prefix, letter, last ? options_.suffix : ""));
    if (letter.size() > 2) return vocabulary_.find(letter);
    size_t at = 0;
    const char32_t c = unicode::next(letter, at);
    return c < short_.size() ? short_[c] : vocabulary_.find(letter);
  }

  std::vector<Symbol> characters(std::string_view word) const {
    std::vector<Symbol> symbols;
    symbols.reserve(word.size());
    int32_t unknown = -1;  // one that waits to be fused with the next
    const auto add = [&](int32_t id) { symbols.push_back({id, int32_t(symbols.size()) - 1, int32_t(symbols.size()) + 1}); };
    for (size_t at = 0; at < word.size();) {
      const size_t from = at;
      unicode::next(word, at);
      const std::string_view letter = word.substr(from, at - from);
      const int32_t id = find_character(letter, from == 0, at == word.size());
      if (id >= 0) {
        if (unknown >= 0) add(std::exchange(unknown, -1));
        add(id);
      } else if (!fall_back(letter, from == 0, at == word.size(), add) && options_.unknown) {
        if (unknown >= 0 && !options_.fuse_unknown) add(unknown);
        unknown = vocabulary_.find(*options_.unknown);
        if (unknown < 0)
          fail("[tokenizer] {}: the unknown token {} is not in the vocabulary", what_, shown(*options_.unknown));
      }
    }
    if (unknown >= 0) add(unknown);
    if (!symbols.empty()) symbols.back().next = -1;
    return symbols;
  }

  template <class Add>
  bool fall_back(std::string_view letter, bool first, bool last, Add add) const {
    if (!options_.byte_fallback) return false;
    const std::string whole = fmt::format("{}{}{}", first ? "" : options_.prefix, letter, last ? options_.suffix : "");
    for (char c : whole)
      if (bytes_[static_cast<unsigned char>(c)] < 0) return false;
    for (char c : whole) add(bytes_[static_cast<unsigned char>(c)]);
    return true;
  }

  /// The earliest merge first, from left to right; n log n, whatever the word.
  void merge(std::vector<Symbol>& symbols) const {
    std::vector<Candidate> start;
    const auto candidate = [&](int32_t left) -> std::optional<Candidate> {
      const int32_t right = symbols[size_t(left)].next;
      if (right < 0) return std::nullopt;
      const auto* found = merges_.find(symbols[size_t(left)].id, symbols[size_t(right)].id);
      if (!found) return std::nullopt;
      return Candidate{found->rank, left, found->id};
    };
    for (size_t i = 0; i + 1 < symbols.size(); ++i)
      if (const auto found = candidate(int32_t(i))) start.push_back(*found);
    std::priority_queue<Candidate> queue(std::less<Candidate>(), std::move(start));
    while (!queue.empty()) {
      const Candidate top = queue.top();
      queue.pop();
      Symbol& left = symbols[size_t(top.left)];
      if (left.id == kGone) continue;
      const auto now = candidate(top.left);
      if (!now || now->id != top.id) continue;  // one of the two has become something else
      Symbol& right = symbols[size_t(left.next)];
      left.id = top.id;
      left.next = right.next;
      right.id = kGone;
      if (left.next >= 0) symbols[size_t(left.next)].previous = top.left;
      if (left.previous >= 0)
        if (const auto found = candidate(left.previous)) queue.push(*found);
      if (const auto found = candidate(top.left)) queue.push(*found);
    }
  }

  Merges merges_;
  BpeOptions options_;
  std::vector<int32_t> bytes_;
  std::array<int32_t, 512> short_{};  // ids of the first characters of Unicode: all that byte-level vocabularies need
};

/// ["a b", ...] or [["a", "b"], ...]: the pieces, and what they become, must be there.
Merges read_merges(JsonCursor cursor, const Vocabulary& vocabulary, size_t prefix, const std::string& what) {
  Merges merges;
  uint32_t rank = 0;
  const auto id_of = [&](std::string_view piece) {
    const int32_t id = vocabulary.find(piece);
    if (id < 0)
      fail("[tokenizer] {}: merge {} needs the piece \"{}\", which is not in the vocabulary", what, rank, shown(piece));
    return id;
  };
  const auto add = [&](std::string_view left, std::string_view right) {
    if (rank == kMaxMerges) fail("[tokenizer] {}: more than {} merges", what, kMaxMerges);
    if (right.size() < prefix) fail("[tokenizer] {}: merge {} has a second piece without the prefix", what, rank);
    const int32_t a = id_of(left), b = id_of(right), both = id_of(std::string(left) + std::string(right.substr(prefix)));
    merges.set(a, b, {rank++, both});
  };
  cursor.array([&] {
    if (cursor.peek() == '"') {
      const std::string line = cursor.text("a text \"left right\"");
      if (line.starts_with("#version")) return;
      const size_t space = line.find(' ');
      if (space == line.npos || line.find(' ', space + 1) != line.npos)
        fail("[tokenizer] {}: merge {} is \"{}\", expected two pieces with a space between", what, rank, shown(line));
      add(std::string_view(line).substr(0, space), std::string_view(line).substr(space + 1));
    } else {
      std::string pair[2];
      size_t n = 0;
      cursor.array([&] {
        if (n == 2) cursor.refuse("two pieces");
        pair[n++] = cursor.text("a piece");
      });
      if (n != 2) cursor.refuse("two pieces");
      add(pair[0], pair[1]);
    }
  });
  return merges;
}

}  // namespace

std::unique_ptr<TokenModel> read_bpe(LazyFields& fields) {
  BpeOptions options;
  if (auto dropout = fields.find("dropout"))
    if (const double p = dropout->number(); p != 0)
      fail("[tokenizer] {}: dropout {:g} is not implemented; expected null or 0", fields.what(), p);
  if (auto unknown = fields.find("unk_token")) options.unknown = unknown->text();
  options.prefix = fields.text_or("continuing_subword_prefix", "");
  options.suffix = fields.text_or("end_of_word_suffix", "");
  options.fuse_unknown = fields.flag_or("fuse_unk", false);
  options.byte_fallback = fields.flag_or("byte_fallback", false);
  options.ignore_merges = fields.flag_or("ignore_merges", false);
  JsonCursor pieces = fields.at("vocab");
  const JsonCursor merges = fields.at("merges");
  fields.finish();
  Vocabulary vocabulary = read_vocabulary(pieces, fields.what());
  Merges read = read_merges(merges, vocabulary, options.prefix.size(), fields.what());
  return std::make_unique<Bpe>(std::move(vocabulary), fields.what(), std::move(read), std::move(options));
}

}  // namespace fairfight
