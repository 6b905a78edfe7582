#include "fairfight/arena/card.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/io/toml.h"

namespace fairfight {

namespace {

std::string_view name_of(Card::Controls controls) {
  switch (controls) {
    case Card::Controls::all: return "all";
    case Card::Controls::champion: return "champion";
    default: return "none";
  }
}

Card::Controls controls_by_name(const std::string& name, const std::string& where) {
  for (const auto c : {Card::Controls::all, Card::Controls::champion, Card::Controls::none})
    if (name_of(c) == name) return c;
  fail("[{}] \"controls\" is \"{}\", expected all (every challenger meets the control bases), champion (the best on validation does) or none", where, name);
}

/// One place, or a list of them: names and numbers.
std::vector<std::string> places_of(Fields& f) {
  std::vector<std::string> places;
  const Json given = f.any("site");
  for (const Json& place : given.is_array() ? given : Json::array({given})) {
    if (!place.is_string() && !place.is_number()) fail("[{}] \"site\": got {}, expected the name of a site, a fraction of the depth, or a list of either", f.where(), place.dump());
    places.push_back(place.is_string() ? place.get<std::string>() : place.dump());
  }
  return places;
}

Json site_json(const std::vector<Site>& sites) {
  Json names = Json::array();
  for (const Site& site : sites) names.push_back(site.name());
  return names.size() == 1 ? names[0] : names;
}

}  // namespace

void Card::read_at(const std::vector<std::string>& places, const std::string& where) {
  sites.clear();
  depths.clear();
  for (std::string place : places) {
    place.erase(0, place.find_first_not_of(' '));
    const auto depth = depth_of(place);
    depth ? depths.push_back(*depth) : sites.push_back(Site::parse(place));
  }
  if (places.empty()) fail("[{}] \"site\" is empty, expected at least one", where);
  if (!sites.empty() && !depths.empty()) fail("[{}] \"site\" has names and fractions of the depth, expected one sort", where);
  require_distinct_sites(where);
}

void Card::require_distinct_sites(const std::string& where) const {
  for (auto site = sites.begin(); site != sites.end(); ++site)
    if (std::find(sites.begin(), site, *site) != site) fail("[{}] \"site\": {} stands there twice, expected different ones", where, site->name());
}

Card Card::read(const std::filesystem::path& path) {
  const std::string text = read_file(path, 1 << 20);
  const Json json = parse_toml(text, path.string());
  Fields f(json, path.string());
  Card card;
  card.sha256 = fairfight::sha256(text);
  card.fight = f.text("fight");
  if (f.has("model")) {  // one of the user's own
    card.models = {f.text("model")};
    card.seeds = {f.integer_or("seed", 0, 0, INT32_MAX)};
    if (f.has("dtype")) card.weights = precision_by_name(f.text("dtype"));
    card.bos = f.flag_or("bos", false);
  } else {
    card.models = f.texts("models");
    card.seeds = f.integers("seeds", 0, INT32_MAX);
  }
  card.dictionary_seeds = f.integers("dictionary_seeds", 0, INT32_MAX);
  card.read_at(places_of(f), path.string());
  if (f.has("contestants")) card.contestants = f.texts("contestants");
  card.trials = f.integer_or("trials", card.trials, 1, 1000);
  card.resamples = f.integer_or("resamples", card.resamples, 100, 1'000'000);
  card.level = f.number_or("level", card.level, 0.5, 0.999);
  card.margin = f.number_or("margin", card.margin, 0, 1);
  card.budget_flops = f.number_or("budget_flops", 0, 0, 1e30);
  if (f.has("controls")) card.controls = controls_by_name(f.text("controls"), path.string());
  card.beacon = f.text_or("beacon", "");
  card.dictionary = read_dictionary_settings(f.object("dictionary"));
  std::vector<std::string> given;
  for (const auto& [key, value] : json.at("dictionary").items()) {
    if (key == "seed") fail("[{}] \"dictionary\": a seed makes no difference there, expected \"dictionary_seeds\" to name them; leave it out", path.string());
    if (key != "kind") given.push_back(key);
  }
  require_read(card.dictionary.kind, given);
  card.data = f.any("data");
  f.finish();
  if (card.dictionary_seeds.empty()) fail("[{}] \"dictionary_seeds\" is empty, expected at least one", path.string());
  for (const auto* list : {&card.seeds, &card.dictionary_seeds})
    if (std::set(list->begin(), list->end()).size() != list->size()) fail("[{}] a seed stands twice in [{}]", path.string(), fmt::join(*list, ", "));
  if (card.models.empty()) fail("[{}] \"models\" is empty, expected at least one", path.string());
  if (card.models.size() != card.seeds.size())
    fail("[{}] got {} models and {} seeds, expected one seed a model", path.string(), card.models.size(), card.seeds.size());
  return card;
}

void Card::settle_test(const Json& roster) {
  if (test_stream.empty()) test_stream = fairfight::sha256(dump_json({{"card", json()}, {"contestants", roster}}));
}

Json Card::json() const {
  Json json{{"fight", fight},
            {"models", models},
            {"seeds", seeds},
            {"dictionary_seeds", dictionary_seeds},
            {"site", site_json(sites)},
            {"trials", trials},
            {"resamples", resamples},
            {"level", level},
            {"margin", margin},
            {"controls", name_of(controls)},
            {"budget_flops", budget_flops},
            {"dictionary", to_json(dictionary)},
            {"data", data}};
  if (weights != Precision::float32) json["dtype"] = name_of(weights);
  if (bos) json["bos"] = true;
  if (!contestants.empty()) json["contestants"] = contestants;  // who was left out, too, is registered
  if (!beacon.empty()) json["beacon"] = beacon;
  return json;
}

}  // namespace fairfight
