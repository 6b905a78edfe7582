#include "fairfight/model/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "fairfight/base/hash.h"
#include "fairfight/base/note.h"
#include "fairfight/model/checkpoint_testing.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kQuery = "model.layers.1.self_attn.q_proj.weight";

TEST(Checkpoint, SaveAndLoadAreExactForBfloat16Weights) {
  for (const auto& config : {small_llama(true), small_llama(false), small_gpt2(true), small_gpt2(false)}) {
    const ScratchFolder folder;
    const auto model = rounded_to_bfloat16(random_model(config));
    save_model(model, folder.path());
    const auto loaded = load_model(folder.path().string());
    expect_same_model(loaded.model, model);
    EXPECT_EQ(loaded.sha256, sha256_file(folder / "model.safetensors"));
    EXPECT_EQ(loaded.model.weights().unembed.is_same(loaded.model.weights().embed), config.tied);
  }
}

TEST(Checkpoint, SavingRoundsToTheNearestBfloat16) {
  const auto model = random_model(small_gpt2(true));
  const ScratchFolder folder;
  save_model(model, folder.path());
  expect_same_model(load_model(folder.path().string()).model, rounded_to_bfloat16(model));
  EXPECT_FALSE(at::equal(rounded_to_bfloat16(model).weights().embed, model.weights().embed));
}

TEST(Checkpoint, ReadsEveryFloatingPointDtype) {
  const auto expected = rounded_to_bfloat16(random_model(small_llama(false)));
  for (auto dtype : {at::kFloat, at::kDouble, at::kHalf}) {
    SavedModel saved(small_llama(false));
    saved.tensors([&](auto& tensors) {
      for (auto& [name, tensor] : tensors) tensor = tensor.to(dtype);
    });
    const auto loaded = load_model(saved.path()).model;
    EXPECT_LT((loaded.weights().embed - expected.weights().embed).abs().max().item<double>(), 1e-6) << dtype;
  }
}

TEST(Checkpoint, ReadsShards) {
  const SavedModel whole(small_llama(false));
  expect_same_model(load_model(SavedModel(small_llama(false)).shard().path()).model, load_model(whole.path()).model);
}

TEST(Checkpoint, ReadsAFileThatWasSavedWithoutAHead) {  // gpt2 on the hub: "h.0.ln_1.weight", and masks as tensors
  SavedModel saved(small_gpt2(true));
  const auto expected = load_model(saved.path()).model;
  saved.tensors([](auto& tensors) {
    std::map<std::string, at::Tensor> bare{{"h.0.attn.bias", at::ones({1, 1, 8, 8}).tril()}};
    for (const auto& [name, tensor] : tensors) bare[name.substr(std::string("transformer.").size())] = tensor;
    tensors = std::move(bare);
  });
  expect_same_model(load_model(saved.path()).model, expected);
}

TEST(Checkpoint, ReadsATiedHeadOnlyIfItIsTheEmbedding) {
  SavedModel saved(small_llama(true));
  saved.tensors([](auto& tensors) { tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone(); });
  EXPECT_EQ(saved.error(), "");
  saved.tensors([](auto& tensors) { tensors["lm_head.weight"][2][3] += 1; });
  EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr("ties lm_head.weight")));
}

TEST(Checkpoint, ReadsATiedEmbeddingThatOnlyTheHeadHolds) {
  for (const auto& config : {small_llama(true), small_gpt2(true)}) {
    SavedModel saved(config);
    const auto expected = load_model(saved.path()).model;
    saved.tensors([&](auto& tensors) {
      auto embed = tensors.extract(config.arch == "gpt2" ? "transformer.wte.weight" : "model.embed_tokens.weight");
      embed.key() = "lm_head.weight";
      tensors.insert(std::move(embed));
    });
    expect_same_model(load_model(saved.path()).model, expected);
  }
  SavedModel none(small_llama(true));
  none.tensors([](auto& tensors) { tensors.erase("model.embed_tokens.weight"); });
  EXPECT_THAT(none.error(), HasSubstr("model.embed_tokens.weight is missing"));
}

/// The embedding would give plausible numbers of another model.
TEST(Checkpoint, AnUntiedHeadThatIsMissingIsNotTheEmbedding) {
  SavedModel saved(small_llama(false));
  ASSERT_EQ(saved.error(), "");
  saved.tensors([](auto& tensors) { tensors.erase("lm_head.weight"); });
  EXPECT_THAT(saved.error(), HasSubstr("lm_head.weight is missing"));
}

/// A text that has one of the others is refused, and names the piece; the other texts are read.
TEST(Checkpoint, ATokenizerMayHavePiecesThatTheModelHasNoRowFor) {
  SavedModel saved(small_llama(true));  // 11 rows
  std::vector<std::string> words;
  for (int i = 0; i < 12; ++i) words.push_back(fmt::format("w{}", i));
  write_atomic(saved.file("tokenizer.json"), dump_json(word_level_json(words, {})));
  std::vector<std::string> notes;
  hear_notes([&](const std::string& text) { notes.push_back(text); });
  const Tokenizer tokenizer = tokenizer_of(load_model(saved.path()));
  hear_notes(nullptr);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("12 pieces, the model rows for 11")));
  EXPECT_THAT(tokenizer.encode("w10 w0"), ElementsAre(10, 0));
  EXPECT_THAT(error_of([&] { tokenizer.encode("w0 w11"); }), AllOf(HasSubstr("\"w11\" is id 11"), HasSubstr("rows for 11")));
}

