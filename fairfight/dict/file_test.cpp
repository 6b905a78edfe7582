#include "fairfight/dict/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

class DictionaryFile : public testing::Test {
 protected:
  DictionaryFile() {
    note.settings.width = 20;
    note.settings.k = 2;
    note.settings.tokens = note.settings.batch = 64;
    save_dictionary(path, *learn(MemoryRows(random_unit_rows(64, 6, Random(1, "rows")), 1), note.settings), note);
    whole = read_tensors(path);
  }

  /// The error of loading the file with one change made to it.
  template <class Change>
  std::string error_with(Change change) {
    TensorFile file = whole;
    for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
    change(file);
    write_tensors(path, file);
    return error_of([&] { load_dictionary(path); });
  }

  ScratchFolder folder;
  std::filesystem::path path = folder / "dictionary.safetensors";
  DictionaryNote note{"blocks.0.hook_resid_post", "0123", {}, true};
  TensorFile whole;
};

TEST_F(DictionaryFile, KeepsItsNote) {
  const auto loaded = load_dictionary(path);
  EXPECT_EQ(loaded.note.site, note.site);
  EXPECT_EQ(loaded.note.model_sha256, note.model_sha256);
  EXPECT_EQ(to_json(loaded.note.settings), to_json(note.settings));
  EXPECT_TRUE(loaded.note.bos);
}

TEST_F(DictionaryFile, IsTheSameFileTwice) {
  const auto bytes = read_file(path);
  save_dictionary(path, *load_dictionary(path).dictionary, note);
  EXPECT_EQ(read_file(path), bytes);
}

TEST_F(DictionaryFile, ExpectsItsNote) {
  auto other = note;
  other.settings.seed = 9;
  EXPECT_THAT(error_of([&] { load_dictionary(path, other); }), HasSubstr("another run"));
  other = note;
  other.site = "blocks.1.hook_resid_post";
  EXPECT_THAT(error_of([&] { load_dictionary(path, other); }), HasSubstr("site"));
  other = note;
  other.bos = false;
  EXPECT_THAT(error_of([&] { load_dictionary(path, other); }), HasSubstr("its bos is true, expected false"));
}

TEST_F(DictionaryFile, RefusesWrongTensors) {
  EXPECT_THAT(error_with([](auto& f) { f.tensors.erase("W_enc"); }), HasSubstr("\"W_enc\" is missing"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["extra"] = at::zeros({1}); }), HasSubstr("no place"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["W_enc"] = f.tensors["W_enc"].t(); }), HasSubstr("expected Float [20, 6]"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["b_enc"] = f.tensors["b_enc"].to(at::kDouble); }),
              HasSubstr("expected Float"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["W_enc"][1][1] = NAN; }), HasSubstr("not finite"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["W_dec"][4] *= 1.1; }), HasSubstr("row 4 of W_dec has norm 1.1"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["W_dec"] = at::zeros({0, 6}); }), HasSubstr("expected [width, d_model]"));
  EXPECT_THAT(error_with([](auto& f) { f.tensors["k"].fill_(21); }), HasSubstr("k: got 21, expected 1 to 20"));
}

TEST_F(DictionaryFile, RefusesWrongMetadata) {
  const auto replaced = [](TensorFile& f, std::string_view what, std::string_view by) {
    auto& text = f.metadata.at("fairfight.dictionary");
    text.replace(text.find(what), what.size(), by);
  };
  EXPECT_THAT(error_with([](auto& f) { f.metadata.clear(); }), HasSubstr("not a dictionary of fairfight"));
  EXPECT_THAT(error_with([&](auto& f) { replaced(f, "topk", "sae"); }), HasSubstr("expected one of: topk"));
  EXPECT_THAT(error_with([&](auto& f) { replaced(f, "\"version\":2", "\"version\":3"); }), HasSubstr("version"));
  EXPECT_THAT(error_with([&](auto& f) { replaced(f, "\"version\":2", "\"version\":1"); }), HasSubstr("learn the dictionary anew"));
  EXPECT_THAT(error_with([&](auto& f) { replaced(f, "\"site\"", "\"size\""); }), HasSubstr("site"));
}

}  // namespace
}  // namespace fairfight
