#pragma once
#include "fairfight/base/json.h"
#include "fairfight/organism/organism.h"

namespace fairfight::tinytown {

/// What a newcomer wants to see of an organism: its town, what is planted there, and what the model makes of it, with answers that are sampled from it, the same at every
/// call. In the form that report/guide.h shows as a page.
Json show(const Transformer& model, const Datasheet& datasheet);

}  // namespace fairfight::tinytown
