#include <fstream>

#include "fairfight/io/cost_testing.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/testing.h"

namespace fairfight {
namespace {

// Headers of about the 100 MB that the format allows.

constexpr size_t kHuge = 99'999'000;

std::string filled_header(const std::string& start, const std::string& unit, const std::string& end = "") {
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

class HugeHeader : public testing::TestWithParam<Huge> {};
TEST_P(HugeHeader, CostsLittle) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "m.safetensors";
  {
    const std::string header = GetParam().text();
    ASSERT_GT(header.size(), 60'000'000u);
    ASSERT_LE(header.size(), 100'000'000u);
    std::ofstream(path, std::ios::binary) << length_bytes(header.size()) << header;
  }
  // beside the header the table's entries, whose number is limited; 0.1 to 0.8 s on an idle machine
  expect_little(path, [&] { SafetensorsFile{path}; }, GetParam().says, {.mb = 24, .seconds = 2});
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HugeHeader,
    testing::Values(
        Huge{"NestedLists", [] { return filled_header("{\"w\":", "["); }, "\"w\": byte 5: got an array"},
        Huge{"NestedListsInAShape", [] { return filled_header("{\"w\":{\"shape\":[", "["); }, "\"w\".\"shape\""},
        Huge{"NestedObjects", [] { return filled_header("{\"w\":", "{\"shape\":"); }, "\"w\".\"shape\""},
        Huge{"OnlySpace", [] { return filled_header("{", " "); }, "the end of the text"},
        Huge{"OpenText", [] { return filled_header("{\"", "w"); }, "closing quote"},
        Huge{"OneName", [] { return filled_header("{\"", "w", "\":null}"); }, "www...\""},
        Huge{"OneNameOfEscapes", [] { return filled_header("{\"", "\\u732b", "\":null}"); }, "猫猫..."},
        Huge{"OneNameNotUtf8AtItsEnd", [] { return filled_header("{\"", "w", "\xff\":null}"); }, "UTF-8"},
        Huge{"OneDtype", [] { return filled_header("{\"w\":{\"dtype\":\"", "F", "\"}}"); }, "dtype FFF"},
        Huge{"OneKey", [] { return filled_header("{\"w\":{\"", "F", "\":1}}"); }, "unknown key \"FFF"},
        Huge{"OneNumber", [] { return filled_header("{\"w\":{\"shape\":[", "1", "]}}"); }, "got 111"},
        Huge{"OneShape", [] { return filled_header("{\"w\":{\"dtype\":\"U8\",\"shape\":[", "0,", "0]}}"); }, "at most 16"},
        Huge{"OneMetadata", [] { return filled_header("{\"__metadata__\":{\"k\":\"", "v", "\"},\"w\":0}"); }, "\"w\""},
        Huge{"TinyTensors",
             [] {
               return numbered([](size_t i) { return tensor_entry(fmt::format("{:x}", i), "U8", "0", "0,0"); }, SIZE_MAX,
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
               const std::string last = tensor_entry(kLongName, "U8", "0", "0,0");
               return numbered(
                   [](size_t i) { return tensor_entry(kLongName + fmt::format("{}", i * 7919 % kMany), "U8", "0", "0,0"); },
                   kMany, last + "," + last);
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
                     return tensor_entry(fmt::format("{}{}", std::string(600, 'v'), i), "U8",
                                         "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", "0,0");
                   },
                   kMany, tensor_entry("w", "U8", "0", "1,1"));
             },
             "\"w\" begins at byte 1"},
        // what is right is taken, for no more
        Huge{"RightWithOneMetadata", [] { return filled_header("{\"__metadata__\":{\"k\":\"", "v", "\"}}"); }, ""},
        Huge{"RightWithOneName",
             [] { return filled_header("{\"", "w", "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"); }, ""}),
    name_of_huge);

}  // namespace
}  // namespace fairfight
