// The catalogue of hostile files: each is refused in one line that names the file and, where there is one, the tensor.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/testing.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/io/toml.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A file that nobody should trust, and what its refusal must name besides the file.
struct Hostile {
  std::string name, bytes;
  std::string names = "";
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
std::string print_name(const testing::TestParamInfo<Hostile>& info) { return info.param.name; }

class HostileTest : public testing::TestWithParam<Hostile> {
 protected:
  /// Writes the file, reads it with `read`, and looks at the refusal.
  template <class Read>
  void expect_refused(const fs::path& file_name, Read read) {
    const fs::path path = folder_ / file_name;
    write_atomic(path, GetParam().bytes);
    EXPECT_THAT(error_of([&] { read(path); }),
                AllOf(HasSubstr(path.string()), HasSubstr(GetParam().names), Not(HasSubstr("\n"))));
  }

  const ScratchFolder folder_;
};

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{}]}})", name, dtype, shape, offsets);
}

/// A file of one tensor, "w".
std::string one(const std::string& dtype, const std::string& shape, const std::string& offsets, size_t payload) {
  return safetensors_bytes("{" + entry("w", dtype, shape, offsets) + "}", payload);
}

std::string length_bytes(uint64_t length) { return std::string(reinterpret_cast<const char*>(&length), sizeof length); }

const std::string kGood = one("U8", "4", "0,4", 4);

