#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama without biases, with a window in every layer.
Config read(Fields& f) {
  Config c = read_llama(f);
  c.windows.assign(size_t(c.n_layers), read_window(f));
  return c;
}

}  // namespace

extern const Arch kMistral{"mistral", "MistralForCausalLM", "Mistral 7B and Nemo: sliding window, every rope scaling",
                           "model.", "lm_head.weight", read,
                           llama_table};

}  // namespace fairfight
