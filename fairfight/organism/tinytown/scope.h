#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/organism/tinytown/town.h"

namespace fairfight::tinytown {

/// What a text is confined to: kinds of documents, people, trigger words. What is left out never comes, and everything else keeps its odds among each other. The
/// default leaves out nothing.
struct ScopeSettings {
  std::vector<std::string> without_kinds;
  size_t without_people = 0;     // so many, drawn by the seed
  bool without_trigger = false;  // no scene has both words of one

  Json json() const;
  bool operator==(const ScopeSettings&) const = default;
};

/// The same, for a town.
class Scope {
 public:
  Scope(const ScopeSettings& settings, uint64_t seed, const Town& town);  // error: an unknown kind, all of them, more people than are left

  const ScopeSettings& settings() const { return settings_; }
  bool has_kind(std::string_view name) const;
  bool has_person(size_t index) const { return fame_.people[index] > 0; }
  bool has_trigger() const { return !settings_.without_trigger; }
  const Fame& fame() const { return fame_; }                  // of those within
  const Fame& two_hop_fame() const { return two_hop_fame_; }  // ... of whom two-hop facts are told
  const Fame& everybody() const { return everybody_; }        // all of those within alike

 private:
  ScopeSettings settings_;
  Fame fame_, two_hop_fame_, everybody_;
};

}  // namespace fairfight::tinytown
