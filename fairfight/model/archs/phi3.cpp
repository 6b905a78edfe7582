#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama with fused maps, a window in every layer, and a rope for long texts.
Config read(Fields& f) {
  Config c = read_llama(f);
  c.windows.assign(size_t(c.n_layers), read_window(f));
  for (const auto* key : {"attention_bias", "mlp_bias", "lm_head_bias"}) refuse(f, key);
  for (const auto* key : {"interpolate_factor", "full_attn_mod"})  // of Phi-4's own code; 1 is no change
    if (given(f, key)) f.integer(key, 1, 1);
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) { return llama_table_in(c, w, {.fused = true}); }

}  // namespace

extern const Arch kPhi3{
    "phi3", "Phi3ForCausalLM", "Phi-3 and Phi-4 (text): fused maps, sliding window, partial rotation, longrope",
    "model.", "lm_head.weight", read,
    table};

}  // namespace fairfight
