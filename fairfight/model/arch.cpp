#include "fairfight/model/arch.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"

namespace fairfight {

extern const Arch kLlama, kMistral, kQwen2, kQwen3, kGemma, kGemma2, kGemma3, kOlmo2, kPhi3, kGpt2, kGptNeo, kGptNeox;

const std::vector<Arch>& archs() {
  static const std::vector<Arch> list{
      kLlama, kMistral, kQwen2, kQwen3, kGemma, kGemma2, kGemma3, kOlmo2, kPhi3, kGpt2, kGptNeo, kGptNeox,
  };
  return list;
}

namespace {

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const auto& arch : archs()) list.emplace_back(arch.name);
  return list;
}

void check(const Config& c, const std::string& where) {
  if (c.n_heads % c.n_kv_heads != 0)
    fail("[{}] {} heads cannot share {} key-value heads evenly", where, c.n_heads, c.n_kv_heads);
  const int64_t turned = int64_t(double(c.d_head) * c.rope.part);
  if (c.positions == Config::Positions::rotary && (turned == 0 || (turned + 1) / 2 * 2 > c.d_head))
    fail("[{}] rotary positions need an even head size, got {}", where, c.d_head);
  if (c.rope.scaling == Rope::Scaling::dynamic && turned <= 2)
    fail("[{}] a dynamic rope needs more than 2 dimensions that turn, got {}", where, turned);
  const auto check_token = [&](const char* key, int64_t token) {
    if (token >= c.vocab) fail("[{}] {} is {}, expected less than vocab_size {}", where, key, token, c.vocab);
  };
  check_token("bos_token_id", c.bos);
  for (int64_t token : c.eos) check_token("eos_token_id", token);
}

/// Keys of any Hugging Face config that do not change what a forward pass computes.
constexpr std::string_view kHarmless[] = {"architectures",
                                          "model_type",
                                          "torch_dtype",
                                          "dtype",
                                          "transformers_version",
                                          "use_cache",
                                          "initializer_range",
                                          "pad_token_id",
                                          "_name_or_path",
                                          "attention_dropout",
                                          "attn_pdrop",
                                          "embd_pdrop",
                                          "resid_pdrop",
                                          "summary_type",
                                          "summary_use_proj",
                                          "summary_activation",
                                          "summary_proj_to_labels",
                                          "summary_first_dropout",
                                          "pretraining_tp",
                                          "task_specific_params",
                                          "gradient_checkpointing",
                                          "n_ctx",
                                          "bos_token_id",
                                          "eos_token_id",
                                          "unk_token_id",
                                          "sep_token_id",
                                          "decoder_start_token_id",
                                          "return_dict",
                                          "output_hidden_states",
                                          "output_attentions",
                                          "chunk_size_feed_forward",
                                          "is_decoder",
                                          "transformers.js_config",
                                          "hidden_dropout",
                                          "hidden_dropout_prob",
                                          "classifier_dropout",
                                          "resid_dropout",
                                          "embed_dropout",
                                          "mlp_dropout",
                                          "cache_implementation",
                                          "_attn_implementation",
                                          "attn_implementation",
                                          "auto_map",
                                          "id2label",
                                          "label2id",
                                          "problem_type",
                                          "finetuning_task",
                                          "is_encoder_decoder",
                                          "tokenizer_class",
                                          "model_max_length"};

}  // namespace

const Arch& arch_by_name(std::string_view name) {
  for (const auto& arch : archs())
    if (arch.name == name) return arch;
  fail("[config] got model_type \"{}\", expected one of: {}", name, fmt::join(names(), ", "));
}

Config read_config(const Json& json, const std::string& where) {
  Fields fields(json, where);
  const Arch& arch = arch_by_name(fields.one_of("model_type", names()));
  Config config = arch.read(fields);
  config.arch = arch.name;
  const auto given = [&](const char* key) { return fields.has(key) && !fields.any(key).is_null(); };
  if (given("bos_token_id")) config.bos = fields.integer("bos_token_id", 0, INT32_MAX);
  if (given("eos_token_id")) {
    if (fields.any("eos_token_id").is_array())
      config.eos = fields.integers("eos_token_id", 0, INT32_MAX);
    else
      config.eos = {fields.integer("eos_token_id", 0, INT32_MAX)};
  }
  for (auto key : kHarmless) fields.ignore(std::string(key));
  fields.finish();
  check(config, where);
  config.source = dump_json(json);
  return config;
}

namespace {

Json written(const Config& config) {
  const Arch& arch = arch_by_name(config.arch);
  if (config.source.empty() && !arch.write)
    fail("[config] a {} that was not read from a config.json cannot be written", arch.name);
  if (config.source.empty()) {
    Json json{{"architectures", {arch.class_name}}, {"model_type", arch.name}};
    json.update(arch.write(config));
    return json;
  }
  Json json = parse_json(config.source, "config.json");
  for (const auto* key : {"dtype", "torch_dtype", "bos_token_id", "eos_token_id"}) json.erase(key);
  json["tie_word_embeddings"] = config.tied;
  return json;
}

}  // namespace

Json write_config(const Config& config) {
  Json json = written(config);
  if (config.bos >= 0) json["bos_token_id"] = config.bos;
  if (config.eos.size() == 1) json["eos_token_id"] = config.eos[0];
  if (config.eos.size() > 1) json["eos_token_id"] = config.eos;
  Config again = read_config(json, "config.json");
  again.source = config.source;
  if (again != config) fail("[config] this {} was changed in a way that its config.json cannot say", config.arch);
  return json;
}

}  // namespace fairfight
