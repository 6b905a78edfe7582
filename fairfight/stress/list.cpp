#include "fairfight/stress/stress.h"

namespace fairfight {

Stress paraphrase(), relearn(), drop_hook(), quantise(), linear_probe();

const std::vector<Stress>& stresses() {
  static const std::vector<Stress> list{paraphrase(), relearn(), drop_hook(), quantise(), linear_probe()};
  return list;
}

std::map<std::string, double> stressed(const Subject& subject, const Patch& patch) {
  std::map<std::string, double> found;
  for (const auto& stress : stresses()) found.merge(stress.of(subject, patch));
  return found;
}

}  // namespace fairfight
