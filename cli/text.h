#pragma once
#include <filesystem>
#include <vector>

#include "fairfight/model/batch.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// Documents of the world that an organism's papers name, 64 to a batch.
std::vector<Batch> organism_text(const std::filesystem::path& organism, Split split, size_t documents);

}  // namespace fairfight
