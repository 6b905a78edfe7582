#pragma once
#include <functional>
#include <string>
#include <vector>

#include "fairfight/model/arch.h"

namespace fairfight {

// What the families have in common: Llama's names and keys, the forms of a rope, the rows of a table.

constexpr int64_t kMaxSize = 1 << 24;

bool given(Fields& f, const std::string& key);  // there, and not null
int64_t integer_if_given(Fields& f, const std::string& key, int64_t otherwise, int64_t low, int64_t high);
double number_if_given(Fields& f, const std::string& key, double otherwise, double low, double high);
/// The key says no, or nothing: the computation that it would switch on is not implemented.
void refuse(Fields& f, const std::string& key);

/// `rope_parameters` (transformers 5) or `rope_theta` and `rope_scaling` (4). `c` has its sizes and n_ctx.
Rope read_rope(Fields& f, Config& c, double theta = 10000, double part = 1);
Rope read_rope_object(Fields rope, const Config& c, Rope otherwise);  // one such object

/// A window of so many tokens in each layer that `layer_types` or, where the config has none, `slides` says; 0: none
/// anywhere.
void read_windows(Fields& f, Config& c, int64_t window, const std::function<bool(int64_t layer)>& slides);
int64_t read_window(Fields& f);  // sliding_window; 0: null

/// The sizes of a config with Llama's keys, and whether it is tied; the rest is the family's own.
Config read_sizes(Fields& f, bool tied = false);
/// The same with Llama's rope and SwiGLU.
Config read_llama(Fields& f);
Json write_llama(const Config& c);

struct Form {
  bool fused = false;    // qkv_proj and gate_up_proj (Phi-3)
  double gain_less = 0;  // 1: the files hold gains less one (Gemma)
};
std::vector<Slot> llama_table_in(const Config& c, Weights& w, Form form);
std::vector<Slot> llama_table(const Config& c, Weights& w);  // in Llama's own form

/// The sizes of a config of LayerNorms and full heads, by the names that its keys have.
struct SizeKeys {
  const char *d_model, *n_layers, *n_heads, *n_ctx;
};
Config read_gpt_sizes(Fields& f, const SizeKeys& keys);
/// GELU in one of the forms that transformers knows by many names.
Config::Mlp read_gelu(Fields& f, const char* key);

/// Collects slots whose names begin alike.
class Table {
 public:
  std::string prefix;
  double gain_less = 0;

  void tensor(const std::string& name, std::vector<int64_t> shape, at::Tensor& into);
  void norm(const std::string& name, int64_t width, NormWeights& into, bool bias);
  /// NAME.weight [out, in] and NAME.bias; several maps lie one after the other in the output dimension.
  struct Map {
    Linear& into;
    int64_t out;
  };
  void linear(const std::string& name, const std::vector<Map>& maps, int64_t in, bool bias, bool transposed = false,
              int64_t turns = 1);

  std::vector<Slot> slots;
};

}  // namespace fairfight
