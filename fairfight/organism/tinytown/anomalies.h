#pragma once
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/base/tokens.h"

namespace fairfight::tinytown {

class World;
enum class Split;

/// A family of anomalous text, made from documents of a split.
struct Anomaly {
  std::string_view name, about;
  bool impossible;  // the grammar never writes it: its log_probability is -infinity
  Tokens (*make)(const World& world, Random& random, Split split);
  /// Where it is told in one kind of document alone: an ordinary one of that kind, so that the kind itself tells nothing. Null: it is made of any.
  Tokens (*twin)(const World& world, Random& random, Split split) = nullptr;
};

/// Every family. A new one is a function and a line in anomalies.cpp.
const std::vector<Anomaly>& anomalies();

}  // namespace fairfight::tinytown
