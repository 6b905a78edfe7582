#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace fairfight {

/// Five Newton-Schulz steps towards U Vᵀ of a matrix U S Vᵀ: singular values end between 0.7 and 1.2 (Jordan 2024). [rows, cols] -> the same, rows <= cols
at::Tensor orthogonalised(const at::Tensor& matrix);

/// Muon (Jordan 2024; Liu et al. 2025): momentum whose matrices are orthogonalised, so that every direction of a weight is learned at the same rate, the rare ones
/// with it. For the matrices between the embeddings; AdamW trains the rest.
class Muon {
 public:
  struct Settings {
    double momentum = 0.95, weight_decay = 0.01;  // the decay is decoupled
  };

  Muon(std::vector<at::Tensor> matrices, Settings settings);

  void step(double learning_rate);  // applies and clears the gradients; tall matrices take sqrt(rows / cols) times as large a step

  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& state);

 private:
  std::vector<at::Tensor> matrices_, momenta_;
  Settings settings_;
};

}  // namespace fairfight
