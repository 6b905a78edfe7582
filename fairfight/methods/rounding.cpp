#include "fairfight/methods/rounding.h"

#include "fairfight/base/error.h"
#include "fairfight/methods/lora.h"
#include "fairfight/model/torch.h"

namespace fairfight {

at::Tensor rounded(const at::Tensor& w, int64_t bits, int64_t group) {
  if (bits < 2 || bits > 16 || group < 1) fail("[rounded] got {} bits in groups of {}, expected 2 to 16 bits and a group of 1 or more", bits, group);
  at::NoGradGuard no_grad;
  const double levels = double((int64_t(1) << (bits - 1)) - 1);
  std::vector<at::Tensor> pieces;
  for (const auto& piece : w.split(group, 1)) {
    const auto scale = (piece.abs().amax(1, true) / levels).clamp_min(1e-12);
    pieces.push_back((piece / scale).round() * scale);
  }
  return at::cat(pieces, 1);
}

Weights rounded(const Weights& weights, int64_t bits, int64_t group) {
  Weights copy = weights.clone();
  for (auto& block : copy.blocks)
    for (const auto map : {LinearMap::q, LinearMap::k, LinearMap::v, LinearMap::o, LinearMap::gate, LinearMap::in, LinearMap::out})
      if (auto& w = map_of(block, map).w; w.defined()) w = rounded(w, bits, group);
  return copy;
}

}  // namespace fairfight
