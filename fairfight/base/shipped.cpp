#include "fairfight/base/shipped.h"

#include <cstdlib>
#include <optional>
#include <vector>

#include "fairfight/base/error.h"

namespace fairfight {
namespace fs = std::filesystem;

fs::path shipped(const fs::path& relative) { return shipped(relative, relative); }

fs::path shipped(const fs::path& relative, const fs::path& in_source) {
  std::vector<fs::path> homes;
  if (const char* home = std::getenv("FAIRFIGHT_HOME")) homes.emplace_back(home);
  std::error_code none;
  const fs::path binary = fs::read_symlink("/proc/self/exe", none);
  if (!none) homes.push_back(binary.parent_path().parent_path() / FAIRFIGHT_DATADIR / "fairfight");
  homes.emplace_back(FAIRFIGHT_SOURCE_DIR);
  for (const auto& home : homes)
    for (const auto& path : {relative, in_source})
      if (fs::exists(home / path)) return home / path;
  fail("[shipped] {} was found neither in $FAIRFIGHT_HOME, nor beside the binary, nor in {}; install fairfight again", relative.string(),
       FAIRFIGHT_SOURCE_DIR);
}

fs::path built_organisms() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? std::optional<fs::path>(value) : std::nullopt;
  };
  const auto home = [&] {
    if (const auto folder = set("HOME")) return *folder / ".cache";
    fail("[organisms] neither $XDG_CACHE_HOME nor $HOME is set, so there is no place for what is built; set one of them");
  };
  const auto cache = set("XDG_CACHE_HOME");
  return (cache ? *cache : home()) / "fairfight" / "organisms";
}

fs::path given_or_shipped(const fs::path& path) {
  if (fs::exists(path) || path.is_absolute()) return path;
  for (const auto& home : {path, "organisms" / path, "cards" / path}) {
    try {
      return shipped(home);
    } catch (const Error&) {
    }
  }
  const bool on_the_shelf = path.parent_path().empty() || path.parent_path() == "organisms";
  if (on_the_shelf && (std::getenv("HOME") || std::getenv("XDG_CACHE_HOME")) && fs::exists(built_organisms() / path.filename() / "datasheet.json")) return built_organisms() / path.filename();
  return path;
}

}  // namespace fairfight
