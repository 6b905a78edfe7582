#pragma once
#include "fairfight/report/result.h"

namespace fairfight {

/// Who has the best mean, and whether the interval of its lead over the best of the other corner excludes zero. It tells
/// what was measured and no more: the leader was chosen on the test items, so this is no verdict.
Result::Leader plain_statement(const Result& result);

}  // namespace fairfight
