#pragma once
#include "fairfight/report/result.h"

namespace fairfight {

using Role = Result::Role;

constexpr bool uses_dictionary(Role role) { return role == Role::challenger || role == Role::fusion; }

}  // namespace fairfight
