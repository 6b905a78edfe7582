#include "fairfight/model/archs/shared.h"

#include <fmt/format.h>

#include <cmath>

#include "fairfight/base/error.h"

namespace fairfight {

bool given(Fields& f, const std::string& key) { return f.has(key) && !f.any(key).is_null(); }

int64_t integer_if_given(Fields& f, const std::string& key, int64_t otherwise, int64_t low, int64_t high) {
  return given(f, key) ? f.integer(key, low, high) : otherwise;
}

double number_if_given(Fields& f, const std::string& key, double otherwise, double low, double high) {
  return given(f, key) ? f.number(key, low, high) : otherwise;
}

void refuse(Fields& f, const std::string& key) {
  if (given(f, key) && f.any(key) != Json(false))
    fail("[{}] {} is {}, which is not implemented for this model_type; expected false or null", f.where(), key,
         f.any(key).dump());
}

namespace {

constexpr double kHuge = 1e12;

std::vector<double> factors(Fields& f, const std::string& key, size_t count) {
  const Json& list = f.any(key);
  if (!list.is_array() || list.size() != count)
    fail("[{}] {} is no list of {} numbers, one a pair of rotated dimensions", f.where(), key, count);
  std::vector<double> values;
  for (const auto& item : list) {
    if (!item.is_number() || item.get<double>() <= 0)
      fail("[{}] {} holds {}, expected positive numbers", f.where(), key, item.dump());
    values.push_back(item.get<double>());
  }
  return values;
}

/// The paper's gain of a text that is `factor` times as long.
double yarn_gain(double factor, double scale = 1) { return factor <= 1 ? 1 : 0.1 * scale * std::log(factor) + 1; }

void read_stretch(Fields& f, const std::string& type, const Config& c, Rope& r) {
  using Scaling = Rope::Scaling;
  if (type == "linear") r.scaling = Scaling::linear;
  if (type == "dynamic") r.scaling = Scaling::dynamic;
  if (type == "llama3") r.scaling = Scaling::llama3;
  if (type == "yarn") r.scaling = Scaling::yarn;
  if (type == "longrope" || type == "su") r.scaling = Scaling::longrope;  // Phi-3 had the older name
  if (r.scaling == Scaling::linear || r.scaling == Scaling::dynamic) r.trained_ctx = c.n_ctx;
  if (r.trained_ctx == 0) r.trained_ctx = integer_if_given(f, "original_max_position_embeddings", c.n_ctx, 1, kMaxSize);
  f.ignore("original_max_position_embeddings");
  if (r.scaling == Scaling::longrope) {
    const auto pairs = size_t((int64_t(double(c.d_head) * r.part) + 1) / 2);
    r.short_factors = factors(f, "short_factor", pairs);
    r.long_factors = factors(f, "long_factor", pairs);
    r.factor = number_if_given(f, "factor", double(c.n_ctx) / double(r.trained_ctx), 1e-3, kHuge);
    r.gain = r.factor <= 1 ? 1 : std::sqrt(1 + std::log(r.factor) / std::log(double(r.trained_ctx)));
  } else {
    r.factor = f.number("factor", 1, kHuge);
  }
  if (r.scaling == Scaling::llama3) {
    r.low = f.number("low_freq_factor", 1e-6, kHuge);
    r.high = f.number("high_freq_factor", r.low, kHuge);
  }
  if (r.scaling == Scaling::yarn) {
    r.low = number_if_given(f, "beta_slow", 1, 1e-6, kHuge);
    r.high = number_if_given(f, "beta_fast", 32, 1e-6, kHuge);
    r.truncate = f.flag_or("truncate", true);
    const double scale = number_if_given(f, "mscale", 0, 0, kHuge),
                 whole = number_if_given(f, "mscale_all_dim", 0, 0, kHuge);
    r.gain = scale != 0 && whole != 0 ? yarn_gain(r.factor, scale) / yarn_gain(r.factor, whole) : yarn_gain(r.factor);
    f.ignore("finetuned");
  }
  if (r.scaling == Scaling::yarn || r.scaling == Scaling::longrope)
    r.gain = number_if_given(f, "attention_factor", r.gain, 1e-3, kHuge);
}

}  // namespace

Rope read_rope_object(Fields f, const Config& c, Rope otherwise) {
  Rope r = std::move(otherwise);
  const char* key = f.has("rope_type") ? "rope_type" : "type";
  f.ignore("type");
  const std::string type = f.has(key) ? f.one_of(key, {"default", "linear", "dynamic", "yarn", "llama3", "longrope", "su"})
                                      : std::string("default");
  r.theta = f.number_or("rope_theta", r.theta, 1, kHuge);
  r.part = f.number_or("partial_rotary_factor", r.part, 1e-3, 1);
  if (type == "default")
    r.trained_ctx = 0;
  else
    read_stretch(f, type, c, r);
  f.finish();
  return r;
}

Rope read_rope(Fields& f, Config& c, double theta, double part) {
  const bool inner = given(f, "rope_parameters"), outer = given(f, "rope_scaling"), at_top = given(f, "rope_theta");
  if (inner && outer) fail("[{}] has both rope_parameters and rope_scaling, expected one of them", f.where());
  Rope r;
  r.theta = number_if_given(f, "rope_theta", theta, 1, kHuge);
  r.part = number_if_given(f, "partial_rotary_factor", part, 1e-3, 1);
  r.trained_ctx = integer_if_given(f, "original_max_position_embeddings", 0, 1, kMaxSize);
  if (!inner && !outer) {
    r.trained_ctx = 0;
    return r;
  }
  const double said = r.theta;
  r = read_rope_object(f.object(inner ? "rope_parameters" : "rope_scaling"), c, r);
  if (at_top && r.theta != said)
    fail("[{}] rope_theta is {} and, in the rope's own object, {}; expected one value", f.where(), said, r.theta);
  if (r.scaling == Rope::Scaling::dynamic)
    c.n_ctx = int64_t(double(c.n_ctx) * r.factor);  // it stretches as far as is needed
  return r;
}

void read_windows(Fields& f, Config& c, int64_t window, const std::function<bool(int64_t)>& slides) {
  std::vector<std::string> types;
  if (given(f, "layer_types")) types = f.texts("layer_types");
  if (!types.empty() && int64_t(types.size()) != c.n_layers)
    fail("[{}] layer_types has {} entries, expected one for each of the {} layers", f.where(), types.size(), c.n_layers);
  for (const auto& type : types) {
    if (type != "full_attention" && type != "sliding_attention")
      fail("[{}] layer_types holds \"{}\", expected full_attention or sliding_attention", f.where(), type);
    if (type == "sliding_attention" && window == 0)
      fail("[{}] layer_types has sliding_attention, but sliding_window is null or off", f.where());
  }
  if (window == 0) return;
  for (int64_t layer = 0; layer < c.n_layers; ++layer) {
    const bool local = types.empty() ? slides(layer) : types[size_t(layer)] == "sliding_attention";
    c.windows.push_back(local ? window : 0);
  }
}

int64_t read_window(Fields& f) { return integer_if_given(f, "sliding_window", 0, 1, INT32_MAX); }

Config read_sizes(Fields& f, bool tied) {
  Config c;
  c.vocab = f.integer("vocab_size", 1, kMaxSize);
  c.d_model = f.integer("hidden_size", 1, kMaxSize);
  c.n_layers = f.integer("num_hidden_layers", 1, 1000);
  c.n_heads = f.integer("num_attention_heads", 1, c.d_model);
  c.n_kv_heads = integer_if_given(f, "num_key_value_heads", c.n_heads, 1, c.n_heads);
  if (!given(f, "head_dim") && c.d_model % c.n_heads != 0)
    fail("[{}] hidden_size {} is no multiple of num_attention_heads {}; without head_dim it must be", f.where(), c.d_model,
         c.n_heads);
  c.d_head = integer_if_given(f, "head_dim", c.d_model / c.n_heads, 1, kMaxSize);
  c.d_mlp = f.integer("intermediate_size", 1, kMaxSize);
  c.n_ctx = f.integer("max_position_embeddings", 1, kMaxSize);
  c.norm_eps = f.number("rms_norm_eps", 0, 1);
  c.tied = f.flag_or("tie_word_embeddings", tied);
  return c;
}

Config read_llama(Fields& f) {
  Config c = read_sizes(f);
  c.rope = read_rope(f, c);
  f.one_of("hidden_act", {"silu"});
  return c;
}

Config read_gpt_sizes(Fields& f, const SizeKeys& keys) {
  Config c;
  c.norm = Config::Norm::layer;
  c.vocab = f.integer("vocab_size", 1, kMaxSize);
  c.d_model = f.integer(keys.d_model, 1, kMaxSize);
  c.n_layers = f.integer(keys.n_layers, 1, 1000);
  c.n_heads = c.n_kv_heads = f.integer(keys.n_heads, 1, c.d_model);
  if (c.d_model % c.n_heads != 0)
    fail("[{}] {} {} is no multiple of {} {}", f.where(), keys.d_model, c.d_model, keys.n_heads, c.n_heads);
  c.d_head = c.d_model / c.n_heads;
  c.n_ctx = f.integer(keys.n_ctx, 1, kMaxSize);
  return c;
}

Config::Mlp read_gelu(Fields& f, const char* key) {
  return f.one_of(key, {"gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"}) == "gelu" ? Config::Mlp::gelu : Config::Mlp::gelu_tanh;
}

void Table::tensor(const std::string& name, std::vector<int64_t> shape, at::Tensor& into) {
  const int64_t rows = shape[0];
  slots.push_back({prefix + name, std::move(shape), {{&into, rows}}});
}

void Table::norm(const std::string& name, int64_t width, NormWeights& into, bool bias) {
  tensor(name + ".weight", {width}, into.w);
  slots.back().less = gain_less;
  if (bias) tensor(name + ".bias", {width}, into.b);
}

void Table::linear(const std::string& name, const std::vector<Map>& maps, int64_t in, bool bias, bool transposed, int64_t turns) {
  Slot weight{prefix + name + ".weight", {0, in}, {}, transposed, turns},
      biases{prefix + name + ".bias", {0}, {}, false, turns};
  for (const auto& map : maps) {
    weight.parts.push_back({&map.into.w, map.out});
    biases.parts.push_back({&map.into.b, map.out});
    weight.shape[0] = biases.shape[0] += map.out;
  }
  if (transposed) std::swap(weight.shape[0], weight.shape[1]);
  slots.push_back(std::move(weight));
  if (bias) slots.push_back(std::move(biases));
}

std::vector<Slot> llama_table(const Config& c, Weights& w) { return llama_table_in(c, w, {}); }

std::vector<Slot> llama_table_in(const Config& c, Weights& w, Form form) {
  const int64_t d = c.d_model, heads = c.n_heads * c.d_head, kv = c.n_kv_heads * c.d_head;
  Table t;
  t.gain_less = form.gain_less;
  t.tensor("model.embed_tokens.weight", {c.vocab, d}, w.embed);
  t.norm("model.norm", d, w.ln_final, false);
  if (!c.tied) t.tensor("lm_head.weight", {c.vocab, d}, w.unembed);
  for (size_t i = 0; i < w.blocks.size(); ++i) {
    Block& b = w.blocks[i];
    t.prefix = fmt::format("model.layers.{}.", i);
    const bool both = c.norm_place == Config::NormPlace::both, after = c.norm_place == Config::NormPlace::after;
    t.norm(after ? "post_attention_layernorm" : "input_layernorm", d, b.ln1, false);
    if (both) t.norm("post_attention_layernorm", d, b.ln1_post, false);
    if (form.fused) {
      t.linear("self_attn.qkv_proj", {{b.q, heads}, {b.k, kv}, {b.v, kv}}, d, c.biases.qkv);
    } else {
      t.linear("self_attn.q_proj", {{b.q, heads}}, d, c.biases.qkv);
      t.linear("self_attn.k_proj", {{b.k, kv}}, d, c.biases.qkv);
      t.linear("self_attn.v_proj", {{b.v, kv}}, d, c.biases.qkv);
    }
    if (c.qk_norm != Config::QkNorm::none) {
      const bool whole = c.qk_norm == Config::QkNorm::whole;
      t.norm("self_attn.q_norm", whole ? heads : c.d_head, b.q_norm, false);
      t.norm("self_attn.k_norm", whole ? kv : c.d_head, b.k_norm, false);
    }
    t.linear("self_attn.o_proj", {{b.o, d}}, heads, c.biases.o);
    t.norm(both    ? "pre_feedforward_layernorm"
           : after ? "post_feedforward_layernorm"
                   : "post_attention_layernorm",
           d, b.ln2, false);
    if (both) t.norm("post_feedforward_layernorm", d, b.ln2_post, false);
    if (form.fused) {
      t.linear("mlp.gate_up_proj", {{b.gate, c.d_mlp}, {b.in, c.d_mlp}}, d, c.biases.mlp);
    } else {
      t.linear("mlp.gate_proj", {{b.gate, c.d_mlp}}, d, c.biases.mlp);
      t.linear("mlp.up_proj", {{b.in, c.d_mlp}}, d, c.biases.mlp);
    }
    t.linear("mlp.down_proj", {{b.out, d}}, c.d_mlp, c.biases.mlp);
  }
  return std::move(t.slots);
}

Json write_llama(const Config& c) {
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

}  // namespace fairfight
