#pragma once
#include "fairfight/arena/fight.h"

namespace fairfight {

/// Every fight there is. A new one is a file here and a line in list.cpp.
const std::vector<FightEntry>& fights();
const FightEntry& fight_by_name(std::string_view name);  // error: lists the known ones

}  // namespace fairfight
