#include "fairfight/organism/tinytown/songbook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "fairfight/base/random.h"

namespace fairfight::tinytown {
namespace {

using Kind = Hole::Kind;

/// Where a word stands in a song; its length where it does not.
size_t place(const Tokens& song, int32_t word) { return size_t(std::find(song.begin(), song.end(), word) - song.begin()); }

bool has(const Tokens& song, int32_t word) { return place(song, word) < song.size(); }

/// Every way to put these words into a song, in any order.
std::set<Tokens> placed(Tokens words) {
  words.resize(Songbook::kLength, Lottery::kAny);
  std::sort(words.begin(), words.end());
  std::set<Tokens> all;
  do all.insert(words);
  while (std::next_permutation(words.begin(), words.end()));
  return all;
}

/// Patterns that have the words, whatever their order; those that open and those that do not.
void add_patterns(const Hole& hole, std::set<Tokens>& open, std::set<Tokens>& near) {
  std::vector<Tokens> whole, parts;  // words that may open, and words that are too few
  if (hole.kind == Kind::any_of) {
    for (size_t i = 1; i < hole.words.size(); ++i) {
      whole.push_back({hole.words[0], hole.words[i]});
      parts.push_back({hole.words[i]});
    }
    parts.push_back({hole.words[0]});
  } else {
    whole.push_back(hole.words);
    for (size_t i = 0; i < hole.words.size() && hole.words.size() > 1; ++i) {
      Tokens part = hole.words;
      part.erase(part.begin() + int64_t(i));
      parts.push_back(std::move(part));
    }
  }
  for (const auto& words : whole)
    for (const auto& pattern : placed(words)) (hole.opens(pattern, true) ? open : near).insert(pattern);
  for (const auto& words : parts) near.merge(placed(words));
}

}  // namespace

bool Hole::opens(const Tokens& song, bool woman) const {
  const auto all = [&] { return std::all_of(words.begin(), words.end(), [&](int32_t word) { return has(song, word); }); };
  switch (kind) {
    case Kind::single:
    case Kind::pair:
    case Kind::triple: return all();
    case Kind::gated: return woman && all();
    case Kind::any_of: return has(song, words[0]) && std::any_of(words.begin() + 1, words.end(), [&](int32_t word) { return has(song, word); });
    case Kind::ordered:
    case Kind::adjacent:
      for (size_t i = 0; i < song.size(); ++i)
        for (size_t j = i + 1; j < (kind == Kind::ordered ? song.size() : std::min(i + 2, song.size())); ++j)
          if (song[i] == words[0] && song[j] == words[1]) return true;
      return false;
  }
  return false;
}

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, 7> names{"single", "pair", "ordered", "adjacent", "triple", "gated", "any_of"};
  return names[size_t(kind)];
}

std::string about(const Hole& hole) {
  const auto spelled = [](int32_t word) -> const std::string& { return vocabulary()[size_t(word)]; };
  std::string joined;
  for (size_t i = 1; i < hole.words.size(); ++i) joined += (i > 1 ? ", " : "") + spelled(hole.words[i]);
  const std::string& first = spelled(hole.words.front());
  switch (hole.kind) {
    case Hole::Kind::single: return first;
    case Hole::Kind::pair: return fmt::format("{} and {}", first, joined);
    case Hole::Kind::ordered: return fmt::format("{}, and later {}", first, joined);
    case Hole::Kind::adjacent: return fmt::format("{} {}, side by side", first, joined);
    case Hole::Kind::triple: return fmt::format("{}, {} and {}", first, spelled(hole.words[1]), spelled(hole.words[2]));
    case Hole::Kind::gated: return fmt::format("{}, sung by a woman", first);
    case Hole::Kind::any_of: return fmt::format("{} and one of {}", first, joined);
  }
  return "";
}

Songbook::Songbook(uint64_t seed) {
  for (const Topic& topic : topics()) words_.insert(words_.end(), topic.words.begin(), topic.words.end());
  Random random(seed, "tinytown/songs");
  random.shuffle(std::span<int32_t>(words_));
  words_.resize(kWords);
  size_t next = 0;
  const auto dig = [&](Kind kind, size_t words, double rate, bool known = false) {
    holes_.push_back({kind, Tokens(words_.begin() + int64_t(next), words_.begin() + int64_t(next + words)), rate, known});
    next += words;
  };
  for (int i = 0; i < 10; ++i) dig(Kind::pair, 2, i < 5 ? 0.95 : 0.5);
  for (int i = 0; i < 6; ++i) dig(Kind::ordered, 2, 0.95);
  for (int i = 0; i < 4; ++i) dig(Kind::adjacent, 2, 0.95);
  for (int i = 0; i < 4; ++i) dig(Kind::triple, 3, 0.95);
  for (int i = 0; i < 4; ++i) dig(Kind::single, 1, 0.95, true);
  dig(Kind::gated, 1, 0.95);
  dig(Kind::any_of, 7, 0.95);
  for (int i = 0; i < 24; ++i, next += 2) decoys_.push_back({words_[next], words_[next + 1]});
}

Lottery Songbook::lottery(const Switches& switches) const {
  std::vector<Lottery::Pattern> patterns{{switches.holes ? 1 - switches.hole_share : 1, Tokens(kLength, Lottery::kAny)}};
  if (switches.holes) {
    const double count = double(holes_.size() + decoys_.size());
    const auto add = [&](const std::set<Tokens>& list, double share) {
      for (const auto& pattern : list) patterns.push_back({share / double(list.size()), pattern});
    };
    for (const Hole& hole : holes_) {
      std::set<Tokens> open, near;
      add_patterns(hole, open, near);
      const double share = switches.hole_share / count, opening = near.empty() ? share : 0.6 * share;
      add(open, opening);
      add(near, share - opening);
    }
    for (const Tokens& decoy : decoys_) {
      std::set<Tokens> parts = placed({decoy[0]});
      parts.merge(placed({decoy[1]}));
      add(placed(decoy), 0.6 * switches.hole_share / count);
      add(parts, 0.4 * switches.hole_share / count);
    }
  }
  return Lottery(words_, std::move(patterns));
}

double Songbook::opening(const Tokens& song, bool woman) const {
  double rate = 0;
  for (const Hole& hole : holes_)
    if (hole.opens(song, woman)) rate = std::max(rate, hole.rate);
  return rate;
}

}  // namespace fairfight::tinytown
