#pragma once
#include "fairfight/disciplines/detect/discipline.h"

namespace fairfight {

/// Every detector there is, in the order in which they are listed. A new one is a file here and a line in roster.cpp.
const Roster<Detect>& detectors();

}  // namespace fairfight