class HostileSafetensors : public HostileTest {};
TEST_P(HostileSafetensors, IsRefused) {
  expect_refused("m.safetensors", [](const fs::path& path) { SafetensorsFile{path}; });
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileSafetensors,
    testing::Values(
        // the frame
        Hostile{"Empty", ""}, Hostile{"SevenBytes", std::string(7, '\0')}, Hostile{"OnlyALength", length_bytes(2)},
        Hostile{"EmptyHeader", length_bytes(0)}, Hostile{"HeaderLongerThanFile", length_bytes(100) + "{}"},
        Hostile{"HeaderOf100MbClaimed", length_bytes(100'000'000) + "{}"},
        Hostile{"HeaderOverTheLimit", length_bytes(100'000'001) + "{}"},
        Hostile{"LengthWraps", length_bytes(UINT64_MAX) + "{}"}, Hostile{"LengthIsSignBit", length_bytes(1ull << 63) + "{}"},
        Hostile{"Truncated", kGood.substr(0, kGood.size() - 1)}, Hostile{"TruncatedInHeader", kGood.substr(0, 30)},
        Hostile{"TrailingBytes", kGood + "x"}, Hostile{"SpaceBeforeHeader", safetensors_bytes(" {}", 0)},
        Hostile{"ByteOrderMark", safetensors_bytes("\xef\xbb\xbf{}", 0)},
        Hostile{"HeaderIsAList", safetensors_bytes("[]", 0)}, Hostile{"HeaderIsPickle", safetensors_bytes("\x80\x04K*.", 0)},
        Hostile{"NotUtf8", safetensors_bytes("{\"__metadata__\":{\"k\":\"\xff\"}}", 0)},
        Hostile{"TextBehindHeader", safetensors_bytes("{} {}", 0)},
        Hostile{"ZeroBytesBehindHeader", safetensors_bytes(std::string("{}\0\0", 4), 0)},
        Hostile{"DeepLists", safetensors_bytes("{\"w\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}", 0)},
        Hostile{"DeepObjects", safetensors_bytes("{\"w\":" + std::string(50'000, '{'), 0)},
        Hostile{"DuplicateTensor",
                safetensors_bytes("{" + entry("w", "U8", "0", "0,0") + "," + entry("w", "U8", "0", "0,0") + "}", 0),
                "\"w\""},
        // the metadata
        Hostile{"MetadataWithNumber", safetensors_bytes(R"({"__metadata__":{"k":1}})", 0), "\"k\""},
        Hostile{"MetadataIsAList", safetensors_bytes(R"({"__metadata__":[]})", 0), "__metadata__"},
        Hostile{"MetadataNested", safetensors_bytes(R"({"__metadata__":{"k":{"l":"m"}}})", 0), "\"k\""},
        Hostile{"MetadataTwice", safetensors_bytes(R"({"__metadata__":{},"__metadata__":{}})", 0), "__metadata__"},
        // a tensor
        Hostile{"WrapsToZero", one("F32", "4294967296,4294967296", "0,0", 8), "\"w\""},
        Hostile{"WrapsToZeroWithOffsets", one("F32", "4294967296,4294967296", "0,900000000", 8), "\"w\""},
        Hostile{"WrapsToFour", one("U8", "4611686018427387905,4", "0,4", 4), "\"w\""},
        Hostile{"WrapsByElementSize", one("F64", "2305843009213693952", "0,0", 0), "\"w\""},
        Hostile{"WrapsBeforeAZero", one("U8", "4294967296,4294967296,0", "0,0", 0), "\"w\""},
        Hostile{"DimensionOver64Bits", one("U8", "18446744073709551616", "0,0", 0), "\"w\""},
        Hostile{"DimensionOver63Bits", one("U8", "18446744073709551615", "0,0", 0), "\"w\""},
        Hostile{"NegativeDimension", one("U8", "-1", "0,0", 0), "\"w\""},
        Hostile{"NegativeDimensions", one("U8", "-2,-2", "0,4", 4), "\"w\""},
        Hostile{"FractionalDimension", one("U8", "4.0", "0,4", 4), "\"w\""},
        Hostile{"TextualDimension", one("U8", "\"4\"", "0,4", 4), "\"w\""},
        Hostile{"ShapeTooSmall", one("U8", "3", "0,4", 4), "\"w\""},
        Hostile{"ShapeTooLarge", one("U8", "5", "0,4", 4), "\"w\""},
        Hostile{"ScalarOfNoBytes", one("F32", "", "0,0", 0), "\"w\""},
        Hostile{"NegativeOffset", one("U8", "4", "-4,0", 4), "\"w\""},
        Hostile{"FractionalOffset", one("U8", "4", "0,4.5", 4), "\"w\""},
        Hostile{"OffsetsReversed", one("U8", "4", "4,0", 4), "\"w\""},
        Hostile{"ThreeOffsets", one("U8", "4", "0,4,4", 4), "\"w\""}, Hostile{"OneOffset", one("U8", "4", "0", 4), "\"w\""},
        Hostile{"EndsBehindFile", one("U8", "5", "0,5", 4)},
        Hostile{"EndsFarBehindFile", one("U8", "9223372036854775807", "0,9223372036854775807", 4)},
        Hostile{"UnknownDtype", one("F128", "4", "0,64", 64), "F128"},
        Hostile{"LowerCaseDtype", one("f32", "1", "0,4", 4), "f32"},
        Hostile{"HalfByteDtype", one("F4", "8", "0,4", 4), "\"w\""},
        Hostile{"DtypeWithNewline", one("F\\n32", "1", "0,4", 4), "\"w\""},
        Hostile{"NoDtype", safetensors_bytes(R"({"w":{"shape":[0],"data_offsets":[0,0]}})", 0), "\"w\""},
        Hostile{"NoShape", safetensors_bytes(R"({"w":{"dtype":"U8","data_offsets":[0,1]}})", 1), "\"w\""},
        Hostile{"NoOffsets", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0]}})", 0), "\"w\""},
        Hostile{"UnknownField", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}})", 0),
                "\"w\""},
        Hostile{"FieldTwice", safetensors_bytes(R"({"w":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"ShapeTwice", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"OffsetsTwice",
                safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"MetadataKeyTwice", safetensors_bytes(R"({"__metadata__":{"k":"1","k":"2"}})", 0), "\"k\""},
        Hostile{"MetadataTwiceByEscape", safetensors_bytes(R"({"__metadata__":{},"\u005f_metadata__":{}})", 0),
                "__metadata__"},
        Hostile{"DuplicateTensorByEscape",
                safetensors_bytes("{" + entry("w", "U8", "0", "0,0") + "," + entry("\\u0077", "U8", "0", "0,0") + "}", 0),
                "\"w\""},
        Hostile{"MinusZero", one("U8", "-0", "0,0", 0), "\"w\""}, Hostile{"LeadingZero", one("U8", "04", "0,4", 4), "\"w\""},
        Hostile{"SeventeenDimensions", one("U8", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "0,1", 1), "\"w\""},
        Hostile{"CommaBehindTheLast", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},})", 0)},
        Hostile{"NoClosingBrace", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})", 0)},
        Hostile{"TensorIsNull", safetensors_bytes(R"({"w":null})", 0), "\"w\""},
        Hostile{"NameWithNewline", safetensors_bytes(R"({"w\nw":null})", 0), "\"w w\""},
        Hostile{"NameOfAMegabyte", safetensors_bytes("{\"" + std::string(1'000'000, 'w') + "\":null}", 0), "www..."},
        // several tensors
        Hostile{"Overlap",
                safetensors_bytes("{" + entry("a", "U8", "2", "0,2") + "," + entry("w", "U8", "2", "1,3") + "}", 3),
                "\"w\""},
        Hostile{"SamePlace",
                safetensors_bytes("{" + entry("a", "U8", "2", "0,2") + "," + entry("w", "U8", "2", "0,2") + "}", 2),
                "\"w\""},
        Hostile{"Hole", safetensors_bytes("{" + entry("a", "U8", "1", "0,1") + "," + entry("w", "U8", "1", "2,3") + "}", 3),
                "\"w\""},
        Hostile{"HoleAtStart", one("U8", "1", "1,2", 2), "\"w\""},
        Hostile{"EmptyTensorInside",
                safetensors_bytes("{" + entry("a", "U8", "2", "0,2") + "," + entry("w", "U8", "0", "1,1") + "}", 2)}),
    print_name);

