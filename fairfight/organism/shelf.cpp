#include "fairfight/organism/shelf.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/organism/organism.h"

namespace fairfight::tinytown {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWorld = "tinytown-";

/// Shipped or built here, of this grammar.
bool is_there(const OrganismName& name) {
  const fs::path folder = given_or_shipped(name.text());
  if (!fs::exists(folder / "datasheet.json")) return false;
  const Datasheet datasheet = Datasheet::read(folder);
  if (datasheet.seed != name.seed || datasheet.variant != name.variant) fail("[organism] {} holds the variant {} of seed {}; remove it", folder.string(), datasheet.variant, datasheet.seed);
  return true;
}

void add(std::vector<OrganismName>& list, const OrganismName& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

}  // namespace

std::optional<OrganismName> OrganismName::read(std::string_view text) {
  if (!text.starts_with(kWorld) || fs::exists(text)) return std::nullopt;
  const char *begin = text.data() + kWorld.size(), *end = text.data() + text.size();
  uint64_t seed = 0;
  const auto [rest, error] = std::from_chars(begin, end, seed);
  if (error != std::errc() || seed > uint64_t(INT64_MAX) || (rest != end && *rest != '-')) return std::nullopt;
  const OrganismName name{seed, rest == end ? "base" : std::string(variant_by_name(std::string_view(rest + 1, end)).name)};
  if (name.text() != text) fail("[organism] got the name {}, expected {}", text, name.text());
  return name;
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

double expected_seconds(const OrganismName& name) { return 40 + 0.1 * double(variant_by_name(name.variant).steps); }

void build_missing(const std::vector<OrganismName>& names, const Progress::Sink& sink) {
  std::vector<Progress::Stage> plan;
  for (const auto& name : names) plan.push_back({name.text(), expected_seconds(name)});
  Progress progress(plan, sink);
  std::vector<std::string> failed;
  for (const auto& name : names) {
    OrganismSettings settings;
    settings.seed = name.seed;
    settings.variant = name.variant;
    const Tick tick = progress.next();
    try {
      if (variant_by_name(name.variant).from_base) settings.base = given_or_shipped(name.base().text());
      build_organism(settings, built_organisms() / name.text(), true, tick);
    } catch (const Error& error) {
      failed.push_back(fmt::format("{}: {}", name.text(), error.what()));
    }
    progress.done();
  }
  if (!failed.empty()) fail("[organism build] {} of {} were not built:\n{}", failed.size(), names.size(), fmt::join(failed, "\n"));
}

}  // namespace fairfight::tinytown
