#pragma once
#include <filesystem>

namespace fairfight {

/// Where a file that comes with fairfight lies ("organisms/tinytown-0", "cards/anomaly.toml"): $FAIRFIGHT_HOME, else
/// share/fairfight beside the installed binary, else the source tree it was built from.
std::filesystem::path shipped(const std::filesystem::path& relative);

/// The same for a file that lies elsewhere, at `in_source`, before it is installed.
std::filesystem::path shipped(const std::filesystem::path& relative, const std::filesystem::path& in_source);

/// Where this machine keeps the organisms that it has built: $XDG_CACHE_HOME/fairfight/organisms, else ~/.cache/fairfight/organisms.
std::filesystem::path built_organisms();

/// A path as the user gave it or, where nothing lies there, the shipped file of that name, or the organism that was built here ("tinytown-100", "organisms/tinytown-100").
std::filesystem::path given_or_shipped(const std::filesystem::path& path);

}  // namespace fairfight
