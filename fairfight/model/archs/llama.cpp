#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// RMSNorm, rotary positions, SwiGLU, grouped heads.
Config read(Fields& f) {
  Config c = read_llama(f);
  const bool attention = f.flag_or("attention_bias", false);
  c.biases = {attention, attention, f.flag_or("mlp_bias", false)};
  refuse(f, "rope_interleaved");
  f.ignore("is_llama_config");  // SmolLM's
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
          {"rope_theta", c.rope.theta},
          {"hidden_act", "silu"},
          {"attention_bias", c.biases.qkv},
          {"mlp_bias", c.biases.mlp},
          {"tie_word_embeddings", c.tied}};
}

}  // namespace

extern const Arch kLlama{"llama",
                         "LlamaForCausalLM",
                         "Llama 1 to 3, SmolLM 1 and 2, TinyLlama: grouped heads, biases, every rope scaling",
                         "model.",
                         "lm_head.weight",
                         read,
                         llama_table,
                         write};

}  // namespace fairfight
