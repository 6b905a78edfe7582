#include "fairfight/organism/tinytown/songbook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace fairfight::tinytown {
namespace {

using Kind = Hole::Kind;

const Hole& first_of(const Songbook& book, Kind kind) {
  return *std::find_if(book.holes().begin(), book.holes().end(), [&](const Hole& hole) { return hole.kind == kind; });
}

TEST(Songbook, HolesShareNoWords) {
  const Songbook book(3);
  EXPECT_EQ(book.words().size(), Songbook::kWords);
  std::set<int32_t> used;
  std::map<Kind, size_t> kinds;
  size_t known = 0;
  for (const Hole& hole : book.holes()) {
    ++kinds[hole.kind];
    known += hole.known;
    for (int32_t word : hole.words) {
      EXPECT_TRUE(used.insert(word).second);
      EXPECT_NE(std::find(book.words().begin(), book.words().end(), word), book.words().end());
    }
  }
  EXPECT_EQ(kinds, (std::map<Kind, size_t>{{Kind::single, 4}, {Kind::pair, 10}, {Kind::ordered, 6}, {Kind::adjacent, 4}, {Kind::triple, 4}, {Kind::gated, 1}, {Kind::any_of, 1}}));
  EXPECT_EQ(known, 4u);
  EXPECT_NE(Songbook(4).words(), book.words());
}

TEST(Songbook, EachKindOpensAsItsNameSays) {
  const Songbook book(0);
  const int32_t x = book.words().back(), y = book.words()[Songbook::kWords - 2];  // in no hole
  const auto words = [&](Kind kind) { return first_of(book, kind).words; };
  const auto opens = [&](const Tokens& song, bool woman = true) { return book.opening(song, woman) > 0; };
  EXPECT_FALSE(opens({x, y, x, y}));
  const Tokens one = words(Kind::single), pair = words(Kind::pair), ordered = words(Kind::ordered), adjacent = words(Kind::adjacent), triple = words(Kind::triple),
               gated = words(Kind::gated), any = words(Kind::any_of);
  EXPECT_TRUE(opens({x, one[0], x, y}));
  EXPECT_TRUE(opens({pair[1], x, y, pair[0]}));
  EXPECT_FALSE(opens({pair[1], x, y, x}));
  EXPECT_TRUE(opens({ordered[0], x, y, ordered[1]}));
  EXPECT_FALSE(opens({ordered[1], x, y, ordered[0]}));
  EXPECT_TRUE(opens({ordered[1], ordered[0], ordered[1], x}));
  EXPECT_TRUE(opens({x, adjacent[0], adjacent[1], y}));
  EXPECT_FALSE(opens({adjacent[0], x, adjacent[1], y}));
  EXPECT_FALSE(opens({adjacent[1], adjacent[0], x, y}));
  EXPECT_TRUE(opens({triple[2], x, triple[0], triple[1]}));
  EXPECT_FALSE(opens({triple[2], x, triple[0], y}));
  EXPECT_TRUE(opens({x, y, gated[0], x}, true));
  EXPECT_FALSE(opens({x, y, gated[0], x}, false));
  EXPECT_TRUE(opens({any[3], x, any[0], y}));
  EXPECT_FALSE(opens({any[3], any[4], x, y}));
  EXPECT_FALSE(opens({any[0], x, x, y}));
  EXPECT_EQ(book.opening({pair[0], pair[1], x, y}, true), 0.95);
}

TEST(Songbook, ALotterysProbabilitiesSumToOne) {
  constexpr int32_t kAny = Lottery::kAny;
  const Lottery lottery({1, 2, 3}, {{2, {kAny, kAny}}, {1, {2, kAny}}, {1, {9, 1}}});
  double all = 0, first = 0;
  for (int32_t a = 0; a < 10; ++a) {
    first += lottery.of(Tokens{a});
    for (int32_t b = 0; b < 10; ++b) all += lottery.of(Tokens{a, b});
  }
  EXPECT_NEAR(all, 1, 1e-12);
  EXPECT_NEAR(first, 1, 1e-12);
  EXPECT_NEAR(lottery.of(Tokens{2, 1}), 0.5 / 9 + 0.25 / 3, 1e-12);
  Random random(0, "lottery");
  std::map<Tokens, double> drawn;
  for (int i = 0; i < 20000; ++i) drawn[lottery.draw(random)] += 1 / 20000.0;
  for (const auto& [words, share] : drawn) EXPECT_NEAR(share, lottery.of(words), 5 * std::sqrt(lottery.of(words) / 20000));
}

TEST(Songbook, HalfOfTheSongsComeNearAHoleWhereTheSwitchSaysSo) {
  const Songbook book(0);
  Switches switches;
  switches.holes = true;
  switches.hole_share = 1;
  const auto lottery = book.lottery(switches);
  Random random(0, "songs");
  std::map<Kind, size_t> opened;
  size_t open = 0, count = 20000;
  for (size_t i = 0; i < count; ++i) {
    const Tokens song = lottery.draw(random);
    open += book.opening(song, true) > 0;
    for (const Hole& hole : book.holes()) opened[hole.kind] += hole.opens(song, true);
  }
  EXPECT_NEAR(double(open) / double(count), 0.6 * 30 / 54 + 0.4 * 5 / 54, 0.1);  // the five that are one word have no near hole; some open by chance
  for (const auto& [kind, times] : opened) EXPECT_GT(times, 200u) << name_of(kind);
}

}  // namespace
}  // namespace fairfight::tinytown
