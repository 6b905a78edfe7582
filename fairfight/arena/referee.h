#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/arena/task.h"

namespace fairfight {

Json registration_of(const Card& card, const FightInfo& info, const std::vector<ContestantInfo>& contestants, const std::vector<Basis>& bases,
                     const Json& data);

/// Names of the card that the roster lacks are an error, and a card without a challenger or a baseline; an empty list means
/// everyone.
/// What is registered of those who play: names, roles, search spaces and numbers of trials.
Json roster_json(const Card& card, const std::vector<ContestantInfo>& contestants);
/// ... of those whom the card names, or all.
Json roster_json(const Card& card, const std::vector<const Method*>& roster);
std::vector<size_t> chosen_contestants(const Card& card, const std::vector<ContestantInfo>& roster);

/// A fight when all is scored and nothing is judged.
struct Fought {
  std::vector<ContestantInfo> contestants;  // in the order of Entry::contestant
  std::vector<Basis> bases;                 // the dictionary first
  std::vector<RoundOutcome> outcomes;
  std::string registration_sha256;
};

/// Runs the protocol: data are drawn, registered and sealed; dictionaries are learned; every contestant gets its trials on
/// validation, first everywhere with what is its own, then challengers with the control bases; when every choice is made, the
/// test split opens and what was chosen is scored on it once.
class Referee {
 public:
  Referee(const AnyTask& task, const Venue& venue);  // which outlive it
  ~Referee();

  Fought run();
  /// Whether the registration that lies in the folder is the one that this fight would write now: its card, its program, and every text and model that it draws.
  bool registered() const;
  std::vector<std::optional<Calibration>> calibrations();  // of the contestants; after run
  Progress& progress();  // its last stage is the judge's

 private:
  class Protocol;
  std::unique_ptr<Protocol> protocol_;
};

}  // namespace fairfight
