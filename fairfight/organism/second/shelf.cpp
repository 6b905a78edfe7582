#include "fairfight/organism/second/shelf.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/organism/second/organism.h"

namespace fairfight::tinytown2 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWorld = "tinytown2-";

bool is_there(const OrganismName& name) { return fs::exists(given_or_shipped(name.text()) / "datasheet.json"); }

void add(std::vector<OrganismName>& list, const OrganismName& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

/// Seconds on two cores; the estimate corrects itself.
double expected_seconds(const OrganismName& name) { return 40 + 0.1 * double(variant_by_name(name.variant).steps); }

}  // namespace

std::optional<OrganismName> OrganismName::read(std::string_view text) {
  if (!text.starts_with(kWorld)) return std::nullopt;
  const char *begin = text.data() + kWorld.size(), *end = text.data() + text.size();
  uint64_t seed = 0;
  const auto [rest, error] = std::from_chars(begin, end, seed);
  if (error != std::errc() || (rest != end && *rest != '-')) return std::nullopt;
  if (rest == end) return OrganismName{seed, "base"};
  const std::string variant(rest + 1, end);
  return OrganismName{seed, std::string(variant_by_name(variant).name)};
}

std::string OrganismName::text() const { return variant == "base" ? fmt::format("{}{}", kWorld, seed) : fmt::format("{}{}-{}", kWorld, seed, variant); }

std::vector<OrganismName> organism_set(std::string_view name) {
  const bool demo = name == "demo" || name == "all", verdict = name == "verdict" || name == "all";
  if (!demo && !verdict) fail("[organism build] got the set \"{}\", expected demo, verdict or all", name);
  std::vector<OrganismName> list;
  const auto add_seeds = [&](uint64_t first, uint64_t last) {
    for (uint64_t seed = first; seed <= last; ++seed)
      for (const auto& variant : variants()) list.push_back({seed, std::string(variant.name)});
  };
  if (demo) add_seeds(0, 2);
  if (verdict) add_seeds(100, 107);
  return list;
}

std::vector<OrganismName> missing(const std::vector<OrganismName>& wanted) {
  std::vector<OrganismName> list;
  for (const auto& name : wanted) {
    if (is_there(name)) continue;
    if (variant_by_name(name.variant).from_base && !is_there(name.base())) add(list, name.base());
    add(list, name);
  }
  return list;
}

void build_missing(const std::vector<OrganismName>& names, const Progress::Sink& sink) {
  std::vector<Progress::Stage> plan;
  for (const auto& name : names) plan.push_back({name.text(), expected_seconds(name)});
  Progress progress(plan, sink);
  for (const auto& name : names) {
    OrganismSettings settings;
    settings.seed = name.seed;
    settings.variant = name.variant;
    if (variant_by_name(name.variant).from_base) settings.base = given_or_shipped(name.base().text());
    build_organism(settings, built_organisms() / name.text(), true, progress.next());
    progress.done();
  }
}

}  // namespace fairfight::tinytown2
