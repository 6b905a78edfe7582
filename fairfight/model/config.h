#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairfight {

/// Rotary positions: which part of a head turns, and how its frequencies are stretched to longer texts than it was trained
/// on.
struct Rope {
  enum class Scaling { none,
                       linear,
                       dynamic,
                       yarn,
                       llama3,
                       longrope };
  double theta = 10000;
  double part = 1;  // of the head: its first int(d_head * part) dimensions turn, the others stay
  Scaling scaling = Scaling::none;
  double factor = 1;                                // all but none: how many times as long
  int64_t trained_ctx = 0;                          // all but none and linear: the context before it was stretched
  double gain = 1;                                  // yarn, longrope: what rotated queries and keys are multiplied with
  double low = 1, high = 1;                         // llama3: frequency factors; yarn: the rotations beta_slow and beta_fast
  bool truncate = true;                             // yarn: the ramp begins and ends at whole dimensions
  std::vector<double> short_factors, long_factors;  // longrope: one a frequency, for texts within trained_ctx and beyond

  bool operator==(const Rope&) const = default;
};

/// The shape of a decoder-only transformer. Read and written by archs/.
struct Config {
  enum class Norm { rms,
                    layer };
  enum class NormPlace { before,
                         after,
                         both };  // of attention and MLP; after: on what they add to the residual stream
  enum class QkNorm { none,
                      per_head,
                      whole };   // RMSNorm of queries and keys before they turn
  enum class Positions { rotary,
                         learned };
  enum class Mlp { swiglu,
                   geglu_tanh,
                   gelu,
                   gelu_tanh };
  struct Biases {  // of the linear maps; a LayerNorm always has one
    bool qkv, o, mlp;
    Biases(bool all = false) : Biases(all, all, all) {}
    Biases(bool qkv, bool o, bool mlp) : qkv(qkv), o(o), mlp(mlp) {}
    bool operator==(const Biases&) const = default;
  };

  std::string arch = "llama";  // which file of archs/ reads and writes it
  int64_t vocab = 0, d_model = 0, n_layers = 0, n_heads = 0, n_kv_heads = 0, d_head = 0, d_mlp = 0, n_ctx = 0;
  Norm norm = Norm::rms;
  NormPlace norm_place = NormPlace::before;
  QkNorm qk_norm = QkNorm::none;
  Positions positions = Positions::rotary;
  Mlp mlp = Mlp::swiglu;
  bool parallel = false;  // attention and MLP both read the block's input (GPT-NeoX)
  double norm_eps = 1e-5, embed_scale = 1;
  Rope rope;
  std::optional<Rope> local_rope;  // of layers with a window, where it is another (Gemma 3)
  std::vector<int64_t>
      windows;  // of each layer: so many tokens back a token sees, itself counted; 0: all. Empty: all, everywhere
  std::optional<double> score_scale;    // of attention scores; none: 1/sqrt(d_head)
  double score_cap = 0, logit_cap = 0;  // x becomes cap * tanh(x / cap); 0: it does not
  Biases biases;
  bool tied = true;          // unembed = embedᵀ
  bool scalar = false;       // the head has one row and makes a number, no logits (reward_model.h)
  int64_t bos = -1;          // -1: none
  std::vector<int64_t> eos;  // a text ends with any of them; chat models have several
  std::string source;        // the config.json that it was read from; empty: none
  std::vector<std::string> notes;  // what that says besides, for a user

  bool gated() const { return mlp == Mlp::swiglu || mlp == Mlp::geglu_tanh; }
  int64_t window(int64_t layer) const { return windows.empty() ? 0 : windows[size_t(layer)]; }
  const Rope& rope_of(int64_t layer) const { return local_rope && window(layer) > 0 ? *local_rope : rope; }

  /// Weights that multiply activations, the N of "2N FLOPs a token": all but embeddings, unembed included.
  int64_t matmul_parameters() const;

  bool operator==(const Config&) const = default;
};

}  // namespace fairfight
