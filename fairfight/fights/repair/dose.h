#pragma once
#include <cstddef>
#include <vector>

#include "fairfight/base/tokens.h"

namespace fairfight {

/// How many of so many documents a share is, above 0 one at least.
size_t documents_of(double share, size_t documents);

/// Ordinary documents with the others spread evenly among them, either in its order.
std::vector<Tokens> mixed(const std::vector<Tokens>& ordinary, const std::vector<Tokens>& others);

}  // namespace fairfight
