#pragma once
#include <stdexcept>
#include <string_view>

#include "fairfight/base/error.h"

namespace fairfight::fuzz {

inline void require(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

/// Runs `act` and says whether it was done; refused in one line is fine, too.
template <class Act>
bool done_or_refused(Act act) {
  try {
    act();
    return true;
  } catch (const Error& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos, "a refusal is one line");
    return false;
  }
}

}  // namespace fairfight::fuzz
