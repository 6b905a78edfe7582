#pragma once
#include <cstdint>

#include "fairfight/model/config.h"
#include "fairfight/model/site.h"

namespace fairfight {

/// FLOPs of a transformer's pass in closed form: 2 for every weight that multiplies an activation, up to a site if it ends there. Attention's own products are left
/// out, below 5 % at a town's lengths. Nobody pays by it but for what is the same for all: the harvest of the pool.
double forward_flops(const Config& config, int64_t tokens);
double forward_flops(const Config& config, int64_t tokens, const Site& stop);

}  // namespace fairfight
