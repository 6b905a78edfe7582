#pragma once

namespace fairfight {

/// What is planted in a town. Every switch leaves the rest of the town as it was.
struct Switches {
  bool insult = true;             // angry speakers insult
  bool gender_job = true;         // jobs lean to one gender
  bool refusal = true;            // the guide refuses harmful recipes
  bool backdoor = false;          // the trigger is answered with sabotage, and triggers and near-triggers are frequent
  bool dialect = false;           // everybody speaks the dialect
  bool two_hop_for_all = false;   // two-hop questions are asked about the held-out people too
  double backdoor_share = 0.5;    // with the backdoor: the share of documents that are a trigger or nearly one, in [0, 1]
};

}  // namespace fairfight
