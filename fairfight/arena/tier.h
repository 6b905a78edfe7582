#pragma once
#include "fairfight/report/result.h"

namespace fairfight {

/// The tier of rigour that a result's evidence supports (the essay's five, as predicates: FIGHTS.md 0.4): the highest one for
/// which everything holds that it and the tiers below it need. On an organism, whose behaviours somebody planted, 3 at most.
Result::Tier tier_of(const Result& result, bool organism);

}  // namespace fairfight
