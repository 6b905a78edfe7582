#pragma once

namespace fairfight {

/// A number with its confidence interval; low = value = high where it has none.
struct Estimate {
  double value = 0, low = 0, high = 0;
  bool exact() const { return low == value && value == high; }
  bool operator==(const Estimate&) const = default;
};

}  // namespace fairfight
