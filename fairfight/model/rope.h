#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/model/config.h"

namespace fairfight {

/// By how much each pair of dimensions turns from one position to the next, in a text of `pos` tokens. transformers' dynamic
/// and longrope frequencies depend on the whole text's length, and so do these.
std::vector<double> frequencies(const Rope& rope, int64_t d_head, int64_t pos);
bool hang_on_length(const Rope& rope);

/// Cosine and sine of every angle, [pos, pairs] each, times the rope's gain: what `rotate` takes. Frequencies and angles are rounded
/// to float32 as transformers rounds them: a model was trained so, and far into a text it is no small difference.
struct Angles {
  at::Tensor cosine, sine;
};
/// Of texts of such lengths, side by side in `pos` positions: where their lengths give them other frequencies, [text, pos, pairs].
Angles angles(const Rope& rope, int64_t d_head, int64_t pos, const std::vector<int64_t>& lengths);
/// Those of the last position of texts of such lengths, [texts, pairs] each.
Angles last_angles(const Rope& rope, int64_t d_head, const std::vector<int64_t>& lengths);

}  // namespace fairfight
