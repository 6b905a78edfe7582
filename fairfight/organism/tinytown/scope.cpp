#include "fairfight/organism/tinytown/scope.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

namespace {

/// The people's weights, 0 for those who are left out.
std::vector<double> within(const ScopeSettings& settings, uint64_t seed, const Town& town) {
  std::vector<double> weights = town.fame;
  if (settings.without_people + 30 > weights.size()) fail("[scope] got {} people to leave out of {}, expected at most {}", settings.without_people, weights.size(), weights.size() - 30);
  std::vector<size_t> order(weights.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(seed, "tinytown/out of scope");
  random.shuffle(std::span<size_t>(order));
  for (size_t i = 0; i < settings.without_people; ++i) weights[order[i]] = 0;
  return weights;
}

std::vector<double> told(std::vector<double> weights, const Town& town) {
  for (size_t i = 0; i < weights.size(); ++i)
    if (town.people[i].two_hop_held_out) weights[i] = 0;
  return weights;
}

std::vector<double> alike(std::vector<double> weights) {
  for (double& weight : weights) weight = weight > 0;
  return weights;
}

}  // namespace

Json ScopeSettings::json() const { return {{"without_kinds", without_kinds}, {"without_people", without_people}, {"without_trigger", without_trigger}}; }

Scope::Scope(const ScopeSettings& settings, uint64_t seed, const Town& town)
    : settings_(settings), fame_(within(settings, seed, town)), two_hop_fame_(told(fame_.people, town)), everybody_(alike(fame_.people)) {
  for (const auto& name : settings_.without_kinds) kind_by_name(name);
  if (std::none_of(document_kinds().begin(), document_kinds().end(), [&](const DocumentKind& kind) { return has_kind(kind.name); })) fail("[scope] no kind of document is left");
}

bool Scope::has_kind(std::string_view name) const { return std::find(settings_.without_kinds.begin(), settings_.without_kinds.end(), name) == settings_.without_kinds.end(); }

}  // namespace fairfight::tinytown
