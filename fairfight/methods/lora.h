#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/model/config.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// The linear maps of a block.
enum class LinearMap { q,
                       k,
                       v,
                       o,
                       gate,
                       in,
                       out };
std::string_view name_of(LinearMap map);
Linear& map_of(Block& block, LinearMap map);  // without weights where the model has none: a GPT-2's gate
std::vector<LinearMap> linear_maps(const Config& config);

struct LoraSettings {
  int64_t rank = 8;
  double alpha = 16;
  std::vector<LinearMap> maps;  // of each of the layers
  std::vector<int64_t> layers;
  double start = 0;  // standard deviation of B; above 0 for a loss that is flat at the model itself
};

/// Low-rank adapters beside frozen weights (Hu et al. 2021, section 4.1): W + α/r · B A, with A [rank, in] drawn uniformly
/// from ±1/sqrt(in), which is what peft's Kaiming initialisation comes to, and B [out, rank] = 0 unless reported otherwise.
class Lora {
 public:
  struct Adapter {
    int64_t layer;
    LinearMap map;
    at::Tensor a, b;  // with gradients
  };

  /// `frozen` is shared, not copied. Errors: a rank below 1, a layer or a map that the model does not have.
  Lora(const Weights& frozen, LoraSettings settings, Random random);

  std::vector<at::Tensor> parameters() const;
  const std::vector<Adapter>& adapters() const { return adapters_; }

  /// The frozen weights with the adapters beside them: a pass through them has gradients at A and B alone. A clone of them has the
  /// adapters merged.
  Weights adapted() const;

 private:
  Weights frozen_;
  double scale_;
  std::vector<Adapter> adapters_;
};

}  // namespace fairfight
