#include "fairfight/arena/user_data.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/model/arch.h"

namespace fairfight {
namespace {

Config config_of(const std::string& model) {
  const ModelFolder found = find_model(given_or_shipped(model).string());
  return read_config(found.config, (found.folder / "config.json").string());
}

}  // namespace

std::string Input::flag() const {
  std::string flag = "--" + key;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::string UserData::file(const std::string& key) const {
  const auto found = files.find(key);
  return found == files.end() ? "" : found->second;
}

bool UserData::any() const {
  const auto given = [](const auto& file) { return !file.second.empty(); };
  return !model.empty() || weights || bos || std::any_of(files.begin(), files.end(), given);
}

void UserData::require_taken(const std::string& fight, const std::vector<Input>& inputs) const {
  std::vector<std::string> takes;
  for (const auto& input : inputs) takes.push_back(input.flag());
  for (const auto& [key, file] : files)
    if (!file.empty() && std::none_of(inputs.begin(), inputs.end(), [&](const Input& input) { return input.key == key; }))
      fail("[fight] \"{}\" takes no {}, expected some of {}; leave it out", fight, Input{key, ""}.flag(), fmt::join(takes, ", "));
}

std::string override_card(Card& card, const UserData& own) {
  if (own.weights && own.model.empty()) fail("[fight] --dtype goes with --model");
  if (own.bos && own.model.empty()) fail("[fight] --bos goes with --model; a card says it as bos = true");
  if (!own.places.empty()) card.read_at(own.places, "fight");
  if (own.model.empty()) return "";
  const Config config = config_of(own.model);
  std::string said;
  if (own.places.empty() && card.depths.empty()) {
    card.sites = {middle_of(config)};
    said = fmt::format("{}: everyone reads at {} of {} layers; --site NAME is another place", own.model, card.sites[0].name(), config.n_layers);
  }
  if (card.budget_flops > 0) {
    const double cost = double(config.matmul_parameters()) / double(config_of(card.models[0]).matmul_parameters());
    card.budget_flops *= std::max(1.0, cost);
  }
  card.models = {own.model};
  card.seeds.resize(1);
  card.weights = own.weights.value_or(Precision::float32);
  card.bos = own.bos;
  return said;
}

void settle_sites(Card& card) {
  for (const double depth : card.depths) {
    card.sites.push_back(at_depth(config_of(card.models[0]), depth));
    for (const auto& model : card.models)
      if (const Site site = at_depth(config_of(model), depth); site != card.sites.back())
        fail("[card] \"site\" {}: it is {} in {} and {} in {}, expected models of one depth; name a site", depth, card.sites.back().name(), card.models[0], site.name(), model);
  }
  card.depths.clear();
  card.require_distinct_sites("card");
  for (const auto& config : configs_of(card.models))
    for (const Site& site : card.sites) require_vectors(config, site);
  if (const size_t sites = card.sites.size(); sites > 1 && card.trials < int64_t(sites) + 1)
    fail("[card] got {} trial{} and {} sites, expected {} trials at least: whoever can tries each site, and all of them at once", card.trials, card.trials == 1 ? "" : "s", sites, sites + 1);
}

std::vector<Config> configs_of(const std::vector<std::string>& models) {
  std::vector<Config> configs;
  for (const auto& model : models) configs.push_back(config_of(model));
  return configs;
}

}  // namespace fairfight
