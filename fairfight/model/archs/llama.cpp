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

}  // namespace

extern const Arch kLlama{"llama",
                         "LlamaForCausalLM",
                         "Llama 1 to 3, SmolLM 1 and 2, TinyLlama: grouped heads, biases, every rope scaling",
                         "model.",
                         "lm_head.weight",
                         read,
                         llama_table,
                         write_llama};

}  // namespace fairfight
