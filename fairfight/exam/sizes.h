#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

namespace fairfight {

/// As large as wanted or, all in proportion but none below its least, as large as fits: in steps of a hundredth. Empty: not even the least.
template <class Fits>
std::vector<size_t> in_proportion(const std::vector<size_t>& wanted, const std::vector<size_t>& least, Fits fits) {
  for (size_t percent = 100;; --percent) {
    std::vector<size_t> sizes;
    for (size_t i = 0; i < wanted.size(); ++i) sizes.push_back(std::min(wanted[i], std::max(least[i], wanted[i] * percent / 100)));
    if (fits(sizes)) return sizes;
    if (percent == 0) return {};
  }
}

}  // namespace fairfight
