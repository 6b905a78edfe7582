#include "fairfight/model/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/note.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/arch.h"
#include "fairfight/model/config_keys.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/tokenizer_of.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Config llama(bool tied) {
  Config c;
  c.vocab = 11;
  c.d_model = 12;
  c.n_layers = 2;
  c.n_heads = 3;
  c.n_kv_heads = 1;
  c.d_head = 6;
  c.d_mlp = 10;
  c.n_ctx = 8;
  c.rope.theta = 1234.5;
  c.norm_eps = 1e-6;
  c.tied = tied;
  c.bos = 1;
  return c;
}

Config gpt2(bool tied) {
  Config c = llama(tied);
  c.arch = "gpt2";
  c.n_kv_heads = 3;
  c.d_head = 4;
  c.norm = Config::Norm::layer;
  c.positions = Config::Positions::learned;
  c.mlp = Config::Mlp::gelu;
  c.biases = true;
  c.rope = {};
  return c;
}

Transformer make(const Config& config) { return {config, random_weights(config, Random(3, "checkpoint_test"))}; }

Config without_source(Config config) {
  config.source.clear();
  config.notes.clear();
  return config;
}

void expect_same(const Transformer& got, const Transformer& expected) {
  EXPECT_EQ(without_source(got.config()), without_source(expected.config()));
  const auto a = got.weights().parameters(), b = expected.weights().parameters();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i], b[i])) << "parameter " << i;
}

/// A saved model that a test then spoils.
class Saved {
 public:
  explicit Saved(const Config& config) { save_model(make(config), folder_.path()); }

  std::string path() const { return folder_.path().string(); }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  std::string error() const {
    return error_of([&] { load_model(path()); });
  }

  template <class Change>
  Saved& tensors(Change change) {
    TensorFile weights = read_tensors(file("model.safetensors"));
    change(weights.tensors);
    write_tensors(file("model.safetensors"), weights);
    return *this;
  }
  Saved& config(const std::string& key, const Json& value) {
    Json json = read_json(file("config.json"));
    json[key] = value;
    write_atomic(file("config.json"), dump_json(json));
    return *this;
  }
  Saved& no_config(const std::string& key) {
    Json json = read_json(file("config.json"));
    json.erase(key);
    write_atomic(file("config.json"), dump_json(json));
    return *this;
  }
  /// Deals the tensors to two files behind an index.
  Saved& shard() {
    const TensorFile all = read_tensors(file("model.safetensors"));
    TensorFile halves[2];
    Json map = Json::object();
    for (const auto& [name, tensor] : all.tensors) {
      const size_t half = map.size() % 2;
      halves[half].tensors[name] = tensor;
      map[name] = fmt::format("part-{}.safetensors", half);
    }
    for (int half : {0, 1}) write_tensors(file(fmt::format("part-{}.safetensors", half)), halves[half]);
    write_atomic(file("model.safetensors.index.json"), dump_json({{"metadata", Json::object()}, {"weight_map", map}}));
    std::filesystem::remove(file("model.safetensors"));
    return *this;
  }

 private:
  ScratchFolder folder_;
};

const std::string kQuery = "model.layers.1.self_attn.q_proj.weight";

TEST(Checkpoint, SaveAndLoadAreExactForBfloat16Weights) {
  for (const auto& config : {llama(true), llama(false), gpt2(true), gpt2(false)}) {
    const ScratchFolder folder;
    const auto model = rounded_to_bfloat16(make(config));
    save_model(model, folder.path());
    const auto loaded = load_model(folder.path().string());
    expect_same(loaded.model, model);
    EXPECT_EQ(loaded.sha256, sha256_file(folder / "model.safetensors"));
    EXPECT_EQ(loaded.model.weights().unembed.is_same(loaded.model.weights().embed), config.tied);
  }
}

