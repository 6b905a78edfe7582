#pragma once
#include <cstdint>

#include "fairfight/base/json.h"
#include "fairfight/model/meter.h"

namespace fairfight {

/// What a contestant spent: what the meter saw, and what it was told. No contestant has its hands on it.
struct Ledger {
  Work work;
  int64_t labels = 0;  // labelled examples seen
  int64_t trials = 0;  // settings tried on validation
  double seconds = 0;  // wall time; not part of a result's reproducible part

  Ledger& operator+=(const Ledger& other);
  Json json() const;
  static Ledger read(const Json& json);
};

}  // namespace fairfight
