#pragma once
#include "fairfight/disciplines/repair/discipline.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// Every repair there is, in the order in which they are listed. A new one is a file here and a line in roster.cpp.
const Roster<Repair>& repairs();

/// Without the challengers that make sense only for what the dictionary never saw.
const Roster<Repair>& repairs_of_the_represented();

}  // namespace fairfight
