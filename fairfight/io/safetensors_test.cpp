#include "fairfight/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <thread>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kReferenceFile = fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference/huggingface.safetensors";

template <class T>
std::vector<T> read(const SafetensorsFile& file, const std::string& name) {
  const TensorInfo& tensor = file.find(name);
  std::vector<T> values(tensor.bytes() / sizeof(T));
  file.read(tensor, values.data());
  return values;
}

SafetensorsHeader parse(std::string_view json, size_t payload) {
  const std::string bytes = safetensors_bytes(json, payload);
  return parse_safetensors_header(bytes, bytes.size(), "m.safetensors");
}

TEST(SafetensorsHeader, KnowsEveryDtype) {
  const std::vector<std::pair<std::string, uint64_t>> sizes{{"I64", 8}, {"F64", 8}, {"F32", 4}, {"I32", 4}, {"BF16", 2}, {"F16", 2}, {"I16", 2}, {"I8", 1}, {"U8", 1}, {"BOOL", 1}};
  for (const auto& [name, size] : sizes) {
    const auto header =
        parse(fmt::format(R"({{"w":{{"dtype":"{}","shape":[3],"data_offsets":[0,{}]}}}})", name, 3 * size), 3 * size);
    EXPECT_EQ(name_of(header.tensors.at(0).dtype), name);
    EXPECT_EQ(size_of(header.tensors.at(0).dtype), size);
  }
}

TEST(SafetensorsHeader, SortsByOffsetAndTakesScalarsAndEmptyTensors) {
  const auto header =
      parse(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},
                                "__metadata__":{"k":"v"},"none":{"dtype":"F32","shape":[5,0],"data_offsets":[1,1]}}   )",
            3);
  ASSERT_EQ(header.tensors.size(), 3u);
  EXPECT_EQ(header.tensors[0].name, "a");
  EXPECT_EQ(header.tensors[1].name, "none");
  EXPECT_EQ(header.tensors[2].name, "b");
  EXPECT_THAT(header.tensors[1].shape, ElementsAre(5, 0));
  EXPECT_EQ(header.metadata.at("k"), "v");
}

TEST(SafetensorsHeader, TakesAFileWithoutTensors) {
  EXPECT_TRUE(parse("{}", 0).tensors.empty());
  EXPECT_TRUE(parse(R"({"__metadata__":{}})", 0).metadata.empty());
}