TEST(Checkpoint, SavingRoundsToTheNearestBfloat16) {
  const auto model = make(gpt2(true));
  const ScratchFolder folder;
  save_model(model, folder.path());
  expect_same(load_model(folder.path().string()).model, rounded_to_bfloat16(model));
  EXPECT_FALSE(at::equal(rounded_to_bfloat16(model).weights().embed, model.weights().embed));
}

TEST(Checkpoint, ReadsEveryFloatingPointDtype) {
  const auto expected = rounded_to_bfloat16(make(llama(false)));
  for (auto dtype : {at::kFloat, at::kDouble, at::kHalf}) {
    Saved saved(llama(false));
    saved.tensors([&](auto& tensors) {
      for (auto& [name, tensor] : tensors) tensor = tensor.to(dtype);
    });
    const auto loaded = load_model(saved.path()).model;
    EXPECT_LT((loaded.weights().embed - expected.weights().embed).abs().max().item<double>(), 1e-6) << dtype;
  }
}

TEST(Checkpoint, ReadsShards) {
  const Saved whole(llama(false));
  expect_same(load_model(Saved(llama(false)).shard().path()).model, load_model(whole.path()).model);
}

TEST(Checkpoint, ReadsAFileThatWasSavedWithoutAHead) {  // gpt2 on the hub: "h.0.ln_1.weight", and masks as tensors
  Saved saved(gpt2(true));
  const auto expected = load_model(saved.path()).model;
  saved.tensors([](auto& tensors) {
    std::map<std::string, at::Tensor> bare{{"h.0.attn.bias", at::ones({1, 1, 8, 8}).tril()}};
    for (const auto& [name, tensor] : tensors) bare[name.substr(std::string("transformer.").size())] = tensor;
    tensors = bare;
  });
  expect_same(load_model(saved.path()).model, expected);
}

TEST(Checkpoint, ReadsATiedHeadOnlyIfItIsTheEmbedding) {
  Saved saved(llama(true));
  saved.tensors([](auto& tensors) { tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone(); });
  EXPECT_EQ(saved.error(), "");
  saved.tensors([](auto& tensors) { tensors["lm_head.weight"][2][3] += 1; });
  EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr("ties lm_head.weight")));
}

TEST(Checkpoint, ReadsATiedEmbeddingThatOnlyTheHeadHolds) {
  for (const auto& config : {llama(true), gpt2(true)}) {
    Saved saved(config);
    const auto expected = load_model(saved.path()).model;
    saved.tensors([&](auto& tensors) {
      auto embed = tensors.extract(config.arch == "gpt2" ? "transformer.wte.weight" : "model.embed_tokens.weight");
      embed.key() = "lm_head.weight";
      tensors.insert(std::move(embed));
    });
    expect_same(load_model(saved.path()).model, expected);
  }
  Saved none(llama(true));
  none.tensors([](auto& tensors) { tensors.erase("model.embed_tokens.weight"); });
  EXPECT_THAT(none.error(), HasSubstr("model.embed_tokens.weight is missing"));
}

/// The embedding would give plausible numbers of another model.
TEST(Checkpoint, AnUntiedHeadThatIsMissingIsNotTheEmbedding) {
  Saved saved(llama(false));
  ASSERT_EQ(saved.error(), "");
  saved.tensors([](auto& tensors) { tensors.erase("lm_head.weight"); });
  EXPECT_THAT(saved.error(), HasSubstr("lm_head.weight is missing"));
}

/// A text that has one of the others is refused, and names the piece; the other texts are read.
TEST(Checkpoint, ATokenizerMayHavePiecesThatTheModelHasNoRowFor) {
  Saved saved(llama(true));  // 11 rows
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
    Saved saved(llama(false));
    saved.tensors(spoil);
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr(tensor), HasSubstr(reason), Not(HasSubstr("\n"))));
  }
}

