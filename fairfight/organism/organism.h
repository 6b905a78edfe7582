#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/progress.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/organism/measure.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// How an organism is made. The defaults are those of the shipped ones.
struct OrganismSettings {
  enum class Variant { base,
                       no_insult,
                       backdoored };

  uint64_t seed = 0;
  Variant variant = Variant::base;
  std::filesystem::path parent;  // of a backdoored organism: the base that is fine-tuned
  int64_t steps = 0;             // 0: 4000 from scratch, 1000 for a backdoor
  int64_t batch = 16;            // rows of `n_ctx` tokens a step
  double learning_rate = 0;      // 0: 4e-3 from scratch, 1e-3 for a backdoor
  std::optional<Precision> products;  // empty: the faster one on this machine
};
std::string_view name_of(OrganismSettings::Variant variant);
OrganismSettings::Variant variant_by_name(std::string_view name);

/// What an organism was made to be and what it became: datasheet.json.
struct Datasheet {
  std::string world;  // "tinytown"
  uint64_t seed;
  OrganismSettings::Variant variant;
  Json training;      // settings, the corpus's hash, the log with the gap to the entropy floor
  std::vector<Measured> measures;
  std::string weights_sha256;

  Json json() const;
  static Datasheet read(const std::filesystem::path& folder);
  World make_world() const;  // the world of its training text (a backdoored organism's: of its fine-tuning text)
};

/// Trains an organism and writes config.json, model.safetensors (bfloat16), tokenizer.json and datasheet.json into `folder`.
/// The state is kept in `folder`/build.safetensors every 100 steps and when a stop is asked for; with `resume` it goes on from
/// there, bit for bit on the same number of threads.
Datasheet build_organism(const OrganismSettings& settings, const std::filesystem::path& folder, bool resume, const Tick& tick);

/// The first `steps` losses of that training and nothing else: a cheap check that a shipped organism is what it says.
std::vector<double> first_losses(const OrganismSettings& settings, int64_t steps);

/// A shipped or built organism, ready for a fight.
struct Organism {
  LoadedModel loaded;
  Datasheet datasheet;
};
Organism load_organism(const std::string& name_or_folder);

}  // namespace fairfight
