#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/io/json_cursor.h"

namespace fairfight {

/// Pieces and their ids, in little more memory than the pieces themselves. Ids may leave holes.
class Vocabulary {
 public:
  /// False: the piece is there already.
  bool add(std::string_view piece, int32_t id);
  /// A piece that may be there already: from now on it has this id, and the earlier one means the same piece.
  void add_again(std::string_view piece, int32_t id);
  int32_t find(std::string_view piece) const;  // its id, or -1
  bool has(int32_t id) const { return id >= 0 && size_t(id) < spans_.size() && spans_[size_t(id)].begin != kHole; }
  std::string_view piece(int32_t id) const;     // empty for a hole
  size_t ids() const { return spans_.size(); }  // the largest id + 1
  size_t count() const { return count_; }

 private:
  static constexpr uint32_t kHole = UINT32_MAX;
  struct Span {
    uint32_t begin = kHole, length = 0;
  };
  void write(std::string_view piece, int32_t id);
  void grow();
  size_t slot(std::string_view piece) const;

  std::string letters_;
  std::vector<Span> spans_;     // by id
  std::vector<int32_t> slots_;  // open addressing; -1 is free
  size_t count_ = 0;
};

/// {"piece": id, ...}. Refuses a piece or an id that stands twice, and ids far beyond the number of pieces.
Vocabulary read_vocabulary(JsonCursor& cursor, const std::string& what);

/// Finds the pieces of a vocabulary that a text begins with: they lie sorted, each further byte narrows the range.
class PrefixTable {
 public:
  PrefixTable() = default;
  PrefixTable(std::vector<std::string_view> pieces, std::vector<int32_t> values);

  /// Calls `visit(bytes, value)` from the shortest to the longest.
  template <class Visit>
  void prefixes(std::string_view text, Visit visit) const {
    if (text.empty()) return;
    const auto first = static_cast<unsigned char>(text[0]);
    size_t low = starts_[first], high = starts_[first + 1u];
    for (size_t bytes = 1; low < high; ++bytes) {
      if (pieces_[low].size() == bytes) visit(bytes, values_[low++]);
      if (bytes == text.size()) return;
      narrow(low, high, bytes, text[bytes]);
    }
  }
  bool empty() const { return pieces_.empty(); }

 private:
  void narrow(size_t& low, size_t& high, size_t at, char byte) const;

  std::vector<std::string_view> pieces_;
  std::vector<int32_t> values_;
  std::vector<uint32_t> starts_ = std::vector<uint32_t>(257);  // by first byte
};

}  // namespace fairfight
