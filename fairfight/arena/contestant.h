#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "fairfight/arena/corner.h"
#include "fairfight/arena/space.h"

namespace fairfight {

/// One method in one corner. Implementations stand in contestants/, one file each, without a header.
template <class Artifact>
class Contestant {
 public:
  virtual ~Contestant() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view title() const = 0;
  virtual std::string_view about() const = 0;  // formula and source, in a line
  virtual Role role() const = 0;
  virtual SearchSpace space() const = 0;
  /// Fits to what the corner shows; `settings` are one draw from `space`.
  virtual std::unique_ptr<Artifact> prepare(Corner& corner, const Settings& settings) const = 0;
};

template <class Artifact>
using Roster = std::vector<std::unique_ptr<const Contestant<Artifact>>>;

/// A baseline on its calibration task, a fixed one with a known answer: whoever falls short of it was badly built or under-tuned.
using Calibration = Result::Calibration;

}  // namespace fairfight
