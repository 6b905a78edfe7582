#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/model/arch.h"

namespace fairfight {
namespace {

constexpr int64_t kMax = 1 << 24;

/// LayerNorm, learned positions, GELU, biases everywhere, query, key and value fused in one [in, out] matrix.
Config read(Fields& f) {
  Config c;
  c.norm = Config::Norm::layer;
  c.positions = Config::Positions::learned;
  c.biases = true;
  c.vocab = f.integer("vocab_size", 1, kMax);
  c.d_model = f.integer("n_embd", 1, kMax);
  c.n_layers = f.integer("n_layer", 1, 1000);
  c.n_heads = c.n_kv_heads = f.integer("n_head", 1, c.d_model);
  if (c.d_model % c.n_heads != 0) fail("[{}] n_embd {} is no multiple of n_head {}", f.where(), c.d_model, c.n_heads);
  c.d_head = c.d_model / c.n_heads;
  c.d_mlp = f.has("n_inner") && !f.any("n_inner").is_null() ? f.integer("n_inner", 1, kMax) : 4 * c.d_model;
  c.n_ctx = f.integer("n_positions", 1, kMax);
  c.norm_eps = f.number_or("layer_norm_epsilon", 1e-5, 0, 1);
  c.mlp = f.one_of("activation_function", {"gelu_new", "gelu"}) == "gelu" ? Config::Mlp::gelu : Config::Mlp::gelu_tanh;
  c.tied = f.flag_or("tie_word_embeddings", true);
  if (!f.flag_or("scale_attn_weights", true) || f.flag_or("scale_attn_by_inverse_layer_idx", false) || f.flag_or("add_cross_attention", false))
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
  std::vector<Slot> t{{"transformer.wte.weight", {c.vocab, d}, {&w.embed}},
                      {"transformer.wpe.weight", {c.n_ctx, d}, {&w.pos_embed}},
                      {"transformer.ln_f.weight", {d}, {&w.ln_final.w}},
                      {"transformer.ln_f.bias", {d}, {&w.ln_final.b}}};
  if (!c.tied) t.push_back({"lm_head.weight", {c.vocab, d}, {&w.unembed}});
  for (size_t i = 0; i < w.blocks.size(); ++i) {
    Block& b = w.blocks[i];
    const auto linear = [&](const char* name, int64_t out, int64_t in, std::vector<Linear*> into) {
      Slot weight{fmt::format("transformer.h.{}.{}.weight", i, name), {in, out}, {}, true};
      Slot bias{fmt::format("transformer.h.{}.{}.bias", i, name), {out}, {}};
      for (auto* part : into) {
        weight.parts.push_back(&part->w);
        bias.parts.push_back(&part->b);
      }
      t.push_back(weight);
      t.push_back(bias);
    };
    const auto norm = [&](const char* name, NormWeights& into) {
      t.push_back({fmt::format("transformer.h.{}.{}.weight", i, name), {d}, {&into.w}});
      t.push_back({fmt::format("transformer.h.{}.{}.bias", i, name), {d}, {&into.b}});
    };
    norm("ln_1", b.ln1);
    linear("attn.c_attn", 3 * d, d, {&b.q, &b.k, &b.v});
    linear("attn.c_proj", d, d, {&b.o});
    norm("ln_2", b.ln2);
    linear("mlp.c_fc", c.d_mlp, d, {&b.in});
    linear("mlp.c_proj", d, c.d_mlp, {&b.out});
  }
  return t;
}

}  // namespace

extern const Arch kGpt2{"gpt2", "GPT2LMHeadModel", "transformer.", read, write, table};

}  // namespace fairfight
