// What config.json says, and what of it is refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fairfight/model/checkpoint_testing.h"
#include "fairfight/model/config_keys.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Checkpoint, RefusesAConfigThatItWouldComputeWrongly) {
  struct Case {
    Config config;
    const char* key;
    Json value;
    const char* reason;
  };
  const Case cases[] = {
      {small_llama(true), "sliding_window", 512, "sliding_window is 512: transformers computes a llama by it"},
      {small_llama(true), "vocab_size", "11", "vocab_size"},
      {small_llama(true), "vocab_size", 11.5, "vocab_size"},
      {small_llama(true), "hidden_size", -12, "hidden_size"},
      {small_llama(true), "num_hidden_layers", 0, "num_hidden_layers"},
      {small_llama(true), "num_attention_heads", nullptr, "num_attention_heads"},
      {small_llama(true), "num_key_value_heads", 2, "3 heads cannot share 2"},
      {small_llama(true), "head_dim", 5, "even head size"},
      {small_llama(true), "tie_word_embeddings", 1, "tie_word_embeddings"},
      {small_llama(true), "rms_norm_eps", "1e-6", "rms_norm_eps"},
      {small_llama(true), "model_type", "mamba", "expected one of: llama, mistral"},
      {small_llama(true), "model_type", 7, "model_type"},
      {small_llama(true), "rope_scaling", {{"rope_type", "spiral"}, {"factor", 2.0}}, "rope_type"},
      {small_llama(true), "rope_scaling", {{"rope_type", "linear"}, {"factor", 0.5}}, "factor"},
      {small_llama(true), "rope_scaling", {{"type", "linear"}, {"factor", 2.0}, {"alpha", 1}}, "alpha"},
      {small_llama(true),
       "rope_scaling",
       {{"type", "longrope"}, {"short_factor", {1, 2, 3}}, {"long_factor", {1, 2}}},
       "long_factor"},
      {small_llama(true), "rope_parameters", {{"rope_type", "llama3"}, {"rope_theta", 1234.5}}, "factor"},
      {small_llama(true), "rope_parameters", {{"rope_type", "default"}, {"rope_theta", 10000.0}}, "rope_theta"},
      {small_llama(true), "rope_interleaved", true, "rope_interleaved"},
      {small_llama(true), "hidden_act", "gelu", "hidden_act"},
      {small_llama(true), "attention_bias", 1, "attention_bias"},
      {small_llama(true), "bos_token_id", {1, 2}, "bos_token_id"},
      {small_llama(true), "eos_token_id", {2, -1}, "eos_token_id"},
      {small_llama(true), "eos_token_id", {2, 2.5}, "eos_token_id"},
      {small_llama(true), "eos_token_id", "2", "eos_token_id"},
      {small_gpt2(true), "n_head", 5, "n_embd 12 is no multiple of n_head 5"},
      {small_gpt2(true), "activation_function", "relu", "activation_function"},
      {small_gpt2(true), "scale_attn_by_inverse_layer_idx", true, "attention scaled"},
  };
  for (const auto& [config, key, value, reason] : cases) {
    SavedModel saved(config);
    saved.config(key, value);
    const auto file = saved.file("config.json").string();
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(file), HasSubstr(reason), Not(HasSubstr("\n")))) << key;
  }
}

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
    EXPECT_THAT(error_of([&] { read_config(config, "here"); }),
                AllOf(HasSubstr("here"), HasSubstr(reason), Not(HasSubstr("\n"))))
        << model << " " << key;
  }
}

