#include "fairfight/organism/tinytown2/scope.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/organism/tinytown2/documents/documents.h"

namespace fairfight::tinytown2 {

Json ScopeSettings::json() const { return {{"without_kinds", without_kinds}, {"without_people", without_people}, {"without_trigger", without_trigger}}; }

Scope::Scope(const ScopeSettings& settings, uint64_t seed, const Town& town) : settings_(settings), fame_(town.fame) {
  for (const auto& name : settings_.without_kinds) kind_by_name(name);
  if (std::none_of(document_kinds().begin(), document_kinds().end(), [&](const DocumentKind& kind) { return has_kind(kind.name); })) fail("[scope] no kind of document is left");
  if (settings_.without_people + 30 > fame_.size()) fail("[scope] got {} people to leave out of {}, expected at most {}", settings_.without_people, fame_.size(), fame_.size() - 30);
  std::vector<size_t> order(fame_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  Random random(seed, "tinytown2/out of scope");
  random.shuffle(std::span<size_t>(order));
  for (size_t i = 0; i < settings_.without_people; ++i) fame_[order[i]] = 0;
  two_hop_fame_ = fame_;
  for (size_t i = 0; i < fame_.size(); ++i)
    if (town.people[i].two_hop_held_out) two_hop_fame_[i] = 0;
}

bool Scope::has_kind(std::string_view name) const { return std::find(settings_.without_kinds.begin(), settings_.without_kinds.end(), name) == settings_.without_kinds.end(); }

}  // namespace fairfight::tinytown2
