#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace fairfight {

/// The shape of a decoder-only, pre-norm transformer. Read and written by archs/.
struct Config {
  enum class Norm { rms, layer };
  enum class Positions { rotary, learned };
  enum class Mlp { swiglu, gelu, gelu_tanh };

  std::string arch = "llama";  // which file of archs/ reads and writes it
  int64_t vocab = 0, d_model = 0, n_layers = 0, n_heads = 0, n_kv_heads = 0, d_head = 0, d_mlp = 0, n_ctx = 0;
  Norm norm = Norm::rms;
  Positions positions = Positions::rotary;
  Mlp mlp = Mlp::swiglu;
  double norm_eps = 1e-5, rope_theta = 10000;
  bool biases = false;  // on every linear map and norm (GPT-2) or on none (Llama)
  bool tied = true;     // unembed = embedᵀ
  int64_t bos = -1;          // -1: none
  std::vector<int64_t> eos;  // a text ends with any of them; chat models have several

  /// Weights that multiply activations, the N of "2N FLOPs a token": all but embeddings, unembed included.
  int64_t matmul_parameters() const;
};

}  // namespace fairfight