TEST(Checkpoint, NamesTheShardThatIsWrong) {
  Saved gone(llama(true));
  std::filesystem::remove(gone.shard().file("part-1.safetensors"));
  EXPECT_THAT(gone.error(), HasSubstr("part-1.safetensors"));
  Saved swapped(llama(true));
  std::filesystem::copy_file(swapped.shard().file("part-0.safetensors"), swapped.file("part-1.safetensors"),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(swapped.error(), AllOf(HasSubstr("part-1.safetensors"), HasSubstr("model.")));
}

TEST(Checkpoint, RefusesAConfigThatItWouldComputeWrongly) {
  struct Case {
    Config config;
    const char* key;
    Json value;
    const char* reason;
  };
  const Case cases[] = {
      {llama(true), "sliding_window", 512, "sliding_window is 512: transformers computes a llama by it"},
      {llama(true), "vocab_size", "11", "vocab_size"},
      {llama(true), "vocab_size", 11.5, "vocab_size"},
      {llama(true), "hidden_size", -12, "hidden_size"},
      {llama(true), "num_hidden_layers", 0, "num_hidden_layers"},
      {llama(true), "num_attention_heads", nullptr, "num_attention_heads"},
      {llama(true), "num_key_value_heads", 2, "3 heads cannot share 2"},
      {llama(true), "head_dim", 5, "even head size"},
      {llama(true), "tie_word_embeddings", 1, "tie_word_embeddings"},
      {llama(true), "rms_norm_eps", "1e-6", "rms_norm_eps"},
      {llama(true), "model_type", "mamba", "expected one of: llama, mistral"},
      {llama(true), "model_type", 7, "model_type"},
      {llama(true), "rope_scaling", {{"rope_type", "spiral"}, {"factor", 2.0}}, "rope_type"},
      {llama(true), "rope_scaling", {{"rope_type", "linear"}, {"factor", 0.5}}, "factor"},
      {llama(true), "rope_scaling", {{"type", "linear"}, {"factor", 2.0}, {"alpha", 1}}, "alpha"},
      {llama(true), "rope_scaling", {{"type", "longrope"}, {"short_factor", {1, 2, 3}}, {"long_factor", {1, 2}}}, "long_factor"},
      {llama(true), "rope_parameters", {{"rope_type", "llama3"}, {"rope_theta", 1234.5}}, "factor"},
      {llama(true), "rope_parameters", {{"rope_type", "default"}, {"rope_theta", 10000.0}}, "rope_theta"},
      {llama(true), "rope_interleaved", true, "rope_interleaved"},
      {llama(true), "hidden_act", "gelu", "hidden_act"},
      {llama(true), "attention_bias", 1, "attention_bias"},
      {llama(true), "bos_token_id", {1, 2}, "bos_token_id"},
      {llama(true), "eos_token_id", {2, -1}, "eos_token_id"},
      {llama(true), "eos_token_id", {2, 2.5}, "eos_token_id"},
      {llama(true), "eos_token_id", "2", "eos_token_id"},
      {gpt2(true), "n_head", 5, "n_embd 12 is no multiple of n_head 5"},
      {gpt2(true), "activation_function", "relu", "activation_function"},
      {gpt2(true), "scale_attn_by_inverse_layer_idx", true, "attention scaled"},
  };
  for (const auto& [config, key, value, reason] : cases) {
    Saved saved(config);
    saved.config(key, value);
    const auto file = saved.file("config.json").string();
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(file), HasSubstr(reason), Not(HasSubstr("\n")))) << key;
  }
}

Json parity_config(const std::string& model) { return read_json(fs::path(FAIRFIGHT_TEST_DATA) / "parity" / model / "config.json"); }