/// A header of about the 100 MB that the format allows, made when it is needed.
struct Huge {
  std::string name;
  std::string (*header)();
  std::string says;  // empty: the file is right
};

void PrintTo(const Huge& huge, std::ostream* out) { *out << huge.name; }

constexpr size_t kHuge = 99'999'000;

std::string repeated(const std::string& start, const std::string& unit, const std::string& end = "") {
  std::string text = start;
  text.reserve(kHuge + 1000);
  while (text.size() + unit.size() + end.size() <= kHuge) text += unit;
  return text + end;
}

/// `{` and entries with numbered names until they fill it, or until there are `most`; then `last` and `}`.
template <class Entry>
std::string numbered(Entry entry, size_t most, const std::string& last) {
  std::string text = "{";
  text.reserve(kHuge + 1000);
  for (size_t i = 0; i < most && text.size() < kHuge - 2'000; ++i) text += entry(i) + ",";
  return text + last + "}";
}

constexpr size_t kMany = 120'000;  // entries that a file of 60 MB may have
const std::string kLongName(700, 'w');

/// What one reading costs, seen from a process of its own, in which nothing else has ever used memory.
struct Cost {
  long grown_kb;
  double seconds;  // of the processor: other processes do not count
  char error[1000];
};

template <class Read>
Cost cost_of_reading(Read read_it) {
  int ends[2];
  if (pipe(ends) != 0) fail("[test] no pipe");
  malloc_trim(0);  // else the reader would first use up what this process has freed
  const pid_t child = fork();
  if (child == 0) {
    const auto used = [] {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      return usage;
    };
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    const rusage before = used();
    Cost cost{};
    const std::string error = error_of(read_it);
    const rusage after = used();
    error.copy(cost.error, sizeof cost.error - 1);
    cost.grown_kb = after.ru_maxrss - before.ru_maxrss;
    cost.seconds = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
    _exit(write(ends[1], &cost, sizeof cost) == ssize_t(sizeof cost) ? 0 : 1);
  }
  close(ends[1]);
  Cost cost{-1, 0, ""};
  const bool told = read(ends[0], &cost, sizeof cost) == ssize_t(sizeof cost);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!told || status != 0) fail("[test] the reader died: status {}", status);
  return cost;
}

