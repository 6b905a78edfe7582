#include "fairfight/model/archs/shared.h"

namespace fairfight {
namespace {

/// Llama with windows in the upper layers, if they are switched on at all.
Config read_both(Fields& f) {
  Config c = read_llama(f);
  const int64_t window = read_window(f), first = integer_if_given(f, "max_window_layers", 28, 0, INT32_MAX);
  const bool on = f.flag_or("use_sliding_window", false);
  read_windows(f, c, on ? window : 0, [&](int64_t layer) { return layer >= first; });
  refuse(f, "use_mrope");
  return c;
}

Config read2(Fields& f) {
  Config c = read_both(f);
  c.biases.qkv = true;
  return c;
}

Config read3(Fields& f) {
  Config c = read_both(f);
  c.qk_norm = Config::QkNorm::per_head;
  c.biases.qkv = c.biases.o = f.flag_or("attention_bias", false);
  return c;
}

Json write3(const Config& c) {
  Json json = write_llama(c);
  json.erase("mlp_bias");
  return json;
}

}  // namespace

extern const Arch kQwen2{"qwen2",
                         "Qwen2ForCausalLM",
                         "Qwen 1.5, 2 and 2.5: biases of queries, keys and values, sliding windows, every rope scaling",
                         "model.",
                         "lm_head.weight",
                         read2,
                         llama_table};
extern const Arch kQwen3{
    "qwen3", "Qwen3ForCausalLM", "Qwen 3, dense: norms of queries and keys, sliding windows, every rope scaling",
    "model.", "lm_head.weight", read3,
    llama_table, write3};

}  // namespace fairfight