TEST(Checkpoint, RefusesWhatAFamilyDoesNotDo) {
  struct Case {
    const char *model, *key;
    Json value;
    const char* reason;
  };
  const Case cases[] = {
      {"mistral", "is_causal", false, "is_causal is false"},
      {"gpt2", "hidden_size", 12, "hidden_size is 12"},
      {"llama_tied", "quantization_config", {{"quant_method", "awq"}}, "quantization_config is {\"quant_method\":\"awq\"}"},
      {"qwen2", "use_mrope", true, "use_mrope is true"},
      {"qwen2", "layer_types", {"full_attention"}, "layer_types has 1 entries"},
      {"qwen2", "layer_types", {"full_attention", "chunked_attention"}, "chunked_attention"},
      {"qwen3", "use_sliding_window", false, "sliding_window is null or off"},
      {"gemma", "use_bidirectional_attention", true, "use_bidirectional_attention"},
      {"gemma", "hidden_act", "silu", "hidden_act"},
      {"gemma2", "query_pre_attn_scalar", 0, "query_pre_attn_scalar"},
      {"gemma3", "attn_logit_softcapping", 30.0, "attn_logit_softcapping is 30.0"},
      {"gemma3", "rope_parameters", {{"full_attention", {{"rope_type", "default"}}}}, "sliding_attention"},
      {"olmo2", "clip_qkv", 8.0, "clip_qkv"},
      {"phi3", "attention_bias", true, "attention_bias"},
      {"phi3_longrope", "num_attention_heads", 2, "short_factor is no list of 6 numbers"},
      {"gpt_neo", "attention_types", {{{"global", "far"}, 1}}, "attention_types"},
      {"gpt_neo", "attention_types", {{{"global", "local"}, 2}}, "for 2 layers"},
      {"gpt_neox", "hidden_act", "relu", "hidden_act"},
  };
  for (const auto& [model, key, value, reason] : cases) {
    Json config = parity_config(model);
    config[key] = value;
    EXPECT_THAT(error_of([&] { read_config(config, "here"); }), AllOf(HasSubstr("here"), HasSubstr(reason), Not(HasSubstr("\n")))) << model << " " << key;
  }
}

/// config_keys.cpp has them from transformers' own code. What is not refused where it says something odd is read by no computation of logits.
TEST(Checkpoint, RefusesWhateverTransformersReadsAndNothingElse) {
  const std::set<std::string> harmless{"_attn_implementation", "_sliding_window_pattern", "attention_dropout", "attn_pdrop", "classifier_dropout", "dtype", "embd_pdrop",
                                       "embed_dropout", "hidden_dropout", "initializer_range", "is_decoder", "name_or_path", "num_labels", "output_attentions",
                                       "output_hidden_states", "pad_token_id", "problem_type", "resid_dropout", "resid_pdrop", "return_dict", "summary_activation",
                                       "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj", "use_cache", "attention_layers"};
  for (const char* model : {"llama_tied", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "olmo2", "phi3", "gpt2", "gpt_neo", "gpt_neox"}) {
    const Json plain = parity_config(model);
    EXPECT_THAT(read_config(plain, "here").notes, IsEmpty()) << model;
    for (const auto key : keys_read(plain.at("model_type").get<std::string>())) {
      Json config = plain;
      config[key] = "odd";
      EXPECT_EQ(error_of([&] { read_config(config, "here"); }).empty(), harmless.contains(std::string(key))) << model << " " << key;
    }
    Json config = plain;
    for (const char* key : {"unsloth_version", "use_flash_attention_2", "torch_compile"}) config[key] = "odd";
    for (const char* key : {"quantization_config", "is_causal"}) config[key] = nullptr;
    config["auto_map"] = {{"AutoModelForCausalLM", "modeling_odd.Odd"}};
    const Config read = read_config(config, "here");
    EXPECT_EQ(without_source(read), without_source(read_config(plain, "here"))) << model;
    EXPECT_THAT(read.notes, ElementsAre(HasSubstr("auto_map"), AllOf(HasSubstr("3 keys"), HasSubstr("unsloth_version, use_flash_attention_2, torch_compile")))) << model;
  }
}