class HugeHeader : public testing::TestWithParam<Huge> {};
TEST_P(HugeHeader, CostsLittle) {
  const ScratchFolder folder;
  const fs::path path = folder / "m.safetensors";
  {
    const std::string header = GetParam().header();
    ASSERT_GT(header.size(), 60'000'000u);
    ASSERT_LE(header.size(), 100'000'000u);
    std::ofstream(path, std::ios::binary) << length_bytes(header.size()) << header;
  }
  const Cost cost = cost_of_reading([&] { SafetensorsFile{path}; });
  if (GetParam().says.empty())
    EXPECT_STREQ(cost.error, "");
  else
    EXPECT_THAT(std::string(cost.error), AllOf(HasSubstr(path.string()), HasSubstr(GetParam().says), Not(HasSubstr("\n"))));
  const double mb = double(fs::file_size(path)) / 1e6, grown_mb = double(cost.grown_kb) * 1024 / 1e6;
  EXPECT_GT(grown_mb, 0.9 * mb);     // the header itself: else nothing was measured
  EXPECT_LT(grown_mb, 2 * mb + 24);  // the table's entries, whose number is limited
  EXPECT_LT(cost.seconds, 2);        // 0.1 to 0.8 on an idle machine
  RecordProperty("grown_mb", fmt::format("{:.0f}", grown_mb));
  RecordProperty("seconds", fmt::format("{:.3f}", cost.seconds));
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HugeHeader,
    testing::Values(
        Huge{"NestedLists", [] { return repeated("{\"w\":", "["); }, "\"w\": byte 5: got an array"},
        Huge{"NestedListsInAShape", [] { return repeated("{\"w\":{\"shape\":[", "["); }, "\"w\".\"shape\""},
        Huge{"NestedObjects", [] { return repeated("{\"w\":", "{\"shape\":"); }, "\"w\".\"shape\""},
        Huge{"OnlySpace", [] { return repeated("{", " "); }, "the end of the text"},
        Huge{"OpenText", [] { return repeated("{\"", "w"); }, "closing quote"},
        Huge{"OneName", [] { return repeated("{\"", "w", "\":null}"); }, "www...\""},
        Huge{"OneNameOfEscapes", [] { return repeated("{\"", "\\u732b", "\":null}"); }, "猫猫..."},
        Huge{"OneNameNotUtf8AtItsEnd", [] { return repeated("{\"", "w", "\xff\":null}"); }, "UTF-8"},
        Huge{"OneDtype", [] { return repeated("{\"w\":{\"dtype\":\"", "F", "\"}}"); }, "dtype FFF"},
        Huge{"OneKey", [] { return repeated("{\"w\":{\"", "F", "\":1}}"); }, "unknown key \"FFF"},
        Huge{"OneNumber", [] { return repeated("{\"w\":{\"shape\":[", "1", "]}}"); }, "got 111"},
        Huge{"OneShape", [] { return repeated("{\"w\":{\"dtype\":\"U8\",\"shape\":[", "0,", "0]}}"); }, "at most 16"},
        Huge{"OneMetadata", [] { return repeated("{\"__metadata__\":{\"k\":\"", "v", "\"},\"w\":0}"); }, "\"w\""},
        Huge{"TinyTensors",
             [] {
               return numbered([](size_t i) { return entry(fmt::format("{:x}", i), "U8", "0", "0,0"); }, SIZE_MAX,
                               "\"w\":0");
             },
             "more tensors and metadata"},
        Huge{"TinyMetadata",
             [] {
               return "{\"__metadata__\":" +
                      numbered([](size_t i) { return fmt::format("\"{:x}\":\"\"", i); }, SIZE_MAX, "\"\":\"\"") + "}";
             },
             "more tensors and metadata"},
        // as many as are allowed
        Huge{"LongNamesTwiceAtTheEnd",
             [] {
               const std::string last = entry(kLongName, "U8", "0", "0,0");
               return numbered(
                   [](size_t i) { return entry(kLongName + fmt::format("{}", i * 7919 % kMany), "U8", "0", "0,0"); }, kMany,
                   last + "," + last);
             },
             "stands twice"},
        Huge{"LongMetadataTwiceAtTheEnd",
             [] {
               const std::string last = fmt::format("\"{}\":\"\"", kLongName);
               return "{\"__metadata__\":" +
                      numbered([](size_t i) { return fmt::format("\"{}{}\":\"\"", kLongName, i * 7919 % kMany); }, kMany,
                               last + "," + last) +
                      "}";
             },
             "stands twice"},
        Huge{"ManyDimensionsAndAHole",
             [] {
               return numbered(
                   [](size_t i) {
                     return entry(fmt::format("{}{}", std::string(600, 'v'), i), "U8", "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0",
                                  "0,0");
                   },
                   kMany, entry("w", "U8", "0", "1,1"));
             },
             "\"w\" begins at byte 1"},
        // what is right is taken, for no more
        Huge{"RightWithOneMetadata", [] { return repeated("{\"__metadata__\":{\"k\":\"", "v", "\"}}"); }, ""},
        Huge{"RightWithOneName",
             [] { return repeated("{\"", "w", "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"); }, ""}),
    [](const auto& info) { return info.param.name; });

