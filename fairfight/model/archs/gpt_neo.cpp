#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// attention_types: [[["global", "local"], 6], ...], each list so many times over.
std::vector<bool> local_layers(Fields& f, int64_t layers) {
  const auto wrong = [&] {
    fail("[{}] attention_types is {}, expected [[[\"global\" or \"local\", ...], times], ...] for {} layers", f.where(),
         f.any("attention_types").dump(), layers);
  };
  std::vector<bool> local;
  const Json& types = f.any("attention_types");
  if (!types.is_array()) wrong();
  for (const auto& entry : types) {
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_array() || entry[0].empty() || !entry[1].is_number_integer())
      wrong();
    for (int64_t times = entry[1].get<int64_t>(); times > 0 && int64_t(local.size()) <= layers; --times)
      for (const auto& type : entry[0]) {
        if (type != "global" && type != "local") wrong();
        local.push_back(type == "local");
      }
  }
  if (int64_t(local.size()) != layers) wrong();
  return local;
}

/// GPT-2 with unfused maps, without biases of queries, keys and values, scores that are not scaled, and local layers.
Config read(Fields& f) {
  Config c = read_gpt_sizes(f, {"hidden_size", "num_layers", "num_heads", "max_position_embeddings"});
  c.positions = Config::Positions::learned;
  c.biases = {false, true, true};
  c.score_scale = 1;
  c.d_mlp = integer_if_given(f, "intermediate_size", 4 * c.d_model, 1, kMaxSize);
  c.norm_eps = number_if_given(f, "layer_norm_epsilon", 1e-5, 0, 1);
  c.mlp = read_gelu(f, "activation_function");
  const int64_t window = integer_if_given(f, "window_size", 256, 1, INT32_MAX);
  for (const bool local : local_layers(f, c.n_layers)) c.windows.push_back(local ? window : 0);
  f.ignore("attention_layers");  // the same, spelled out
  c.tied = f.flag_or("tie_word_embeddings", true);
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) {
  const int64_t d = c.d_model;
  Table t;
  t.prefix = "transformer.";
  t.tensor("wte.weight", {c.vocab, d}, w.embed);
  t.tensor("wpe.weight", {c.n_ctx, d}, w.pos_embed);
  t.norm("ln_f", d, w.ln_final, true);
  for (size_t i = 0; i < w.blocks.size(); ++i) {
    Block& b = w.blocks[i];
    t.prefix = fmt::format("transformer.h.{}.", i);
    t.norm("ln_1", d, b.ln1, true);
    t.linear("attn.attention.q_proj", {{b.q, d}}, d, false);
    t.linear("attn.attention.k_proj", {{b.k, d}}, d, false);
    t.linear("attn.attention.v_proj", {{b.v, d}}, d, false);
    t.linear("attn.attention.out_proj", {{b.o, d}}, d, true);
    t.norm("ln_2", d, b.ln2, true);
    t.linear("mlp.c_fc", {{b.in, c.d_mlp}}, d, true);
    t.linear("mlp.c_proj", {{b.out, d}}, c.d_mlp, true);
  }
  t.prefix.clear();
  if (!c.tied) t.tensor("lm_head.weight", {c.vocab, d}, w.unembed);
  return std::move(t.slots);
}

}  // namespace

extern const Arch kGptNeo{
    "gpt_neo", "GPTNeoForCausalLM", "TinyStories, GPT-Neo: learned positions, local layers, scores that are not scaled",
    "transformer.", "lm_head.weight", read,
    table};

}  // namespace fairfight
