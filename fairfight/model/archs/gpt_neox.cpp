#include <fmt/format.h>

#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// LayerNorm, part of each head turns, attention and MLP side by side; query, key and value fused head by head.
Config read(Fields& f) {
  Config c = read_gpt_sizes(f, {"hidden_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings"});
  c.d_mlp = f.integer("intermediate_size", 1, kMaxSize);
  c.norm_eps = number_if_given(f, "layer_norm_eps", 1e-5, 0, 1);
  c.mlp = read_gelu(f, "hidden_act");
  c.rope = read_rope(f, c, number_if_given(f, "rotary_emb_base", 10000, 1, 1e12),
                     number_if_given(f, "rotary_pct", 0.25, 1e-3, 1));
  c.parallel = f.flag_or("use_parallel_residual", true);
  const bool biased = f.flag_or("attention_bias", true);
  c.biases = {biased, biased, true};
  c.tied = f.flag_or("tie_word_embeddings", false);
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) {
  const int64_t d = c.d_model;
  Table t;
  t.tensor("gpt_neox.embed_in.weight", {c.vocab, d}, w.embed);
  t.norm("gpt_neox.final_layer_norm", d, w.ln_final, true);
  if (!c.tied) {
    t.tensor("embed_out.weight", {c.vocab, d}, w.unembed);
    t.slots.back().also = "lm_head.weight";  // of transformers since 5.14
  }
  for (size_t i = 0; i < w.blocks.size(); ++i) {
    Block& b = w.blocks[i];
    t.prefix = fmt::format("gpt_neox.layers.{}.", i);
    t.norm("input_layernorm", d, b.ln1, true);
    t.linear("attention.query_key_value", {{b.q, d}, {b.k, d}, {b.v, d}}, d, c.biases.qkv, false, c.n_heads);
    t.linear("attention.dense", {{b.o, d}}, d, c.biases.o);
    t.norm("post_attention_layernorm", d, b.ln2, true);
    t.linear("mlp.dense_h_to_4h", {{b.in, c.d_mlp}}, d, true);
    t.linear("mlp.dense_4h_to_h", {{b.out, d}}, c.d_mlp, true);
  }
  return std::move(t.slots);
}

}  // namespace

extern const Arch kGptNeox{
    "gpt_neox", "GPTNeoXForCausalLM", "Pythia, GPT-NeoX: parallel or serial residual, partial rotation, every rope scaling",
    "gpt_neox.", "embed_out.weight", read,
    table};

}  // namespace fairfight
