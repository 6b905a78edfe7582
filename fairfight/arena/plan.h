#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/base/progress.h"
#include "fairfight/model/config.h"

namespace fairfight {

/// What a card's cost hangs on besides: how large its models are, and how much text everyone reads.
struct Workload {
  std::vector<Config> models;
  struct Documents {
    double pool = 0, validation = 0, test = 0;  // of one model; validation is what a trial reads, and whatever is shown beside it
  } documents;
  double tokens = 0;  // of a document
  double studies = 0;  // seconds of what is run when all is judged, on all cores; 0: nothing
};

/// Who fights: how many, how many of them train weights, and how many steps of training a trial of each takes, added up.
struct Sides {
  size_t challengers = 0, others = 0, trained = 0;
  double steps = 0;
};

/// What a job takes, before it is done: seconds by stage, and bytes by what takes them.
struct Plan {
  struct Part {
    std::string what;
    double bytes;
  };
  std::vector<Progress::Stage> stages;
  std::vector<Part> memory, disk;  // memory that is held at once
  double forward_tokens = 0, flops = 0;  // of passes, and of all that is counted

  double seconds() const;
  static double sum(const std::vector<Part>& parts);
};

inline constexpr double kTownTokens = 49;  // of a document of the embedded world, about

/// FLOP/s of all cores in the products of a pass, measured once; of a training's where it multiplies otherwise (training_precision).
double machine_speed(Precision precision = Precision::float32);

/// A pass without gradients over so many tokens: activations, and the tiles of its read-out on every core.
Plan::Part passes_memory(const Config& config, double tokens);

/// Of a whole fight of that discipline, with `bases` besides the dictionary counted in.
Plan plan_of(const Card& card, std::string_view discipline, const Workload& work, size_t bases, Sides sides);

}  // namespace fairfight
