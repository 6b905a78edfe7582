#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/progress.h"

namespace fairfight::tinytown {

/// What a card calls an organism: its world, seed and variant, "tinytown-0", "tinytown-100-backdoored".
struct OrganismName {
  uint64_t seed;
  std::string variant;

  static std::optional<OrganismName> read(std::string_view text);  // nothing: it is no such name, or a folder here; error: an unknown variant, or not the name's only form
  std::string text() const;
  OrganismName base() const { return {seed, "base"}; }
  bool operator==(const OrganismName&) const = default;
};

/// Sets that are built by one command: "demo" (seeds 0 to 2), "verdict" (100 to 107, for published verdicts) and "all".
std::vector<OrganismName> organism_set(std::string_view name);  // error: lists the known ones

/// Of these those that are neither shipped nor built, and the bases that they go on from, in an order in which they can be built.
std::vector<OrganismName> missing(const std::vector<OrganismName>& wanted);

/// Of the building, on two cores; while it goes on, the estimate corrects itself.
double expected_seconds(const OrganismName& name);

/// Builds them where this machine keeps what it has built, one after the other. What an earlier run had begun goes on. Error, at the end: those that do not
/// pass their gate; the others are there.
void build_missing(const std::vector<OrganismName>& names, const Progress::Sink& sink);

}  // namespace fairfight::tinytown
