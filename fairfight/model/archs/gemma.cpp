#include <cmath>

#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama with GeGLU, scaled embeddings, and gains that the files hold less one.
Config read_all(Fields& f) {
  Config c = read_sizes(f, true);
  c.mlp = Config::Mlp::geglu_tanh;
  c.embed_scale = std::sqrt(double(c.d_model));
  // Gemma's first configs say "gelu" and mean the tanh form.
  for (const auto* key : {"hidden_act", "hidden_activation"})
    if (given(f, key)) f.one_of(key, {"gelu_pytorch_tanh", "gelu"});
  const bool biased = f.flag_or("attention_bias", false);
  c.biases = {biased, biased, false};
  refuse(f, "use_bidirectional_attention");
  return c;
}

Config read1(Fields& f) {
  Config c = read_all(f);
  c.rope = read_rope(f, c);
  return c;
}

/// Norms on both sides, a score scale of its own, a cap on the logits.
void read_newer(Fields& f, Config& c) {
  c.norm_place = Config::NormPlace::both;
  c.score_scale = 1 / std::sqrt(f.number("query_pre_attn_scalar", 1e-6, 1e6));
  c.logit_cap = number_if_given(f, "final_logit_softcapping", 0, 1e-6, 1e6);
}

Config read2(Fields& f) {
  Config c = read_all(f);
  read_newer(f, c);
  c.rope = read_rope(f, c);
  c.score_cap = number_if_given(f, "attn_logit_softcapping", 0, 1e-6, 1e6);
  read_windows(f, c, read_window(f), [](int64_t layer) { return layer % 2 == 0; });
  return c;
}

/// Norms of queries and keys instead of a cap on scores; layers with a window have a rope of their own.
Config read3(Fields& f) {
  Config c = read_all(f);
  read_newer(f, c);
  c.qk_norm = Config::QkNorm::per_head;
  refuse(f, "attn_logit_softcapping");
  Rope local;
  local.theta = number_if_given(f, "rope_local_base_freq", 10000, 1, 1e12);
  if (given(f, "rope_parameters")) {
    auto kinds = f.object("rope_parameters");
    Rope global;
    global.theta = 1e6;
    c.rope = read_rope_object(kinds.object("full_attention"), c, global);
    local = read_rope_object(kinds.object("sliding_attention"), c, local);
    kinds.finish();
  } else {
    c.rope = read_rope(f, c, 1e6);
  }
  c.local_rope = local;
  const int64_t pattern = integer_if_given(f, "sliding_window_pattern", 6, 1, 1000);
  f.ignore("_sliding_window_pattern");  // what transformers keeps beside layer_types
  read_windows(f, c, read_window(f), [&](int64_t layer) { return (layer + 1) % pattern != 0; });
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) { return llama_table_in(c, w, {.gain_less = 1}); }

}  // namespace

extern const Arch kGemma{"gemma", "GemmaForCausalLM", "Gemma 1: GeGLU, scaled embeddings, every rope scaling",
                         "model.", "lm_head.weight", read1,
                         table};
extern const Arch kGemma2{
    "gemma2", "Gemma2ForCausalLM", "Gemma 2: norms on both sides, soft caps, windows, query_pre_attn_scalar",
    "model.", "lm_head.weight", read2,
    table};
extern const Arch kGemma3{
    "gemma3_text",
    "Gemma3ForCausalLM",
    "Gemma 3, text only: norms of queries and keys, a rope for layers with a window and one for the others",
    "model.",
    "lm_head.weight",
    read3,
    table};

}  // namespace fairfight
