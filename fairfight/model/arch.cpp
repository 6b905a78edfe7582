#include "fairfight/model/arch.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/model/config_keys.h"

namespace fairfight {

extern const Arch kLlama, kMistral, kQwen2, kQwen3, kGemma, kGemma2, kGemma3, kOlmo2, kPhi3, kGpt2, kGptNeo, kGptNeox;

const std::vector<Arch>& archs() {
  static const std::vector<Arch> list{
      kLlama,
      kMistral,
      kQwen2,
      kQwen3,
      kGemma,
      kGemma2,
      kGemma3,
      kOlmo2,
      kPhi3,
      kGpt2,
      kGptNeo,
      kGptNeox,
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
}

/// A token that no text can hold is none: some checkpoints were cut to fewer rows than their config speaks of.
void drop_unknown_tokens(Config& c) {
  const auto beyond = [&](int64_t token) { return token >= c.vocab; };
  const auto drop = [&](const char* key, int64_t token) {
    c.notes.push_back(fmt::format("{} {} is beyond the {} rows of the embedding, so no text has it", key, token, c.vocab));
  };
  if (beyond(c.bos)) drop("bos_token_id", std::exchange(c.bos, -1));
  for (const int64_t token : c.eos)
    if (beyond(token)) drop("eos_token_id", token);
  std::erase_if(c.eos, beyond);
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
                                          "num_labels",
                                          "name_or_path",
                                          "prefix",
                                          "bad_words_ids",
                                          "id2label",
                                          "label2id",
                                          "problem_type",
                                          "finetuning_task",
                                          "is_encoder_decoder",
                                          "tokenizer_class",
                                          "model_max_length"};

/// Takes note of what no code of transformers reads for this family, and refuses what it does and is read nowhere here.
void settle_others(Fields& fields, Config& config) {
  std::vector<std::string> others;
  for (const auto& key : fields.unasked()) {
    const Json& value = fields.any(key);
    if (!keys_read(config.arch).contains(key))
      others.push_back(shown(key));
    else if (!value.is_null())
      fail("[{}] {} is {}: transformers computes a {} by it, and that is not implemented here; expected null", fields.where(), key,
           shown(value.dump()), config.arch);
  }
  if (const auto own = std::find(others.begin(), others.end(), "auto_map"); own != others.end()) {
    others.erase(own);
    config.notes.push_back("auto_map: code that comes with a model is never run; it is computed as transformers' own " + std::string(config.arch));
  }
  if (others.empty()) return;
  const bool one = others.size() == 1;
  config.notes.push_back(fmt::format("{} key{} of config.json that transformers does not read for a {} change{} nothing: {}", others.size(),
                                     one ? "" : "s", config.arch, one ? "s" : "", fmt::join(others, ", ")));
}

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
  settle_others(fields, config);
  check(config, where);
  drop_unknown_tokens(config);
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
  again.notes = config.notes;
  if (again != config) fail("[config] this {} was changed in a way that its config.json cannot say", config.arch);
  return json;
}

}  // namespace fairfight
