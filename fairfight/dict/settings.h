#pragma once
#include <cstdint>
#include <string>

#include "fairfight/base/json.h"

namespace fairfight {

/// How a dictionary is learnt. Which fields make a difference to a kind it says itself (Kind::reads).
struct DictionarySettings {
  std::string kind = "topk";
  int64_t width = 1024;              // latents
  int64_t k = 16;                    // active latents a row
  int64_t tokens = 4'000'000;        // rows to train on, counting every epoch
  int64_t batch = 4096;              // rows a step
  double lr = 0;                     // 0: 2e-4 / sqrt(width / 2^14) (Gao et al. 2024)
  int64_t aux_k = 0;                 // dead latents that learn from the residual; 0: d_model / 2
  double aux_coefficient = 1. / 32;  // 0: without that loss
  int64_t dead_after_tokens = 0;     // rows without firing; 0: 10 million, or a tenth of a shorter run
  uint64_t seed = 0;

  int64_t steps() const;
  double peak_lr() const;
  /// Linear warm-up over 1,000 steps, or a twentieth of a shorter run, and linear decay to 0 over the last fifth.
  double lr_at(int64_t step) const;
  int64_t steps_before_decay() const { return steps() - steps() / 5; }
  int64_t dead_after() const;
  /// The most dead latents of a row that learn from its residual; 0: none ever do.
  int64_t aux_places(int64_t d_model) const;
};

/// Error: a value out of range.
void require_sound(const DictionarySettings& settings);

Json to_json(const DictionarySettings& settings);
DictionarySettings read_dictionary_settings(Fields fields);  // fields that are missing keep their default

}  // namespace fairfight