// Element i of every tensor of the reference is i, whatever its dtype.
TEST(SafetensorsFile, ReadsWhatHuggingFaceWrote) {
  const SafetensorsFile file(kReferenceFile);
  EXPECT_EQ(file.header().metadata.at("format"), "np");
  EXPECT_THAT(file.find("a.float64").shape, ElementsAre(2, 3));
  EXPECT_THAT(read<double>(file, "a.float64"), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(read<float>(file, "a.float32"), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
  EXPECT_THAT(read<uint16_t>(file, "a.float16"), ElementsAre(0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600));
  EXPECT_THAT(read<int64_t>(file, "a.int64"), ElementsAre(0, 1, 2));
  EXPECT_THAT(read<int32_t>(file, "a.int32"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(read<int16_t>(file, "a.int16"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(read<int8_t>(file, "a.int8"), ElementsAre(0, 1, 2));
  EXPECT_THAT(read<uint8_t>(file, "a.uint8"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(read<uint8_t>(file, "a.bool"), ElementsAre(0, 1, 1));
  EXPECT_THAT(read<float>(file, "scalar"), ElementsAre(7));
  EXPECT_THAT(read<float>(file, "Größe"), ElementsAre(1.5));
  EXPECT_THAT(file.find("empty").shape, ElementsAre(0, 4));
  EXPECT_TRUE(read<float>(file, "empty").empty());
}

TEST(SafetensorsWriter, WritesTheBytesThatHuggingFaceWrites) {
  const SafetensorsFile file(kReferenceFile);
  std::map<std::string, std::vector<char>> data;
  for (const auto& tensor : file.header().tensors) data[tensor.name] = read<char>(file, tensor.name);
  SafetensorsWriter writer;
  for (const auto& [name, bytes] : data) writer.add(name, file.find(name).dtype, file.find(name).shape, bytes.data());
  writer.metadata("format", "np");
  const ScratchFolder folder;
  writer.write(folder / "ours.safetensors");
  EXPECT_EQ(read_file(folder / "ours.safetensors"), read_file(kReferenceFile));
}

TEST(SafetensorsWriter, AlignsEveryTensorInWhateverOrderItCame) {
  const std::vector<double> numbers{1, -2, NAN, INFINITY};
  const ScratchFolder folder;
  const auto write = [&](const fs::path& path, std::vector<std::pair<std::string, Dtype>> tensors) {
    SafetensorsWriter writer;
    writer.metadata("k", "line\nline \"quoted\" 猫");
    for (const auto& [name, dtype] : tensors) writer.add(name, dtype, {3}, numbers.data());
    writer.write(path);
  };
  write(folder / "a", {{"x", Dtype::u8}, {"b", Dtype::bf16}, {"a", Dtype::f64}, {"c", Dtype::f32}, {"b2", Dtype::bf16}});
  write(folder / "b", {{"b2", Dtype::bf16}, {"c", Dtype::f32}, {"a", Dtype::f64}, {"x", Dtype::u8}, {"b", Dtype::bf16}});
  EXPECT_EQ(read_file(folder / "a"), read_file(folder / "b"));
  const SafetensorsFile file(folder / "a");
  for (const auto& tensor : file.header().tensors)
    EXPECT_EQ((file.header().data_start + tensor.begin) % size_of(tensor.dtype), 0u) << tensor.name;
  EXPECT_EQ(file.header().metadata.at("k"), "line\nline \"quoted\" 猫");
  const auto back = read<double>(file, "a");
  EXPECT_EQ(back[1], -2);
  EXPECT_TRUE(std::isnan(back[2]));  // allowed by the format; who uses the numbers checks them
}

TEST(SafetensorsWriter, WritesNothingThatItWouldNotRead) {
  const ScratchFolder folder;
  const float one = 1;
  const auto error_with_names = [&](std::vector<std::string> names) {
    SafetensorsWriter writer;
    for (const auto& name : names) writer.add(name, Dtype::f32, {1}, &one);
    return error_of([&] { writer.write(folder / "a"); });
  };
  EXPECT_THAT(error_with_names({"w", "v", "w"}), HasSubstr("\"w\""));
  EXPECT_THAT(error_with_names({"__metadata__"}), HasSubstr("__metadata__"));
  EXPECT_THAT(error_with_names({"\xff"}), HasSubstr("UTF-8"));
  EXPECT_THAT(error_of([&] {
                SafetensorsWriter().add("w", Dtype::f32, {1ull << 40, 1ull << 40}, &one);
              }),
              HasSubstr("overflows"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(SafetensorsFile, ReadsAPartOfATensor) {
  const SafetensorsFile file(kReferenceFile);
  const TensorInfo& tensor = file.find("a.float32");
  std::array<float, 3> row;
  file.read(tensor, 2 * sizeof row, sizeof row, row.data());
  EXPECT_THAT(row, ElementsAre(6, 7, 8));
  EXPECT_THAT(error_of([&] { file.read(tensor, 56, 8, row.data()); }), HasSubstr("56 to 64 of 60"));
  EXPECT_NE(error_of([&] { file.read(tensor, UINT64_MAX, 2, row.data()); }), "");
}

TEST(SafetensorsFile, APointerOfGitLfsIsCalledOne) {
  const ScratchFolder folder;
  write_atomic(folder / "a", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 123\n");
  EXPECT_THAT(error_of([&] { SafetensorsFile(folder / "a"); }), HasSubstr("git lfs pull"));
}

TEST(SafetensorsFile, NamesWhatItDoesNotHave) {
  const SafetensorsFile file(kReferenceFile);
  EXPECT_TRUE(file.has("scalar"));
  EXPECT_FALSE(file.has("missing"));
  EXPECT_THAT(error_of([&] { file.find("missing"); }), AllOf(HasSubstr("huggingface.safetensors"), HasSubstr("missing")));
  EXPECT_THAT(error_of([] { SafetensorsFile("/nowhere/m.safetensors"); }), HasSubstr("/nowhere/m.safetensors"));
  EXPECT_THAT(error_of([] { SafetensorsFile("/dev/zero"); }), HasSubstr("not a regular file"));
}

TEST(SafetensorsFile, AFileThatShrinksIsAnError) {
  const ScratchFolder folder;
  const fs::path path = folder / "m.safetensors";
  fs::copy_file(kReferenceFile, path);
  const SafetensorsFile file(path);
  fs::resize_file(path, fs::file_size(path) - 4);
  EXPECT_EQ(read<int64_t>(file, "a.int64").size(), 3u);
  EXPECT_THAT(error_of([&] { read<uint8_t>(file, "a.uint8"); }), AllOf(HasSubstr("m.safetensors"), HasSubstr("shrank")));
}

TEST(SafetensorsFile, MovesWithItsFile) {
  SafetensorsFile first(kReferenceFile);
  const SafetensorsFile second(std::move(first));
  EXPECT_THAT(read<float>(second, "scalar"), ElementsAre(7));
}

}  // namespace
}  // namespace fairfight
