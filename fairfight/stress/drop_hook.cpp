#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

std::map<std::string, double> without_hook(const Subject& subject, const Patch& patch) {
  if (patch.hooks.empty()) return {};
  return {{"hook_removed", subject.removed({patch.weights, {}})}};
}

}  // namespace

Stress drop_hook() { return {{{"hook_removed", "hook dropped", "removed, by whoever holds the weights and drops the hook"}}, without_hook}; }

}  // namespace fairfight
