#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama without biases, with a window in every layer.
Config read(Fields& f) {
  Config c = read_sizes(f);
  c.rope = read_rope(f, c);
  f.one_of("hidden_act", {"silu"});
  c.windows.assign(size_t(c.n_layers), read_window(f));
  return c;
}

std::vector<Slot> table(const Config& c, Weights& w) { return llama_table(c, w); }

}  // namespace

extern const Arch kMistral{"mistral", "MistralForCausalLM", "Mistral 7B and Nemo: sliding window, every rope scaling",
                           "model.",  "lm_head.weight",     read,
                           table};

}  // namespace fairfight