TEST(Checkpoint, TokensBeyondTheEmbeddingAreNotedAndNone) {
  Json config = parity_config("llama_tied");  // 31 rows
  config["bos_token_id"] = 31;
  config["eos_token_id"] = {2, 40};
  const Config read = read_config(config, "here");
  EXPECT_EQ(read.bos, -1);
  EXPECT_THAT(read.eos, ElementsAre(2));
  EXPECT_THAT(read.notes, ElementsAre(HasSubstr("bos_token_id 31"), HasSubstr("eos_token_id 40")));
}

/// The same config as transformers 4 wrote it.
Json as_transformers_4(Json config) {
  Json rope = config["rope_parameters"];
  config.erase("rope_parameters");
  config["torch_dtype"] = config["dtype"];
  config.erase("dtype");
  config.erase("layer_types");
  if (rope.contains("full_attention")) {
    config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"];
    config["sliding_window_pattern"] = 2;
    rope = Json(rope["full_attention"]);
  }
  const bool neox = config["model_type"] == "gpt_neox";
  config[neox ? "rotary_emb_base" : "rope_theta"] = rope["rope_theta"];
  rope.erase("rope_theta");
  if (rope.contains("partial_rotary_factor")) config[neox ? "rotary_pct" : "partial_rotary_factor"] = rope["partial_rotary_factor"];
  rope.erase("partial_rotary_factor");
  rope["type"] = rope["rope_type"];
  rope.erase("rope_type");
  config["rope_scaling"] = rope["type"] == "default" ? Json() : rope;
  return config;
}

TEST(Checkpoint, ReadsConfigsOfTransformers4And5Alike) {
  size_t compared = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(FAIRFIGHT_TEST_DATA) / "parity")) {
    if (!entry.is_directory()) continue;
    const Json now = parity_config(entry.path().filename());
    if (!now.contains("rope_parameters")) continue;
    EXPECT_EQ(without_source(read_config(as_transformers_4(now), "4")), without_source(read_config(now, "5"))) << entry.path();
    ++compared;
  }
  EXPECT_GE(compared, 19u);
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
    for (size_t i = 0; i < a.size(); ++i) EXPECT_LT((a[i] - b[i]).abs().max().item<double>(), 1e-6) << entry.path() << " parameter " << i;
  }
}

TEST(Checkpoint, SaysWhatItCannotSave) {
  Config config = load_model((fs::path(FAIRFIGHT_TEST_DATA) / "parity/gemma2").string()).model.config();
  config.score_cap = 0;
  EXPECT_THAT(error_of([&] { write_config(config); }), HasSubstr("was changed in a way that its config.json cannot say"));
  config.source.clear();
  EXPECT_THAT(error_of([&] { write_config(config); }), HasSubstr("was not read from a config.json"));
}

TEST(Checkpoint, KeepsMatricesInBfloat16IfAsked) {
  for (const auto* name : {"gpt2", "gemma2", "phi3", "gpt_neox"}) {
    const std::string folder = (fs::path(FAIRFIGHT_TEST_DATA) / "parity" / name).string();
    const Transformer exact = load_model(folder).model, half = load_model(folder, false, {.weights = Precision::bfloat16}).model;
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
    EXPECT_LT((exact.at(result, tokens) - half.at(result, tokens)).norm().item<double>(), 0.05 * exact.at(result, tokens).norm().item<double>()) << name;
  }
}

TEST(Checkpoint, ComputesOnTheCpuOnly) {
  EXPECT_THAT(error_of([&] { load_model(Saved(llama(true)).path(), false, {.device = "cuda"}); }), HasSubstr("on the CPU only"));
}

TEST(Checkpoint, RefusesHeadsThatDoNotDivideTheModel) {
  Saved saved(llama(true));
  saved.no_config("head_dim").no_config("num_key_value_heads").config("num_attention_heads", 5);
  const auto reason = "hidden_size 12 is no multiple of num_attention_heads 5";
  EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.file("config.json").string()), HasSubstr(reason)));
}

