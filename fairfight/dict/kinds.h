#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/dict/kind.h"

namespace fairfight {

const std::vector<Kind>& kinds();
const Kind& kind_by_name(std::string_view name);  // error: lists the known ones

/// Learns a dictionary of settings.kind. Every kind is a pure function of rows and settings (for a number of threads).
/// A kind that trains for long saves and resumes by `checkpoints`; all call check_stop.
std::unique_ptr<Dictionary> learn(const Rows& rows, const DictionarySettings& settings, const Tick& tick = no_tick,
                                  const Checkpoints& checkpoints = {}, TrainingLog* log = nullptr);

/// Error: settings out of range, or more latents than a kind can make of so many dimensions. `learn` asks, too: for whoever wants to know before a harvest.
void require_learnable(const DictionarySettings& settings, int64_t d_model);

/// Error: one of the settings that somebody gave by name makes no difference to this kind.
void require_read(std::string_view kind, const std::vector<std::string>& given);

/// From Dictionary::tensors(). Error: an unknown kind, or tensors that it does not accept.
std::unique_ptr<Dictionary> rebuild(std::string_view kind, const Tensors& tensors);

/// What `learn` spends on `rows` rows, without the model's forward passes that made them. Known before it runs, and never too
/// little: where the work depends on what is learnt (the dead latents of "topk", which AuxK trains), the most is booked.
double learning_flops(const DictionarySettings& settings, int64_t d_model, int64_t rows);

}  // namespace fairfight
