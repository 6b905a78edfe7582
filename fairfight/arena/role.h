#pragma once
#include <string_view>

namespace fairfight {

/// A challenger uses a dictionary, a baseline does not; a reference stands outside the contest (it sees labels).
enum class Role { challenger, baseline, reference };

inline std::string_view name_of(Role role) {
  return role == Role::challenger ? "challenger" : role == Role::baseline ? "baseline" : "reference";
}

}  // namespace fairfight