TEST(Checkpoint, SkipsConfigKeysThatChangeNothing) {
  Saved saved(llama(true));
  const auto expected = load_model(saved.path()).model;
  saved.config("is_llama_config", true).config("rope_interleaved", false).config("rope_scaling", nullptr);
  saved.config("use_cache", false).config("transformers.js_config", {{"dtype", "fp16"}}).no_config("rope_theta");
  saved.config("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 1234.5}});
  expect_same(load_model(saved.path()).model, expected);
}

TEST(Checkpoint, ReadsOneEndOfTextOrSeveral) {
  Saved saved(llama(true));
  const auto read = [&](const Json& value) {
    saved.config("eos_token_id", value);
    const Config config = load_model(saved.path()).model.config();
    EXPECT_EQ(read_config(write_config(config), "again").eos, config.eos);
    return config;
  };
  EXPECT_THAT(read(nullptr).eos, IsEmpty());
  EXPECT_THAT(read(Json::array()).eos, IsEmpty());
  EXPECT_THAT(read(2).eos, ElementsAre(2));
  EXPECT_EQ(write_config(read(2))["eos_token_id"], Json(2));  // as other readers expect it
  EXPECT_THAT(read({9, 3, 10}).eos, ElementsAre(9, 3, 10));
}

int64_t peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

int64_t resident_bytes() {
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// The most memory that this process had while `job` ran, seen a thousand times a second.
int64_t peak_bytes(const std::function<void()>& job) {
  std::atomic<bool> done = false;
  int64_t peak = 0;
  std::thread watch([&] {
    while (!done) {
      peak = std::max(peak, resident_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  job();
  done = true;
  watch.join();
  return std::max(peak, resident_bytes());
}

TEST(Checkpoint, LoadingTakesLittleMoreMemoryThanTheWeights) {
  for (Config config : {llama(false), gpt2(false)}) {
    config.vocab = 20'000;
    config.d_model = 300;
    config.n_heads = config.n_kv_heads = 3;
    config.d_head = 100;
    config.d_mlp = 9000;
    const ScratchFolder folder;
    save_model(Transformer(config, random_weights(config, Random(1, "memory"))), folder.path());
    malloc_trim(0);  // what is still free here would hide what loading takes
    std::optional<LoadedModel> loaded;
    const int64_t before = resident_bytes(), peak = peak_bytes([&] { loaded = load_model(folder.path().string()); }) - before;
    const int64_t weights = int64_t(memory_of(config, Precision::float32).weights);
    EXPECT_GT(weights, 80'000'000);
    EXPECT_GT(peak, weights * 9 / 10);
    EXPECT_LT(peak, weights * 11 / 10) << config.arch;
  }
}

TEST(Checkpoint, AConfigThatClaimsMuchTakesNoMemory) {
  struct Case {
    Config config;
    const char* key;
    int64_t value;
    const char* reason;
  };
  constexpr int64_t kHuge = 1 << 24, kBeyond = int64_t(1) << 60;
  const Case cases[] = {
      {llama(false), "vocab_size", kHuge, "model.embed_tokens.weight"},
      {llama(false), "hidden_size", kHuge, "model.embed_tokens.weight"},
      {llama(false), "intermediate_size", kHuge, "mlp.gate_proj.weight"},
      {llama(false), "num_hidden_layers", 1000, "model.layers.2.input_layernorm.weight is missing"},
      {gpt2(true), "n_positions", kHuge, "transformer.wpe.weight"},
      {gpt2(true), "n_inner", kHuge, "mlp.c_fc.weight"},
      {llama(false), "vocab_size", kBeyond, "vocab_size"},
      {llama(false), "num_hidden_layers", kBeyond, "num_hidden_layers"},
      {gpt2(true), "n_embd", kBeyond, "n_embd"},
  };
  const int64_t before = peak_megabytes();
  for (const auto& [config, key, value, reason] : cases) {
    Saved saved(config);
    saved.config(key, value);
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr(reason), Not(HasSubstr("\n")))) << key;
  }
  EXPECT_LT(peak_megabytes() - before, 64);
}

}  // namespace
}  // namespace fairfight
