#include "fairfight/base/profile.h"

namespace fairfight {

void Profile::add(const std::string& name, double seconds) {
  const std::lock_guard lock(adding_);
  for (auto& [known, sum] : seconds_)
    if (known == name) {
      sum += seconds;
      return;
    }
  seconds_.emplace_back(name, seconds);
}

}  // namespace fairfight
