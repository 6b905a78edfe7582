#include "fairfight/base/hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

// FIPS 180-2, appendix B.
constexpr auto kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr auto kMillionA = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, KnowsThePublishedAnswers) {
  EXPECT_EQ(sha256(""), kEmpty);
  EXPECT_EQ(sha256("abc"), kAbc);
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), kMillionA);
}

TEST(Sha256, TakesItsBytesInPieces) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.hex(), kAbc);
}

TEST(Sha256, ReadsAFileToItsEnd) {
  const ScratchFolder folder;
  write_atomic(folder / "a", std::string(1'000'000, 'a'));
  write_atomic(folder / "empty", "");
  EXPECT_EQ(sha256_file(folder / "a"), kMillionA);
  EXPECT_EQ(sha256_file(folder / "empty"), kEmpty);
}

TEST(Sha256, DoesNotHashWhatItCannotRead) {
  const ScratchFolder folder;
  EXPECT_THAT(error_of([&] { sha256_file(folder / "missing"); }), HasSubstr("missing"));
  EXPECT_THAT(error_of([&] { sha256_file(folder.path()); }), HasSubstr(folder.path().string()));
}

// Splits are cut by these numbers: they may never change.
TEST(Hash64, StaysTheSameForEver) {
  EXPECT_EQ(hash64(""), 17665956581633026203u);
  EXPECT_EQ(hash64("the baker sells bread"), 4981674420584736393u);
  EXPECT_EQ(hash64(std::string_view("the baker sells bread"), 1), 712469220814907671u);
}

TEST(Hash64, SpreadsOverRemainders) {
  std::array<int, 100> counts{};
  for (uint32_t i = 0; i < 100'000; ++i) ++counts[hash64(&i, sizeof i) % 100];
  for (int count : counts) EXPECT_NEAR(count, 1000, 160);  // 5 standard deviations
}

}  // namespace
}  // namespace fairfight
