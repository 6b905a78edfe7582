#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama with its norms after attention and MLP, and one over all queries and one over all keys of a token.
Config read(Fields& f) {
  Config c = read_llama(f);
  c.norm_place = Config::NormPlace::after;
  c.qk_norm = Config::QkNorm::whole;
  c.biases.qkv = c.biases.o = f.flag_or("attention_bias", false);
  refuse(f, "clip_qkv");
  return c;
}

}  // namespace

extern const Arch kOlmo2{"olmo2",
                         "Olmo2ForCausalLM",
                         "OLMo 2: norms after attention and MLP, norms over all queries and keys, every rope scaling",
                         "model.",
                         "lm_head.weight",
                         read,
                         llama_table};

}  // namespace fairfight
