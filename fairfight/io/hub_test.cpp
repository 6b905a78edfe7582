#include "fairfight/io/hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

void write_tensor(const fs::path& path, const std::string& name, float value) {
  SafetensorsWriter writer;
  writer.add(name, Dtype::f32, {1}, &value);
  writer.write(path);
}

void write_single(const fs::path& folder) {
  fs::create_directories(folder);
  write_atomic(folder / "config.json", R"({"model_type": "llama"})");
  write_tensor(folder / "model.safetensors", "w", 3);
}

void write_sharded(const fs::path& folder, const std::string& index) {
  fs::create_directories(folder);
  write_atomic(folder / "config.json", "{}");
  write_tensor(folder / "model-00001-of-00002.safetensors", "a", 1);
  write_tensor(folder / "model-00002-of-00002.safetensors", "b", 2);
  write_atomic(folder / "model.safetensors.index.json", index);
}

constexpr auto kIndex = R"({"metadata": {"total_size": 8}, "weight_map": {"b": "model-00002-of-00002.safetensors",
                            "a": "model-00001-of-00002.safetensors"}})";

float read_one(const Checkpoint& checkpoint, const std::string& name) {
  float value = 0;
  EXPECT_EQ(checkpoint.find(name).bytes(), sizeof value);
  checkpoint.read(name, &value);
  return value;
}

TEST(FindModel, TakesAFolder) {
  const ScratchFolder folder;
  write_single(folder.path());
  ModelFolder model = find_model(folder.path().string());
  EXPECT_EQ(model.folder, folder.path());
  EXPECT_EQ(model.config["model_type"], "llama");
  EXPECT_THAT(model.weights, ElementsAre(folder / "model.safetensors"));
  EXPECT_EQ(model.tokenizer, std::nullopt);
  EXPECT_EQ(model.revision, "");
  write_atomic(folder / "tokenizer.json", "{}");
  EXPECT_EQ(find_model(folder.path().string()).tokenizer, folder / "tokenizer.json");
}

class FindModelInCache : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(FindModelInCache, FollowsTheReferenceToTheSnapshot) {
  const ScratchFolder home;
  const auto [variable, hub] = GetParam();
  const Environment no_cache("HF_HUB_CACHE", nullptr), no_old_cache("HUGGINGFACE_HUB_CACHE", nullptr), no_home("HF_HOME", nullptr), no_xdg("XDG_CACHE_HOME", nullptr);
  const Environment chosen(variable, home.path().c_str());
  const fs::path stored = home.path() / hub / "models--org--tiny.model-1";
  EXPECT_THAT(error_of([] { find_model("org/tiny.model-1"); }), HasSubstr("hf download org/tiny.model-1"));
  fs::create_directories(stored / "refs");
  write_atomic(stored / "refs/main", "0123abcd\n");
  EXPECT_THAT(error_of([] { find_model("org/tiny.model-1"); }), HasSubstr("hf download org/tiny.model-1"));
  write_single(stored / "snapshots/0123abcd");
  const ModelFolder model = find_model("org/tiny.model-1");
  EXPECT_EQ(model.revision, "0123abcd");
  EXPECT_EQ(model.folder, stored / "snapshots/0123abcd");
  EXPECT_EQ(read_one(Checkpoint(model.folder), "w"), 3);
}

INSTANTIATE_TEST_SUITE_P(Homes, FindModelInCache,
                         testing::Values(std::pair("HF_HUB_CACHE", ""), std::pair("HUGGINGFACE_HUB_CACHE", ""), std::pair("HF_HOME", "hub"),
                                         std::pair("XDG_CACHE_HOME", "huggingface/hub"),
                                         std::pair("HOME", ".cache/huggingface/hub")),
                         [](const auto& info) { return info.param.first; });

/// What huggingface_hub's constants.py makes of the same variables (HF_HUB_CACHE).
TEST(FindModel, LooksWhereHuggingFaceDoes) {
  struct Case {
    const char *cache, *old_cache, *home, *xdg, *expected;
  };
  const Environment me("HOME", "/me"), disk("DISK", "/disk"), none("NOWHERE", nullptr);
  for (const Case& c : {Case{"/a", "/b", "/c", "/d", "/a"}, Case{nullptr, "/b", "/c", "/d", "/b"}, Case{nullptr, nullptr, "/c", "/d", "/c/hub"},
                        Case{nullptr, nullptr, nullptr, "/d", "/d/huggingface/hub"}, Case{nullptr, nullptr, nullptr, nullptr, "/me/.cache/huggingface/hub"},
                        Case{"~/a", nullptr, nullptr, nullptr, "/me/a"}, Case{"~", nullptr, nullptr, nullptr, "/me"}, Case{"/x/~/a", nullptr, nullptr, nullptr, "/x/~/a"},
                        Case{nullptr, "$DISK/b", nullptr, nullptr, "/disk/b"}, Case{nullptr, nullptr, "${DISK}s/$NOWHERE/${NOWHERE}/$", nullptr, "/disks/$NOWHERE/${NOWHERE}/$/hub"},
                        Case{nullptr, nullptr, nullptr, "~/$DISK", "/me//disk/huggingface/hub"}, Case{"~nobody-here/a", nullptr, nullptr, nullptr, "~nobody-here/a"}}) {
    const Environment cache("HF_HUB_CACHE", c.cache), old_cache("HUGGINGFACE_HUB_CACHE", c.old_cache), home("HF_HOME", c.home), xdg("XDG_CACHE_HOME", c.xdg);
    EXPECT_THAT(error_of([] { find_model("org/none"); }), HasSubstr(std::string("in the cache ") + c.expected + ";"));
  }
}

