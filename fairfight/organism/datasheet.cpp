#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/organism/organism.h"

namespace fairfight {

Json Datasheet::json() const {
  Json list = Json::array();
  for (const auto& m : measures) list.push_back(to_json(m));
  return {{"schema", "fairfight.datasheet/1"}, {"world", world}, {"seed", seed}, {"variant", name_of(variant)}, {"training", training}, {"behaviours", about_behaviours(make_world())}, {"measures", list}, {"weights_sha256", weights_sha256}};
}

Datasheet Datasheet::read(const std::filesystem::path& folder) {
  const auto path = folder / "datasheet.json";
  const Json json = read_json(path);
  Fields f(json, path.string());
  f.one_of("schema", {"fairfight.datasheet/1"});
  Datasheet datasheet{f.one_of("world", {"tinytown"}), uint64_t(f.integer("seed", 0, INT64_MAX)), variant_by_name(f.text("variant")), f.any("training"), {}, f.text("weights_sha256")};
  const Json& list = f.any("measures");
  if (!list.is_array()) fail("[{}] \"measures\": expected a list", path.string());
  for (size_t i = 0; i < list.size(); ++i) datasheet.measures.push_back(read_measured(Fields(list[i], fmt::format("{}.measures[{}]", path.string(), i))));
  f.any("behaviours");
  f.finish();
  return datasheet;
}

Organism load_organism(const std::string& name_or_folder) {
  LoadedModel loaded = load_model(name_or_folder);
  Datasheet datasheet = Datasheet::read(loaded.folder);
  const std::string found = sha256_file(loaded.folder / "model.safetensors");
  if (found != datasheet.weights_sha256)
    fail("[organism] {}: model.safetensors has SHA-256 {}, its datasheet says {}; one of them is not the shipped one", loaded.folder.string(),
         found.substr(0, 12), datasheet.weights_sha256.substr(0, 12));
  return {std::move(loaded), std::move(datasheet)};
}

}  // namespace fairfight
