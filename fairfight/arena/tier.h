#pragma once
#include "fairfight/report/result.h"

namespace fairfight {

/// Where the cases of a fight come from: somebody planted them in an organism; a rule of the fight made them, of a user's text; or
/// the user met them and brought them along.
enum class Cases { planted,
                   made,
                   met };

/// The tier of rigour that a result's evidence supports (the essay's five, as predicates: FIGHTS.md 0.4): the highest one for
/// which everything holds that it and the tiers below it need. With cases that were planted or made, 3 at most.
Result::Tier tier_of(const Result& result, Cases cases);

}  // namespace fairfight
