#pragma once
#include "fairfight/report/result.h"

namespace fairfight {

using Role = Result::Role;

}  // namespace fairfight
