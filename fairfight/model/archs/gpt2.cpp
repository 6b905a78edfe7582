#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// LayerNorm, learned positions, GELU, biases everywhere, query, key and value fused in one [in, out] matrix.
Config read(Fields& f) {
  Config c = read_gpt_sizes(f, {"n_embd", "n_layer", "n_head", "n_positions"});
  c.positions = Config::Positions::learned;
  c.biases = true;
  c.d_mlp = integer_if_given(f, "n_inner", 4 * c.d_model, 1, kMaxSize);
  c.norm_eps = f.number_or("layer_norm_epsilon", 1e-5, 0, 1);
  c.mlp = read_gelu(f, "activation_function");
  c.tied = f.flag_or("tie_word_embeddings", true);
  if (!f.flag_or("scale_attn_weights", true) || f.flag_or("scale_attn_by_inverse_layer_idx", false) ||
      f.flag_or("add_cross_attention", false))
    fail("[{}] only attention scaled by 1/sqrt(d_head) and without cross-attention is implemented", f.where());
  f.flag_or("reorder_and_upcast_attn", false);
  return c;
}

Json write(const Config& c) {
  return {{"vocab_size", c.vocab},
          {"n_embd", c.d_model},
          {"n_layer", c.n_layers},
          {"n_head", c.n_heads},
          {"n_inner", c.d_mlp},
          {"n_positions", c.n_ctx},
          {"layer_norm_epsilon", c.norm_eps},
          {"activation_function", c.mlp == Config::Mlp::gelu ? "gelu" : "gelu_new"},
          {"tie_word_embeddings", c.tied}};
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
    t.linear("attn.c_attn", {{b.q, d}, {b.k, d}, {b.v, d}}, d, true, true);
    t.linear("attn.c_proj", {{b.o, d}}, d, true, true);
    t.norm("ln_2", d, b.ln2, true);
    t.linear("mlp.c_fc", {{b.in, c.d_mlp}}, d, true, true);
    t.linear("mlp.c_proj", {{b.out, d}}, c.d_mlp, true, true);
  }
  t.prefix.clear();
  if (!c.tied) t.tensor("lm_head.weight", {c.vocab, d}, w.unembed);
  return std::move(t.slots);
}

}  // namespace

extern const Arch kGpt2{
    "gpt2", "GPT2LMHeadModel", "GPT-2: learned positions, biases everywhere", "transformer.", "lm_head.weight", read, table,
    write};

}  // namespace fairfight