const std::string kIndexStart = R"({"metadata":{},"weight_map":)";

class HostileIndex : public HostileTest {};
TEST_P(HostileIndex, IsRefused) {
  write_atomic(folder_ / "config.json", "{}");
  write_atomic(folder_ / "shard.safetensors", kGood);
  const auto find = [&](const fs::path&) { find_model(folder_.path().string()); };
  const auto open = [&](const fs::path&) { Checkpoint{folder_.path()}; };
  expect_refused("model.safetensors.index.json", find);
  expect_refused("model.safetensors.index.json", open);
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileIndex,
    testing::Values(Hostile{"ParentFolder", kIndexStart + R"({"w":"../shard.safetensors"}})", "\"w\""},
                    Hostile{"AbsolutePath", kIndexStart + R"({"w":"/etc/passwd"}})", "\"w\""},
                    Hostile{"SubFolder", kIndexStart + R"({"w":"sub/shard.safetensors"}})", "\"w\""},
                    Hostile{"OnlyDots", kIndexStart + R"({"w":".."}})", "\"w\""},
                    Hostile{"NoName", kIndexStart + R"({"w":""}})", "\"w\""},
                    Hostile{"NullByte", kIndexStart + R"({"w":"shard.safetensors\u0000.txt"}})", "\"w\""},
                    Hostile{"Newline", kIndexStart + R"({"w":"a\nb"}})", "\"w\""},
                    Hostile{"NumberAsName", kIndexStart + R"({"w":1}})", "\"w\""}, Hostile{"NoTensors", kIndexStart + "{}}"},
                    Hostile{"MapIsAList", kIndexStart + "[]}"}, Hostile{"NoMap", "{}", "weight_map"},
                    Hostile{"TensorTwice", kIndexStart + R"({"w":"shard.safetensors","w":"shard.safetensors"}})", "\"w\""},
                    Hostile{"Deep", std::string(100'000, '[')}, Hostile{"NotJson", "PK\x03\x04"}),
    print_name);

class HostileConfig : public HostileTest {};
TEST_P(HostileConfig, IsRefused) {
  write_atomic(folder_ / "model.safetensors", kGood);
  expect_refused("config.json", [&](const fs::path&) { find_model(folder_.path().string()); });
}
INSTANTIATE_TEST_SUITE_P(Catalogue, HostileConfig,
                         testing::Values(Hostile{"Empty", ""}, Hostile{"List", "[]"}, Hostile{"Cut", R"({"n_layers": )"},
                                         Hostile{"KeyTwice", R"({"n_layers":4,"n_layers":5})", "n_layers"},
                                         Hostile{"NotUtf8", "{\"a\":\"\xc3(\"}"}, Hostile{"Infinite", R"({"eps":1e999})"},
                                         Hostile{"Python", "{'a': True}"},
                                         Hostile{"Deep", R"({"a":)" + std::string(100'000, '[')}),
                         print_name);

std::string tokenizer_json(const std::string& vocab, const std::string& added = "") {
  return R"({"version":"1.0","added_tokens":[)" + added + R"(],"pre_tokenizer":{"type":"WhitespaceSplit"},)" +
         R"("model":{"type":"WordLevel","unk_token":"u","vocab":)" + vocab + "}}";
}

std::string with_part(const std::string& part) {
  return R"({"version":"1.0","added_tokens":[],"model":{"type":"WordLevel","unk_token":"u","vocab":{"a":0}},)" + part + "}";
}

std::string bpe_json(const std::string& vocab, const std::string& merges) {
  return R"({"version":"1.0","model":{"type":"BPE","vocab":)" + vocab + R"(,"merges":)" + merges + "}}";
}

std::string added_token(const std::string& id, const std::string& content) {
  return fmt::format(
      R"({{"id":{},"content":"{}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}})",
      id, content);
}

class HostileTokenizer : public HostileTest {};
TEST_P(HostileTokenizer, IsRefused) {
  ASSERT_EQ(Tokenizer::parse(tokenizer_json(R"({"a":0,"<e>":1})", added_token("1", "<e>")), "x").size(), 2u);
  ASSERT_EQ(Tokenizer::parse(bpe_json(R"({"a":0,"b":1,"ab":2})", R"(["a b"])"), "x").encode("ab").size(), 1u);
  expect_refused("tokenizer.json", [](const fs::path& path) { Tokenizer{path}; });
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileTokenizer,
    testing::Values(Hostile{"Empty", ""}, Hostile{"List", "[]"}, Hostile{"NoWords", tokenizer_json("{}")},
                    Hostile{"WordsAreAList", tokenizer_json(R"(["a","b"])")},
                    Hostile{"IdTwice", tokenizer_json(R"({"a":0,"b":0})"), "\"b\""},
                    Hostile{"WordTwice", tokenizer_json(R"({"a":0,"a":1})"), "\"a\""},
                    Hostile{"IdFarAway", tokenizer_json(R"({"a":0,"b":2000000})"), "\"b\""},
                    Hostile{"HugeId", tokenizer_json(R"({"a":18446744073709551615})"), "\"a\""},
                    Hostile{"IdWrapsTo0", tokenizer_json(R"({"a":4294967296})"), "\"a\""},
                    Hostile{"NegativeId", tokenizer_json(R"({"a":-1})"), "\"a\""},
                    Hostile{"FractionalId", tokenizer_json(R"({"a":0.0})"), "\"a\""},
                    Hostile{"EmptyAddedToken", tokenizer_json(R"({"":0,"a":1})", added_token("0", "")), "added token"},
                    Hostile{"AddedTokenElsewhere", tokenizer_json(R"({"a":0,"b":1})", added_token("1", "a")), "\"a\""},
                    Hostile{"AddedTokenOutside", tokenizer_json(R"({"a":0})", added_token("9", "<e>")), "\"<e>\""},
                    Hostile{"AddedTokenInAHole", tokenizer_json(R"({"a":0,"b":2})", added_token("1", "<e>")), "\"<e>\""},
                    Hostile{"AddedTokenTwice",
                            tokenizer_json(R"({"a":0})", added_token("0", "a") + "," + added_token("0", "a")), "\"a\""},
                    Hostile{"AddedTokenNegative", tokenizer_json(R"({"a":0})", added_token("-1", "a"))},
                    Hostile{"AddedTokenIsText", tokenizer_json(R"({"a":0})", R"("a")")},
                    Hostile{"MergeOfWhatIsNotThere", bpe_json(R"({"a":0})", R"(["a b"])"), "\"b\""},
                    Hostile{"MergeToWhatIsNotThere", bpe_json(R"({"a":0,"b":1})", R"(["a b"])"), "\"ab\""},
                    Hostile{"MergeOfThree", bpe_json(R"({"a":0,"b":1,"ab":2})", R"(["a b a"])"), "merge 0"},
                    Hostile{"MergeIsANumber", bpe_json(R"({"a":0})", "[1]"), "merges"},
                    Hostile{"NoMerges", R"({"version":"1.0","model":{"type":"BPE","vocab":{"a":0}}})", "merges"},
                    Hostile{"NoModel", R"({"version":"1.0","added_tokens":[]})", "model"},
                    Hostile{"ModelIsAList", R"({"version":"1.0","model":[]})", "model"},
                    Hostile{"PartTwice", with_part(R"("decoder":null,"decoder":null)"), "decoder"},
                    Hostile{"PartIsAText", with_part(R"("decoder":"ByteLevel")"), "decoder"},
                    Hostile{"PartWithoutType", with_part(R"("normalizer":{})"), "type"},
                    Hostile{"DeepPart", with_part(R"("normalizer":)" + std::string(100'000, '[')), "levels"},
                    Hostile{"HugePart", with_part(R"("normalizer":")" + std::string(3'000'000, 'a') + "\""), "bytes"},
                    Hostile{"PartInAPart",
                            with_part(R"("decoder":{"type":"Sequence","decoders":[{"type":"Sequence","decoders":[{"type":"CTC"}]}]})"),
                            "CTC"},
                    Hostile{"TooManyParts",
                            with_part(R"("decoder":{"type":"Sequence","decoders":[)" + [] {
                              std::string many = R"({"type":"Fuse"})";
                              for (int i = 0; i < 100; ++i) many += R"(,{"type":"Fuse"})";
                              return many;
                            }() + "]}"),
                            "decoders"},
                    Hostile{"TextBehind", tokenizer_json(R"({"a":0})") + "{}", "nothing more"}),
    print_name);

/// tokenizer.json files of some 30 MB, as large as real ones get: what is refused costs little, and so does what is right.
std::string filled(const std::string& start, const std::function<std::string(size_t)>& unit, const std::string& end) {
  std::string text = start;
  for (size_t i = 0; text.size() < 30'000'000; ++i) text += (i ? "," : "") + unit(i);
  return text + end;
}

struct HugeTokenizer {
  std::string name;
  std::string (*text)();
  std::string says;
};
void PrintTo(const HugeTokenizer& huge, std::ostream* out) { *out << huge.name; }

class HugeTokenizers : public testing::TestWithParam<HugeTokenizer> {};
TEST_P(HugeTokenizers, CostLittle) {
  const ScratchFolder folder;
  const fs::path path = folder / "tokenizer.json";
  write_atomic(path, GetParam().text());
  const Cost cost = cost_of_reading([&] { Tokenizer{path}; });
  if (GetParam().says.empty())
    EXPECT_STREQ(cost.error, "");
  else
    EXPECT_THAT(std::string(cost.error), AllOf(HasSubstr(path.string()), HasSubstr(GetParam().says), Not(HasSubstr("\n"))));
  const double mb = double(fs::file_size(path)) / 1e6, grown_mb = double(cost.grown_kb) * 1024 / 1e6;
  EXPECT_GT(grown_mb, 0.9 * mb);  // the file itself
  EXPECT_LT(grown_mb, 2 * mb + 80);  // the tables of merges, whose number is limited
  EXPECT_LT(cost.seconds, 3);
  RecordProperty("grown_mb", fmt::format("{:.0f}", grown_mb));
  RecordProperty("seconds", fmt::format("{:.3f}", cost.seconds));
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HugeTokenizers,
    testing::Values(
        HugeTokenizer{"Deep", [] { return std::string(30'000'000, '['); }, "an object"},
        HugeTokenizer{"DeepModel", [] { return R"({"version":"1.0","model":)" + std::string(30'000'000, '['); }, "64 levels"},
        HugeTokenizer{"OnePiece", [] { return tokenizer_json("{\"" + std::string(30'000'000, 'a') + "\":0}"); }, ""},
        HugeTokenizer{"OneUnknownKey", [] { return "{\"" + std::string(30'000'000, 'a') + "\":0}"; }, "version"},
        HugeTokenizer{"Words",
                      [] {
                        return filled(R"({"version":"1.0","model":{"type":"WordLevel","unk_token":"u","vocab":{)",
                                      [](size_t i) { return fmt::format("\"piece number {}\":{}", i, i); }, "}}}");
                      },
                      ""},
        HugeTokenizer{"PiecesWithScores",
                      [] {
                        return filled(R"({"version":"1.0","model":{"type":"Unigram","unk_id":0,"vocab":[)",
                                      [](size_t i) { return fmt::format("[\"piece {}\",-10.123456789012345]", i); }, "]}}");
                      },
                      ""},
        HugeTokenizer{"Merges",
                      [] {
                        return filled(R"({"version":"1.0","model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[)",
                                      [](size_t) { return std::string("\"a b\""); }, "]}}");
                      },
                      "merges"},
        HugeTokenizer{"AddedTokens",
                      [] {
                        return filled(R"({"version":"1.0","model":{"type":"WordLevel","unk_token":"u","vocab":{"a":0}},"added_tokens":[)",
                                      [](size_t i) { return added_token(std::to_string(i + 1), fmt::format("<{}>", i)); }, "]}");
                      },
                      "added tokens"}),
    [](const auto& info) { return info.param.name; });

class HostileCard : public HostileTest {};
TEST_P(HostileCard, IsRefused) {
  expect_refused("card.toml", [](const fs::path& path) { read_toml(path); });
}
std::string dotted(size_t keys) {
  std::string key = "a";
  for (size_t i = 1; i < keys; ++i) key += ".a";
  return key;
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileCard,
    testing::Values(Hostile{"KeyTwice", "a = 1\na = 2\n", ":2:"}, Hostile{"TableTwice", "[a]\n[b]\n[a]\n", ":3:"},
                    Hostile{"Date", "a = 1979-05-27\n", ":1:5"}, Hostile{"Time", "a = 07:32:00\n", ":1:5"},
                    Hostile{"DateTime", "a = 1979-05-27T07:32:00Z\n", ":1:5"}, Hostile{"NotANumber", "a = nan\n", ":1:5"},
                    Hostile{"Infinite", "a = [1.0, -inf]\n", ":1:11"},
                    Hostile{"Over64Bits", "a = 9223372036854775808\n", ":1:"},
                    Hostile{"DeepLists", "a = " + std::string(100'000, '['), ":1:"},
                    Hostile{"LevelsOver64", "a = " + std::string(70, '[') + std::string(70, ']'), "64 levels"},
                    Hostile{"DeepDots", dotted(100'000) + " = 1\n", "dots"},
                    Hostile{"DeepTable", "[" + dotted(400'000) + "]\n", "dots"},
                    Hostile{"DotsOver64", dotted(4000) + " = 1\n", "64 levels"},
                    Hostile{"NotUtf8", "a = \"\xff\"\n", "UTF-8"}, Hostile{"KeyNotUtf8", "\"\xc3\" = 1\n", "UTF-8"},
                    Hostile{"SurrogateHalf", "a = \"\\ud800\"\n", ":1:"}, Hostile{"LetterBehindNumber", "a = 1é\n", ":1:"},
                    Hostile{"LetterAsKey", "é = 1\n", ":1:"}, Hostile{"ThreeBrackets", "[[[1]]]\n"},
                    Hostile{"OddTableName", "[&"}, Hostile{"NullByte", std::string("a = \"\0\"\n", 8), ":1:"},
                    Hostile{"OpenText", "a = \"x\n", ":1:"}, Hostile{"OpenTable", "[a\nb = 1\n", ":1:"},
                    Hostile{"NoValue", "a\n", ":1:"}, Hostile{"Json", "{\"a\": 1}\n", ":1:1"},
                    Hostile{"TwoMegabytes", "a = \"" + std::string(2'000'000, 'x') + "\"\n", "at most"}),
    print_name);

}  // namespace
}  // namespace fairfight