TEST(FindModel, TakesANameWithoutAnOwner) {
  const ScratchFolder cache;
  const Environment chosen("HF_HUB_CACHE", cache.path().c_str());
  fs::create_directories(cache / "models--gpt2/refs");
  write_atomic(cache / "models--gpt2/refs/main", "abc");
  write_single(cache / "models--gpt2/snapshots/abc");
  EXPECT_EQ(find_model("gpt2").revision, "abc");
}

TEST(FindModel, NeverLeavesTheCache) {
  const ScratchFolder cache;
  const Environment chosen("HF_HUB_CACHE", cache.path().c_str());
  fs::create_directories(cache / "models--org--m/refs");
  write_single(cache / "elsewhere");
  write_atomic(cache / "models--org--m/refs/main", "../../elsewhere");
  EXPECT_THAT(error_of([] { find_model("org/m"); }), HasSubstr("../../elsewhere"));
  for (const std::string name : {"", "../m", "org/../m", "/nowhere", "a/b/c", "a b", "a\nb", "org/"})
    EXPECT_THAT(error_of([&] { find_model(name); }), AllOf(HasSubstr("no such folder"), Not(HasSubstr("\n")))) << name;
  EXPECT_NE(error_of([] { find_model(std::string(10'000, 'a')); }), "");
}

TEST(FindModel, SaysWhatAFolderLacks) {
  const ScratchFolder folder;
  const auto error = [&] { return error_of([&] { find_model(folder.path().string()); }); };
  EXPECT_THAT(error(), HasSubstr("config.json"));
  write_atomic(folder / "config.json", "{}");
  write_atomic(folder / "pytorch_model.bin", "pickle");
  EXPECT_THAT(error(), AllOf(HasSubstr("pickle"), HasSubstr("convert them once with: python3"), Not(HasSubstr("\n"))));
  write_tensor(folder / "model.safetensors", "w", 1);
  EXPECT_EQ(error(), "");
  write_atomic(folder / "config.json", "[]");
  EXPECT_THAT(error(), HasSubstr("config.json"));
}

TEST(Checkpoint, IsOneViewOverItsShards) {
  const ScratchFolder folder;
  write_sharded(folder.path(), kIndex);
  EXPECT_THAT(find_model(folder.path().string()).weights,
              ElementsAre(folder / "model-00001-of-00002.safetensors", folder / "model-00002-of-00002.safetensors"));
  const Checkpoint checkpoint(folder.path());
  EXPECT_THAT(checkpoint.names(), ElementsAre("a", "b"));
  EXPECT_EQ(read_one(checkpoint, "a"), 1);
  EXPECT_EQ(read_one(checkpoint, "b"), 2);
  EXPECT_FALSE(checkpoint.has("c"));
  EXPECT_THAT(error_of([&] { checkpoint.find("c"); }), AllOf(HasSubstr("\"c\""), HasSubstr(folder.path().string())));
}

TEST(Checkpoint, HashesItsFiles) {
  const ScratchFolder folder;
  write_single(folder / "single");
  EXPECT_EQ(Checkpoint(folder / "single").sha256(), sha256_file(folder / "single/model.safetensors"));
  write_sharded(folder / "sharded", kIndex);
  const std::string before = Checkpoint(folder / "sharded").sha256();
  EXPECT_EQ(Checkpoint(folder / "sharded").sha256(), before);
  write_tensor(folder / "sharded/model-00002-of-00002.safetensors", "b", 2.5);
  EXPECT_NE(Checkpoint(folder / "sharded").sha256(), before);
}

TEST(Checkpoint, RefusesAnIndexThatLies) {
  const ScratchFolder folder;
  const auto error = [&](const std::string& weight_map) {
    write_sharded(folder.path(), R"({"weight_map": )" + weight_map + "}");
    return error_of([&] { Checkpoint{folder.path()}; });
  };
  EXPECT_THAT(error(R"({"a": "model-00002-of-00002.safetensors"})"), AllOf(HasSubstr("\"a\""), HasSubstr("model-00002")));
  EXPECT_THAT(error(R"({"a": "missing.safetensors"})"), HasSubstr("missing.safetensors"));
  EXPECT_THAT(error(R"({"a": "../model.safetensors"})"), AllOf(HasSubstr("\"a\""), HasSubstr("plain file name")));
  EXPECT_THAT(error(R"({"a": "/etc/passwd"})"), HasSubstr("plain file name"));
}

}  // namespace
}  // namespace fairfight