TEST(Checkpoint, NamesTheFolderAndTheTensorThatIsWrong) {
  struct Case {
    const char* reason;
    std::function<void(std::map<std::string, at::Tensor>&)> spoil;
    std::string tensor;
  };
  const Case cases[] = {
      {"is missing", [](auto& t) { t.erase(kQuery); }, kQuery},
      {"has no place", [](auto& t) { t["model.layers.2.mlp.up.weight"] = at::zeros({2}); }, "model.layers.2.mlp.up.weight"},
      {"shape [12, 18], expected [18, 12]", [](auto& t) { t[kQuery] = t[kQuery].t().contiguous(); }, kQuery},
      {"shape [216], expected [18, 12]", [](auto& t) { t[kQuery] = t[kQuery].flatten(); }, kQuery},
      {"is I32", [](auto& t) { t[kQuery] = t[kQuery].to(at::kInt); }, kQuery},
      {"is BOOL", [](auto& t) { t[kQuery] = t[kQuery].to(at::kBool); }, kQuery},
      {"a NaN or an infinity", [](auto& t) { t[kQuery][4][5] = NAN; }, kQuery},
      {"a NaN or an infinity", [](auto& t) { t["model.norm.weight"][11] = -INFINITY; }, "model.norm.weight"},
      {"a NaN or an infinity", [](auto& t) { t[kQuery] = t[kQuery].to(at::kDouble).fill_(1e300); }, kQuery},
  };
  for (const auto& [reason, spoil, tensor] : cases) {
    SavedModel saved(small_llama(false));
    saved.tensors(spoil);
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr(tensor), HasSubstr(reason), Not(HasSubstr("\n"))));
  }
}

TEST(Checkpoint, NamesTheShardThatIsWrong) {
  SavedModel gone(small_llama(true));
  std::filesystem::remove(gone.shard().file("part-1.safetensors"));
  EXPECT_THAT(gone.error(), HasSubstr("part-1.safetensors"));
  SavedModel swapped(small_llama(true));
  std::filesystem::copy_file(swapped.shard().file("part-0.safetensors"), swapped.file("part-1.safetensors"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(swapped.error(), AllOf(HasSubstr("part-1.safetensors"), HasSubstr("model.")));
}

TEST(Checkpoint, SavesWhatItHasRead) {
  for (const auto& entry : fs::directory_iterator(fs::path(FAIRFIGHT_TEST_DATA) / "parity")) {
    if (!entry.is_directory()) continue;
    const ScratchFolder folder;
    const auto model = rounded_to_bfloat16(load_model(entry.path().string()).model);
    save_model(model, folder.path());
    const auto again = load_model(folder.path().string()).model;
    EXPECT_EQ(without_source(again.config()), without_source(model.config())) << entry.path();
    const auto a = again.weights().parameters(), b = model.weights().parameters();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i)
      EXPECT_LT((a[i] - b[i]).abs().max().item<double>(), 1e-6) << entry.path() << " parameter " << i;
  }
}

TEST(Checkpoint, KeepsMatricesInBfloat16IfAsked) {
  for (const auto* name : {"gpt2", "gemma2", "phi3", "gpt_neox"}) {
    const std::string folder = (fs::path(FAIRFIGHT_TEST_DATA) / "parity" / name).string();
    const Transformer exact = load_model(folder).model,
                      half = load_model(folder, false, {.weights = Precision::bfloat16}).model;
    EXPECT_EQ(half.weights().embed.scalar_type(), at::kBFloat16);
    EXPECT_EQ(half.weights().blocks[0].ln1.w.scalar_type(), at::kFloat);
    uint64_t bytes = 0;
    for (const auto& tensor : half.weights().parameters()) bytes += tensor.nbytes();
    EXPECT_EQ(bytes, memory_of(half.config(), Precision::bfloat16).weights);
    const auto tokens = at::arange(9, at::kLong).unsqueeze(0);
    const auto p = exact.logits(tokens), q = half.logits(tokens);
    EXPECT_GT((p - q).abs().max().item<double>(), 0) << name;
    EXPECT_LT((p - q).norm().item<double>(), 0.05 * p.norm().item<double>()) << name;
    const Site result = Site::parse("blocks.1.attn.hook_result");
    EXPECT_LT((exact.at(result, tokens) - half.at(result, tokens)).norm().item<double>(),
              0.05 * exact.at(result, tokens).norm().item<double>())
        << name;
  }
}

TEST(Checkpoint, ComputesOnTheCpuOnly) {
  EXPECT_THAT(error_of([&] { load_model(SavedModel(small_llama(true)).path(), false, {.device = "cuda"}); }),
              HasSubstr("on the CPU only"));
}

}  // namespace
}  // namespace fairfight
