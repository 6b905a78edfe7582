#include "fairfight/io/tokenizer/text.h"

#include <array>

#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

struct Stretch {
  size_t begin, end;
  bool match;
};

/// The whole text as stretches that match and stretches that do not.
void cover(std::string_view text, const Matcher& matcher, bool invert, std::vector<Stretch>& stretches) {
  stretches.clear();
  size_t last = 0;
  matcher(text, [&](size_t begin, size_t end) {
    if (last != begin) stretches.push_back({last, begin, invert});
    stretches.push_back({begin, end, !invert});
    last = end;
  });
  if (last != text.size()) stretches.push_back({last, text.size(), invert});
}

/// Joins stretches as the behavior says; in place. A run of matches is never joined with more than one neighbour.
void join(std::vector<Stretch>& stretches, Behavior behavior) {
  std::vector<Stretch> joined;
  bool previous = false;  // was a match
  const auto visit = [&](const Stretch& stretch, bool with_last, bool backwards) {
    if (with_last && !joined.empty())
      (backwards ? joined.back().begin : joined.back().end) = backwards ? stretch.begin : stretch.end;
    else
      joined.push_back(stretch);
    previous = stretch.match;
  };
  if (behavior == Behavior::merged_with_next) {
    for (size_t i = stretches.size(); i-- > 0;) visit(stretches[i], stretches[i].match && !previous, true);
    std::reverse(joined.begin(), joined.end());
  } else {
    for (const Stretch& stretch : stretches)
      visit(stretch, behavior == Behavior::contiguous ? stretch.match == previous : stretch.match && !previous, false);
  }
  stretches.swap(joined);
}

/// The letters of byte-level vocabularies: what prints stands for itself, the others follow from U+0100 on.
const std::array<char32_t, 256>& letters() {
  static const auto table = [] {
    std::array<char32_t, 256> made{};
    char32_t other = 256;
    for (unsigned b = 0; b < 256; ++b)
      made[b] = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae ? char32_t(b) : other++;
    return made;
  }();
  return table;
}

}  // namespace

Behavior read_behavior(Fields& fields, const std::string& key) {
  const std::string name = fields.one_of(key, {"Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"});
  return name == "Removed"              ? Behavior::removed
         : name == "Isolated"           ? Behavior::isolated
         : name == "MergedWithPrevious" ? Behavior::merged_with_previous
         : name == "MergedWithNext"     ? Behavior::merged_with_next
                                        : Behavior::contiguous;
}

void split(Pieces& pieces, const Matcher& matcher, Behavior behavior, bool invert) {
  std::vector<Piece> cut;
  std::vector<Stretch> stretches;
  for (const Piece& piece : pieces.pieces) {
    if (piece.id >= 0) {
      cut.push_back(piece);
      continue;
    }
    cover(pieces.of(piece), matcher, invert, stretches);
    if (behavior != Behavior::removed && behavior != Behavior::isolated) join(stretches, behavior);
    for (const Stretch& s : stretches)
      if (s.begin != s.end && !(s.match && behavior == Behavior::removed))
        cut.push_back({piece.begin + s.begin, piece.begin + s.end, piece.head - std::min(piece.head, s.begin), -1});
  }
  pieces.pieces.swap(cut);
}

void rewrite(Pieces& pieces, const std::function<void(Text&)>& change) {
  Pieces changed;
  changed.text.reserve(pieces.text.size());
  for (const Piece& piece : pieces.pieces) {
    if (piece.id >= 0) {
      changed.pieces.push_back(piece);
      continue;
    }
    Text text{std::string(pieces.of(piece)), std::min(piece.head, piece.end - piece.begin)};
    change(text);
    changed.append(text);
  }
  pieces = std::move(changed);
}

void replace(Text& text, const Matcher& matcher, std::string_view content) {
  Text result;
  size_t last = 0;
  const auto copy = [&](size_t end) {
    result.text.append(text.text, last, end - last);
    result.head += std::min(text.head, end) - std::min(text.head, last);
    last = end;
  };
  matcher(text.text, [&](size_t begin, size_t end) {
    copy(begin);
    result.text += content;
    if (end <= text.head) result.head += content.size();
    last = end;
  });
  copy(text.text.size());
  text = std::move(result);
}

void prepend(Text& text, std::string_view what) {
  if (text.text.empty()) return;
  text.text.insert(0, what);
  if (text.head > 0) text.head += what.size();
}

void map_bytes(Text& text) {
  std::string mapped;
  mapped.reserve(text.text.size() * 3 / 2);
  size_t head = 0;
  for (size_t i = 0; i < text.text.size(); ++i) {
    unicode::append(mapped, letters()[static_cast<unsigned char>(text.text[i])]);
    if (i < text.head) head = mapped.size();
  }
  text = {std::move(mapped), head};
}

int byte_of(char32_t letter) {
  static const auto table = [] {
    std::array<int16_t, 512> made{};
    made.fill(-1);
    for (size_t b = 0; b < 256; ++b) made[letters()[b]] = int16_t(b);
    return made;
  }();
  return letter < table.size() ? table[letter] : -1;
}

}  // namespace fairfight
