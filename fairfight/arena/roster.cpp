#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/arena/referee.h"
#include "fairfight/base/error.h"
#include "fairfight/base/version.h"

// Who fights, and what is registered of it.
namespace fairfight {

SearchSpace space_at(const Method& method, const std::vector<Site>& sites) {
  SearchSpace space = method.space();
  if (sites.size() < 2 || method.site_use() == SiteUse::none) return space;
  std::vector<Json> places;
  for (const Site& site : sites) places.push_back(site.name());
  if (method.site_use() == SiteUse::all) places.push_back(kAllSites);
  return space.evenly(kSiteKey, std::move(places));
}

std::vector<ContestantInfo> describe(const std::vector<const Method*>& roster, const std::vector<Site>& sites) {
  std::vector<ContestantInfo> list;
  for (const auto* c : roster) {
    list.push_back({std::string(c->name()), std::string(c->title()), std::string(c->about()), c->role(), space_at(*c, sites)});
  }
  return list;
}

Json roster_json(const Card& card, const std::vector<ContestantInfo>& contestants) {
  Json roster = Json::array();
  for (const auto& c : contestants)
    roster.push_back({{"name", c.name}, {"role", name_of(c.role)}, {"about", c.about}, {"space", c.space.json()}, {"trials", std::min(card.trials, c.settings())}});
  return roster;
}

Json roster_json(const Card& card, const std::vector<const Method*>& roster) {
  const auto all = describe(roster, card.sites);
  std::vector<ContestantInfo> chosen;
  for (const size_t c : chosen_contestants(card, all)) chosen.push_back(all[c]);
  return roster_json(card, chosen);
}

Json registration_of(const Card& card, const FightInfo& info, const std::vector<ContestantInfo>& contestants, const std::vector<Basis>& bases,
                     const Json& data) {
  Json controls = Json::array();
  Json constraints = Json::array();
  for (const auto& c : info.constraints) constraints.push_back({{"name", c.name}, {c.at_most ? "at_most" : "at_least", c.limit}});
  Json threats = Json::array();
  for (const auto& t : info.threats) threats.push_back({{"name", t.name}, {"about", t.about}});
  for (const auto& b : bases) controls.push_back({{"basis", b.name}, {"required", b.required}});
  return {{"schema", "fairfight.registration/5"},
          {"fairfight", kVersion},
          {"prediction", info.prediction},
          {"question", info.question},
          {"hypothesis", "what is best on validation of the challengers, in each model, is competitive with, or beats, what is best on validation of the baselines, or loses against it"},
          {"metric", {{"name", info.metric.reported.name}, {"no_skill", info.metric.reported.no_skill}, {"perfect", info.metric.reported.perfect}}},
          {"constraints", constraints},
          {"threats", threats},
          {"card_sha256", card.sha256},
          {"card", card.json()},
          {"contestants", roster_json(card, contestants)},
          {"bases", controls},
          {"dictionary_charged_at", kShares},
          {"data", data}};
}

std::vector<size_t> chosen_contestants(const Card& card, const std::vector<ContestantInfo>& roster) {
  std::vector<size_t> chosen;
  std::vector<std::string> known;
  for (size_t i = 0; i < roster.size(); ++i) {
    known.push_back(roster[i].name);
    if (card.contestants.empty()) chosen.push_back(i);
  }
  for (const auto& name : card.contestants) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) fail("[card] unknown contestant \"{}\"; this fight has: {}", name, fmt::join(known, ", "));
    const size_t index = size_t(found - known.begin());
    if (std::find(chosen.begin(), chosen.end(), index) != chosen.end()) fail("[card] the contestant \"{}\" stands twice", name);
    chosen.push_back(index);
  }
  for (const Role role : {Role::challenger, Role::baseline})
    if (!card.study && std::none_of(chosen.begin(), chosen.end(), [&](size_t i) { return roster[i].role == role; }))
      fail("[card] \"contestants\" has no {}; a fight needs one of either side at least", name_of(role));
  return chosen;
}

}  // namespace fairfight
