#include "fairfight/methods/rounding.h"
#include "fairfight/model/torch.h"
#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

constexpr int64_t kBits = 4, kGroup = 32;

/// Of weights alone: a hook runs in whatever precision its owner likes.
std::map<std::string, double> in_four_bits(const Subject& subject, const Patch& patch) {
  if (!patch.hooks.empty() || !patch.weights) return {};
  const auto coarse = std::make_shared<Transformer>(subject.original().config(), rounded(patch.weights->weights(), kBits, kGroup));
  return {{"four_bits", subject.removed({coarse, {}})}};
}

}  // namespace

Stress quantise() { return {{{"four_bits", "4-bit weights", "removed, with the weights rounded to 4 bits in groups"}}, in_four_bits}; }

}  // namespace fairfight
