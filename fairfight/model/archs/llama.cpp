#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/model/arch.h"

namespace fairfight {
namespace {

constexpr int64_t kMax = 1 << 24;

/// RMSNorm, rotary positions, SwiGLU, grouped heads. transformers 5 moved rope_theta into `rope_parameters`.
Config read(Fields& f) {
  Config c;
  c.vocab = f.integer("vocab_size", 1, kMax);
  c.d_model = f.integer("hidden_size", 1, kMax);
  c.n_layers = f.integer("num_hidden_layers", 1, 1000);
  c.n_heads = f.integer("num_attention_heads", 1, c.d_model);
  c.n_kv_heads = f.integer_or("num_key_value_heads", c.n_heads, 1, c.n_heads);
  if (!f.has("head_dim") && c.d_model % c.n_heads != 0)
    fail("[{}] hidden_size {} is no multiple of num_attention_heads {}; without head_dim it must be", f.where(), c.d_model,
         c.n_heads);
  c.d_head = f.integer_or("head_dim", c.d_model / c.n_heads, 1, c.d_model);
  c.d_mlp = f.integer("intermediate_size", 1, kMax);
  c.n_ctx = f.integer("max_position_embeddings", 1, kMax);
  c.norm_eps = f.number("rms_norm_eps", 0, 1);
  if (f.has("rope_parameters")) {
    auto rope = f.object("rope_parameters");
    rope.one_of("rope_type", {"default"});
    c.rope_theta = rope.number("rope_theta", 1, 1e12);
    rope.finish();
    if (f.has("rope_theta")) f.number("rope_theta", c.rope_theta, c.rope_theta);
  } else {
    c.rope_theta = f.number_or("rope_theta", 10000, 1, 1e12);
  }
  if (f.has("rope_scaling") && !f.any("rope_scaling").is_null()) fail("[{}] rope_scaling is not implemented", f.where());
  f.one_of("hidden_act", {"silu"});
  for (const auto* key : {"attention_bias", "mlp_bias"})
    if (f.flag_or(key, false)) fail("[{}] {} is not implemented for Llama", f.where(), key);
  if (f.flag_or("rope_interleaved", false)) fail("[{}] rope_interleaved is not implemented", f.where());
  f.ignore("is_llama_config");  // SmolLM's
  c.tied = f.flag_or("tie_word_embeddings", false);
  return c;
}

Json write(const Config& c) {
  return {{"vocab_size", c.vocab},
          {"hidden_size", c.d_model},
          {"num_hidden_layers", c.n_layers},
          {"num_attention_heads", c.n_heads},
          {"num_key_value_heads", c.n_kv_heads},
          {"head_dim", c.d_head},
          {"intermediate_size", c.d_mlp},
          {"max_position_embeddings", c.n_ctx},
          {"rms_norm_eps", c.norm_eps},
          {"rope_theta", c.rope_theta},
          {"hidden_act", "silu"},
          {"attention_bias", false},
          {"mlp_bias", false},
          {"tie_word_embeddings", c.tied}};
}

std::vector<Slot> table(const Config& c, Weights& w) {
  const int64_t d = c.d_model, heads = c.n_heads * c.d_head, kv = c.n_kv_heads * c.d_head;
  std::vector<Slot> t{{"model.embed_tokens.weight", {c.vocab, d}, {&w.embed}}, {"model.norm.weight", {d}, {&w.ln_final.w}}};
  if (!c.tied) t.push_back({"lm_head.weight", {c.vocab, d}, {&w.unembed}});
  for (size_t i = 0; i < w.blocks.size(); ++i) {
    Block& b = w.blocks[i];
    const auto add = [&](const char* name, std::vector<int64_t> shape, at::Tensor* into) {
      t.push_back({fmt::format("model.layers.{}.{}.weight", i, name), std::move(shape), {into}});
    };
    add("input_layernorm", {d}, &b.ln1.w);
    add("self_attn.q_proj", {heads, d}, &b.q.w);
    add("self_attn.k_proj", {kv, d}, &b.k.w);
    add("self_attn.v_proj", {kv, d}, &b.v.w);
    add("self_attn.o_proj", {d, heads}, &b.o.w);
    add("post_attention_layernorm", {d}, &b.ln2.w);
    add("mlp.gate_proj", {c.d_mlp, d}, &b.gate.w);
    add("mlp.up_proj", {c.d_mlp, d}, &b.in.w);
    add("mlp.down_proj", {d, c.d_mlp}, &b.out.w);
  }
  return t;
}

}  // namespace

extern const Arch kLlama{"llama", "LlamaForCausalLM", "model.", read, write, table};

}  // namespace fairfight
