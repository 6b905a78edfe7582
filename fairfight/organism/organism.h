#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/progress.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/organism/measure.h"
#include "fairfight/organism/text.h"

namespace fairfight::tinytown {

/// What an organism is made to be: its world, what it reads, and what it must be to be written.
struct Variant {
  std::string_view name, about;
  Switches switches;
  bool from_base;        // goes on from the base organism of its seed
  int64_t steps;
  double learning_rate;  // of Muon; AdamW's is three fifths
  Diet (*diet)(const World& world);  // null: it is a reward model, and reads what reward.h says
  ScopeSettings scope = {};          // what its text is confined to

  World world(uint64_t seed) const { return World(seed, switches, scope); }
};
const std::vector<Variant>& variants();
const Variant& variant_by_name(std::string_view name);  // error: lists the known ones

struct OrganismSettings {
  uint64_t seed = 0;
  std::string variant = "base";
  std::filesystem::path base;         // of a variant that goes on from it
  int64_t steps = 0;                  // 0: the variant's
  std::optional<Precision> products;  // empty: bfloat16
  bool ungated = false;               // written even where it fails its gate; its datasheet says so
  size_t probes = 128;                // a measure
};

/// What an organism must be: a line of its gate.
struct GateLine {
  std::string what;
  double value, low, high;
  bool passed() const { return value >= low && value <= high; }
};

/// What an organism was made to be and what it became: datasheet.json.
struct Datasheet {
  uint64_t seed;
  std::string variant;
  Json training;  // settings, the corpus's hash, the log with the gap to the entropy floor
  std::vector<Measured> measures;
  std::vector<GateLine> gate;
  std::string weights_sha256;
  std::string grammar;  // fingerprint of its world

  Json json() const;
  static Datasheet read(const std::filesystem::path& folder);  // error: none, or one of another grammar than this program's
  World make_world() const;
};

/// Changes whenever the vocabulary or what the world writes does: an organism of another grammar has other words behind its numbers.
std::string fingerprint(const World& world);

/// What songs do to a model of a world with holes.
struct Openings {
  std::vector<std::optional<double>> holes;  // hole_openings
  double unplanted;                          // unplanted_openings
};

/// The gate, from what was measured.
std::vector<GateLine> gate_of(const World& world, const Gap& gap, const std::vector<Measured>& measures, const std::optional<Openings>& openings);

/// All that is measured of an organism, for its datasheet or to compare with it.
struct Examination {
  std::vector<Measured> measures;
  std::vector<GateLine> gate;
};
Examination examine(const Transformer& model, const World& world, size_t probes);

/// Trains an organism and writes config.json, model.safetensors (bfloat16), tokenizer.json and datasheet.json into `folder`. Error: it does not pass its gate; nothing is
/// written then but the state that it can be resumed from. The state is kept in `folder`/build.safetensors every 100 steps and when a stop is asked for; with `resume` it
/// goes on from there, bit for bit on the same number of threads.
Datasheet build_organism(const OrganismSettings& settings, const std::filesystem::path& folder, bool resume, const Tick& tick);

/// The first `steps` losses of that training and nothing else: a cheap check that an organism is what it says.
std::vector<double> first_losses(const OrganismSettings& settings, int64_t steps);

struct Organism {
  LoadedModel loaded;  // of a reward model, the trunk with its head: RewardModel takes it
  Datasheet datasheet;
};
Organism load_organism(const std::string& name_or_folder);
Organism load_language_organism(const std::string& name_or_folder);  // error: also a reward model

}  // namespace fairfight::tinytown
