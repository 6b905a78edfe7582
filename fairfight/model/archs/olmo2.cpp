#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama with its norms behind attention and MLP, and one over all queries and one over all keys of a token.
Config read(Fields& f) {
  Config c = read_sizes(f);
  c.rope = read_rope(f, c);
  f.one_of("hidden_act", {"silu"});
  c.norm_place = Config::NormPlace::after;
  c.qk_norm = Config::QkNorm::whole;
  c.biases.qkv = c.biases.o = f.flag_or("attention_bias", false);
  refuse(f, "clip_qkv");
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) { return llama_table(c, w); }

}  // namespace

extern const Arch kOlmo2{"olmo2",
                         "Olmo2ForCausalLM",
                         "OLMo 2: norms behind attention and MLP, norms over all queries and keys, every rope scaling",
                         "model.",
                         "lm_head.weight",
                         read,
                         table};

}  // namespace fairfight
