#include <fmt/format.h>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/organism/reward.h"

namespace fairfight::tinytown {
namespace {

constexpr const char* kSchema = "fairfight.datasheet/2";

const Json& list_of(Fields& f, const char* key, const std::string& path) {
  const Json& list = f.any(key);
  if (!list.is_array()) fail("[{}] \"{}\": expected a list", path, key);
  return list;
}

}  // namespace

Json Datasheet::json() const {
  Json measured = Json::array(), lines = Json::array();
  for (const auto& m : measures) measured.push_back(to_json(m));
  for (const auto& line : gate) lines.push_back({{"what", line.what}, {"value", line.value}, {"low", line.low}, {"high", line.high}, {"passed", line.passed()}});
  Json json{{"schema", kSchema}, {"world", "tinytown"}, {"seed", seed}, {"variant", variant}, {"training", training}, {"behaviours", variant_by_name(variant).diet ? about_behaviours(make_world()) : about_rewards()}, {"measures", measured}, {"gate", lines}, {"weights_sha256", weights_sha256}, {"grammar", grammar}};
  if (const auto& scope = variant_by_name(variant).scope; scope != ScopeSettings()) json["scope"] = scope.json();
  return json;
}

Datasheet Datasheet::read(const std::filesystem::path& folder) {
  const auto path = folder / "datasheet.json";
  const Json json = read_json(path);
  Fields f(json, path.string());
  f.one_of("schema", {kSchema});
  f.one_of("world", {"tinytown"});
  Datasheet datasheet{uint64_t(f.integer("seed", 0, INT64_MAX)), f.text("variant"), f.any("training"), {}, {}, f.text("weights_sha256"), f.text("grammar")};
  variant_by_name(datasheet.variant);
  if (const auto ours = fingerprint(datasheet.make_world()); datasheet.grammar != ours)
    fail("[organism] {} is of grammar {:.12}, this program's is {:.12}; remove it and build it again", folder.string(), datasheet.grammar, ours);
  const Json& measures = list_of(f, "measures", path.string());
  for (size_t i = 0; i < measures.size(); ++i) datasheet.measures.push_back(read_measured(Fields(measures[i], fmt::format("{}.measures[{}]", path.string(), i))));
  const Json& gate = list_of(f, "gate", path.string());
  for (size_t i = 0; i < gate.size(); ++i) {
    Fields line(gate[i], fmt::format("{}.gate[{}]", path.string(), i));
    datasheet.gate.push_back({line.text("what"), line.number("value", -1e9, 1e9), line.number("low", -1e9, 1e9), line.number("high", -1e9, 1e9)});
    line.any("passed");  // follows from the others
    line.finish();
  }
  for (const char* said : {"behaviours", "scope"})  // they follow from the variant
    if (f.has(said)) f.any(said);
  f.finish();
  return datasheet;
}

std::string fingerprint(const World& world) {
  constexpr int kDocuments = 200;
  Sha256 hash;
  for (const auto& word : vocabulary()) hash.update(word + " ");
  Random random(world.seed(), "organism/fingerprint");
  for (int i = 0; i < kDocuments; ++i) {
    const Document document = world.sample(random);
    hash.update(document.tokens.data(), document.tokens.size() * sizeof(int32_t));
    hash.update(fmt::format("{:.9f}", document.log_probability));
  }
  return hash.hex();
}

World Datasheet::make_world() const { return variant_by_name(variant).world(seed); }

Organism load_organism(const std::string& name_or_folder) {
  LoadedModel loaded = is_reward_model(name_or_folder) ? load_reward_trunk(name_or_folder) : load_model(name_or_folder);
  Datasheet datasheet = Datasheet::read(loaded.folder);
  const std::string found = sha256_file(loaded.folder / "model.safetensors");
  if (found != datasheet.weights_sha256)
    fail("[organism] {}: model.safetensors has SHA-256 {}, its datasheet says {}; one of them is another organism's", loaded.folder.string(), found.substr(0, 12),
         datasheet.weights_sha256.substr(0, 12));
  return {std::move(loaded), std::move(datasheet)};
}

Organism load_language_organism(const std::string& name_or_folder) {
  if (is_reward_model(name_or_folder)) fail("[organism] {} is a reward model, which says nothing; expected a language model", name_or_folder);
  return load_organism(name_or_folder);
}

}  // namespace fairfight::tinytown
