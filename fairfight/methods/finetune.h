#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fairfight/model/optimizer.h"

namespace fairfight {

struct FineTuneSettings {
  enum class Schedule { constant,
                        cosine };  // after the warm-up; the cosine ends at 0

  int64_t steps = 0;
  double learning_rate = 0;
  int64_t warm_up = 0;  // steps in which the rate rises linearly
  Schedule schedule = Schedule::cosine;
  AdamW::Settings adam{0.9, 0.999, 1e-8, 0.0, 1.0};

  // With a validation: it is asked at step 0, every `check_every` steps and at the end.
  int64_t check_every = 0;
  int64_t patience = 0;  // checks in a row without a lower value, then it stops
};

struct FineTuneLog {
  enum class End {
    all_steps,
    no_better,   // the patience is over
    not_finite,  // the loss or its gradient; the parameters are those of the last finite loss
  };
  End end = End::all_steps;
  std::vector<double> losses;  // loss(i) before update i; one more than `steps` where its gradient was not finite
  std::vector<double> checks;  // what the validation returned
  int64_t steps = 0;           // updates made
  int64_t kept = 0;            // updates behind the parameters that were left in place

  std::string note() const;  // a sentence if it ended at what is not finite; else empty
};

/// Rates are those of models up to 128 wide. In a wider one as large a step of every weight changes more of what a map puts out: Adam's rate goes with
/// 1 / width there (µP; Yang et al. 2022), for contestants and attackers alike.
double rate_at_width(double rate, int64_t d_model);

/// Moves `parameters` by AdamW along the gradient of `loss(step)`, a scalar; it may look different at every step, so a
/// seeded loss makes a deterministic training. With a `validation` (lower is better) the best parameters are left in place,
/// whatever the end. Errors: parameters that are not contiguous float32 leaves with gradients, settings that make no sense.
FineTuneLog fine_tune(const std::vector<at::Tensor>& parameters, const FineTuneSettings& settings,
                      const std::function<at::Tensor(int64_t step)>& loss, const std::function<double()>& validation = {});

}  // namespace fairfight