/// config_keys.cpp has them from transformers' own code. What is not refused where it says something odd is read by no
/// computation of logits.
TEST(Checkpoint, RefusesWhateverTransformersReadsAndNothingElse) {
  const std::set<std::string> harmless{"_attn_implementation",
                                       "_sliding_window_pattern",
                                       "attention_dropout",
                                       "attn_pdrop",
                                       "classifier_dropout",
                                       "dtype",
                                       "embd_pdrop",
                                       "embed_dropout",
                                       "hidden_dropout",
                                       "initializer_range",
                                       "is_decoder",
                                       "name_or_path",
                                       "num_labels",
                                       "output_attentions",
                                       "output_hidden_states",
                                       "pad_token_id",
                                       "problem_type",
                                       "resid_dropout",
                                       "resid_pdrop",
                                       "return_dict",
                                       "summary_activation",
                                       "summary_first_dropout",
                                       "summary_proj_to_labels",
                                       "summary_type",
                                       "summary_use_proj",
                                       "use_cache",
                                       "attention_layers"};
  for (const char* model : {"llama_tied", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3", "olmo2", "phi3", "gpt2",
                            "gpt_neo", "gpt_neox"}) {
    const Json plain = parity_config(model);
    EXPECT_THAT(read_config(plain, "here").notes, IsEmpty()) << model;
    for (const auto key : keys_read(plain.at("model_type").get<std::string>())) {
      Json config = plain;
      config[key] = "odd";
      EXPECT_EQ(error_of([&] { read_config(config, "here"); }).empty(), harmless.contains(std::string(key)))
          << model << " " << key;
    }
    Json config = plain;
    for (const char* key : {"unsloth_version", "use_flash_attention_2", "torch_compile"}) config[key] = "odd";
    for (const char* key : {"quantization_config", "is_causal"}) config[key] = nullptr;
    config["auto_map"] = {{"AutoModelForCausalLM", "modeling_odd.Odd"}};
    const Config read = read_config(config, "here");
    EXPECT_EQ(without_source(read), without_source(read_config(plain, "here"))) << model;
    EXPECT_THAT(read.notes,
                ElementsAre(HasSubstr("auto_map"),
                            AllOf(HasSubstr("3 keys"), HasSubstr("unsloth_version, use_flash_attention_2, torch_compile"))))
        << model;
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
  if (rope.contains("partial_rotary_factor"))
    config[neox ? "rotary_pct" : "partial_rotary_factor"] = rope["partial_rotary_factor"];
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
    EXPECT_EQ(without_source(read_config(as_transformers_4(now), "4")), without_source(read_config(now, "5")))
        << entry.path();
    ++compared;
  }
  EXPECT_GE(compared, 19u);
}

TEST(Checkpoint, SaysWhatItCannotSave) {
  Config config = load_model((fs::path(FAIRFIGHT_TEST_DATA) / "parity/gemma2").string()).model.config();
  config.score_cap = 0;
  EXPECT_THAT(error_of([&] { write_config(config); }), HasSubstr("was changed in a way that its config.json cannot say"));
  config.source.clear();
  EXPECT_THAT(error_of([&] { write_config(config); }), HasSubstr("was not read from a config.json"));
}

TEST(Checkpoint, RefusesHeadsThatDoNotDivideTheModel) {
  SavedModel saved(small_llama(true));
  saved.no_config("head_dim").no_config("num_key_value_heads").config("num_attention_heads", 5);
  const auto reason = "hidden_size 12 is no multiple of num_attention_heads 5";
  EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.file("config.json").string()), HasSubstr(reason)));
}

TEST(Checkpoint, SkipsConfigKeysThatChangeNothing) {
  SavedModel saved(small_llama(true));
  const auto expected = load_model(saved.path()).model;
  saved.config("is_llama_config", true).config("rope_interleaved", false).config("rope_scaling", nullptr);
  saved.config("use_cache", false).config("transformers.js_config", {{"dtype", "fp16"}}).no_config("rope_theta");
  saved.config("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 1234.5}});
  expect_same_model(load_model(saved.path()).model, expected);
}

TEST(Checkpoint, ReadsOneEndOfTextOrSeveral) {
  SavedModel saved(small_llama(true));
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

}  // namespace
}  // namespace fairfight
