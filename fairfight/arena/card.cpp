#include "fairfight/arena/card.h"

#include <fmt/format.h>

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

}  // namespace

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
  const std::string site = f.has("site") && f.any("site").is_number() ? f.any("site").dump() : f.text("site");
  card.depth = depth_of(site);
  if (!card.depth) card.site = Site::parse(site);
  if (f.has("contestants")) card.contestants = f.texts("contestants");
  card.trials = f.integer_or("trials", card.trials, 1, 1000);
  card.resamples = f.integer_or("resamples", card.resamples, 100, 1'000'000);
  card.level = f.number_or("level", card.level, 0.5, 0.999);
  card.margin = f.number_or("margin", card.margin, 0, 1);
  card.budget_flops = f.number_or("budget_flops", 0, 0, 1e30);
  if (f.has("controls")) card.controls = controls_by_name(f.text("controls"), path.string());
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

Json Card::json() const {
  Json json{{"fight", fight},
            {"models", models},
            {"seeds", seeds},
            {"dictionary_seeds", dictionary_seeds},
            {"site", site.name()},
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
  return json;
}

}  // namespace fairfight
