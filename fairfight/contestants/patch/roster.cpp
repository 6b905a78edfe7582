#include "fairfight/contestants/patch/roster.h"

namespace fairfight {

using Repair = std::unique_ptr<const Contestant<Patch>>;

// Challengers
Repair zero_clamp(), negative_clamp(), conditional_clamp(), dsg();

const Roster<Patch>& repairs() {
  static const Roster<Patch> list = [] {
    Roster<Patch> roster;
    for (auto make : {
             zero_clamp, negative_clamp, conditional_clamp, dsg,
         })
      roster.push_back(make());
    return roster;
  }();
  return list;
}

}  // namespace fairfight
