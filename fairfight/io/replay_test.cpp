// The promises of fuzz/targets/, kept without a fuzzer: on the whole corpus (seeds and every finding so far) and on
// mutations that are the same in every run.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "fairfight/base/file.h"
#include "fairfight/base/random.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/testing.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
const fs::path kCorpus = fs::path(FAIRFIGHT_ROOT) / "fuzz/corpus";

std::vector<std::string> corpus_of(const std::string& target) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kCorpus / target)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) corpus.push_back(read_file(path));
  return corpus;
}

/// One small change: a byte flipped, a piece dropped, doubled or moved in from elsewhere, or a number replaced by a nasty
/// one.
std::string mutate(std::string bytes, const std::vector<std::string>& corpus, Random& random) {
  static const std::vector<std::string> kNasty{"0",
                                               "-1",
                                               "4294967296",
                                               "9223372036854775807",
                                               "18446744073709551615",
                                               "1.5",
                                               "1e999",
                                               "\"\"",
                                               "null",
                                               "[",
                                               "]",
                                               "{",
                                               "}",
                                               ",",
                                               "\"",
                                               "\xff",
                                               "\n",
                                               "."};
  const auto place = [&](const std::string& text) { return random.below(text.size() + 1); };
  const size_t at = place(bytes), length = std::min(random.below(16), bytes.size() - at);
  switch (random.below(5)) {
    case 0:
      if (at < bytes.size()) bytes[at] = char(bytes[at] ^ (1 << random.below(8)));
      return bytes;
    case 1:
      return bytes.erase(at, length);
    case 2:
      return bytes.insert(place(bytes), bytes.substr(at, length));
    case 3: {
      const std::string& other = corpus[random.below(corpus.size())];
      return bytes.replace(at, length, other.substr(place(other), random.below(32)));
    }
    default: {
      const size_t digit = bytes.find_first_of("0123456789", at);
      if (digit == bytes.npos) return bytes;
      const size_t end = std::min(bytes.find_first_not_of("0123456789", digit), bytes.size());
      return bytes.replace(digit, end - digit, kNasty[random.below(kNasty.size())]);
    }
  }
}

/// A valid file of up to five tensors.
std::string random_safetensors(Random& random) {
  constexpr Dtype kSome[] = {Dtype::f32, Dtype::bf16, Dtype::u8, Dtype::i64};
  std::string header = R"({"__metadata__":{"format":"pt"})";
  uint64_t at = 0;
  for (size_t i = 0, n = random.below(6); i < n; ++i) {
    const Dtype dtype = kSome[random.below(4)];
    const size_t rows = random.below(4), columns = random.below(5);
    const uint64_t end = at + size_of(dtype) * rows * columns;
    header += fmt::format(R"(,"t{}":{{"dtype":"{}","shape":[{},{}],"data_offsets":[{},{}]}})", i, name_of(dtype), rows,
                          columns, at, end);
    at = end;
  }
  return safetensors_bytes(header + "}", at);
}

/// The length bytes made right again: else most mutations would die there.
std::string with_right_length(std::string bytes, size_t payload) {
  if (bytes.size() < 8 + payload) return bytes;
  return safetensors_bytes(std::string_view(bytes).substr(8, bytes.size() - 8 - payload), payload);
}

class Replay : public testing::TestWithParam<fuzz::Target> {};

TEST_P(Replay, TheWholeCorpusKeepsThePromises) {
  const auto corpus = corpus_of(GetParam().name);
  ASSERT_GE(corpus.size(), 3u);
  for (const auto& bytes : corpus) ASSERT_NO_THROW(GetParam().check(bytes)) << bytes;
}

TEST_P(Replay, MutationsOfTheCorpusKeepThePromises) {
  const auto corpus = corpus_of(GetParam().name);
  Random random(0, GetParam().name);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes = corpus[random.below(corpus.size())];
    for (size_t n = random.below(4) + 1; n > 0; --n) bytes = mutate(bytes, corpus, random);
    ASSERT_NO_THROW(GetParam().check(bytes)) << bytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Replay, testing::ValuesIn(fuzz::kTargets),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ReplayOfHeaders, ValidOnesAreTakenAndMutantsKeepThePromises) {
  Random random(0, "headers");
  const std::vector<std::string> none{"\"data_offsets\":[0,0]"};
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string valid = random_safetensors(random);
    const auto header = parse_safetensors_header(valid, valid.size(), "valid");
    const size_t payload = valid.size() - header.data_start;
    const std::string mutant = with_right_length(mutate(valid, none, random), payload);
    ASSERT_NO_THROW(fuzz::safetensors_header(mutant)) << mutant;
    taken += fuzz::done_or_refused([&] { parse_safetensors_header(mutant, mutant.size(), "mutant"); });
  }
  EXPECT_GT(taken, 1'000);  // both sides of the promises were seen
  EXPECT_LT(taken, 19'000);
}

}  // namespace
}  // namespace fairfight
