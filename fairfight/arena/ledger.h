#pragma once
#include <cstdint>

#include "fairfight/base/json.h"

namespace fairfight {

/// What a contestant spent. Booked by the corner, never by the contestant.
struct Ledger {
  int64_t tokens_forward = 0, tokens_backward = 0;
  double flops = 0;
  int64_t queries = 0;  // calls of the model
  int64_t labels = 0;   // labelled examples seen
  int64_t trials = 0;   // settings tried on validation
  double seconds = 0;   // wall time; not part of a result's reproducible part

  Ledger& operator+=(const Ledger& other) {
    tokens_forward += other.tokens_forward;
    tokens_backward += other.tokens_backward;
    flops += other.flops;
    queries += other.queries;
    labels += other.labels;
    trials += other.trials;
    seconds += other.seconds;
    return *this;
  }
  Json json() const;
  static Ledger read(const Json& json);
};

}  // namespace fairfight
