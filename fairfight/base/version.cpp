#include "fairfight/base/version.h"

#include "fairfight_commit.h"  // written by the build

namespace fairfight {

constexpr std::string_view kCommit = FAIRFIGHT_COMMIT;
const std::string_view kVersion = kCommit.empty() ? FAIRFIGHT_VERSION : FAIRFIGHT_VERSION " (" FAIRFIGHT_COMMIT ")";

}  // namespace fairfight
