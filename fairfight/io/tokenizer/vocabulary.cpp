#include "fairfight/io/tokenizer/vocabulary.h"

#include <algorithm>
#include <numeric>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"

namespace fairfight {

bool Vocabulary::add(std::string_view piece, int32_t id) {
  if (4 * (count_ + 1) > 3 * slots_.size()) grow();
  int32_t& free = slots_[slot(piece)];
  if (free >= 0) return false;
  write(piece, id);
  free = id;
  return true;
}

void Vocabulary::add_again(std::string_view piece, int32_t id) {
  if (add(piece, id)) return;
  write(piece, id);
  slots_[slot(piece)] = id;
}

void Vocabulary::write(std::string_view piece, int32_t id) {
  if (letters_.size() + piece.size() >= kHole) fail("[tokenizer] a vocabulary of 4 GB is more than fairfight takes");
  if (size_t(id) >= spans_.size()) spans_.resize(size_t(id) + 1);
  spans_[size_t(id)] = {uint32_t(letters_.size()), uint32_t(piece.size())};
  letters_ += piece;
  ++count_;
}

size_t Vocabulary::slot(std::string_view piece) const {
  size_t at = std::hash<std::string_view>()(piece) & (slots_.size() - 1);
  while (slots_[at] >= 0 && this->piece(slots_[at]) != piece) at = (at + 1) & (slots_.size() - 1);
  return at;
}

void Vocabulary::grow() {
  slots_.assign(std::max<size_t>(2 * slots_.size(), 64), -1);
  for (size_t id = 0; id < spans_.size(); ++id)
    if (spans_[id].begin != kHole) slots_[slot(piece(int32_t(id)))] = int32_t(id);
}

int32_t Vocabulary::find(std::string_view piece) const { return slots_.empty() ? -1 : slots_[slot(piece)]; }

std::string_view Vocabulary::piece(int32_t id) const {
  if (!has(id)) return {};
  const Span span = spans_[size_t(id)];
  return std::string_view(letters_).substr(span.begin, span.length);
}

Vocabulary read_vocabulary(JsonCursor& cursor, const std::string& what) {
  JsonCursor ahead = cursor;
  const size_t highest = 65'536 + ahead.skip().size() / 4;  // so that what the holes cost is bounded by the file
  Vocabulary vocabulary;
  cursor.object([&](const std::string& piece) {
    const uint64_t id = cursor.natural();
    if (id > highest)
      fail("[tokenizer] {}: the piece \"{}\" has the id {}, far beyond the number of pieces", what, shown(piece), id);
    if (vocabulary.has(int32_t(id)))
      fail("[tokenizer] {}: \"{}\" and \"{}\" have the same id {}", what, shown(vocabulary.piece(int32_t(id))), shown(piece),
           id);
    if (!vocabulary.add(piece, int32_t(id))) fail("[tokenizer] {}: the piece \"{}\" stands twice", what, shown(piece));
  });
  if (vocabulary.count() == 0) fail("[tokenizer] {}: the vocabulary is empty", what);
  return vocabulary;
}

PrefixTable::PrefixTable(std::vector<std::string_view> pieces, std::vector<int32_t> values) {
  std::vector<uint32_t> order(pieces.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return pieces[a] < pieces[b]; });
  for (uint32_t i : order) {
    if (pieces[i].empty()) continue;
    pieces_.push_back(pieces[i]);
    values_.push_back(values[i]);
    ++starts_[static_cast<unsigned char>(pieces[i][0]) + 1u];
  }
  std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
}

void PrefixTable::narrow(size_t& low, size_t& high, size_t at, char byte) const {
  const auto letter = [&](std::string_view piece) {
    return static_cast<unsigned char>(piece[at]);
  };  // all are longer than `at`
  const auto wanted = static_cast<unsigned char>(byte);
  const auto first = pieces_.begin();
  const auto from =
      std::partition_point(first + ptrdiff_t(low), first + ptrdiff_t(high), [&](auto p) { return letter(p) < wanted; });
  high = size_t(std::partition_point(from, first + ptrdiff_t(high), [&](auto p) { return letter(p) <= wanted; }) - first);
  low = size_t(from - first);
}

}  // namespace fairfight
