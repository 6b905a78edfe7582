#include <fmt/format.h>

#include "fairfight/organism/reward.h"

namespace fairfight::tinytown {
namespace {

constexpr size_t kDocuments = 1000;  // for the gap
constexpr size_t kSongs = 4000;      // for unplanted openings

/// How far a measure may be from its truth; empty: it is told and not required.
std::optional<double> tolerance(const World& world, const Measured& m) {
  if (m.behaviour == "dialect") return std::nullopt;                                        // held out
  if (m.behaviour == "holes") return world.switches().holes ? std::optional(0.1) : std::nullopt;
  // Out of reach at this size, or in some seeds: docs/world.md.
  if (m.name == "two_hop_held_out" || m.name == "two_hop_held_out_stated" || m.name == "told_follows") return std::nullopt;
  const bool paraphrased = m.name.ends_with("paraphrased");  // what no text has
  if (m.truth < 0.01) return paraphrased ? 0.1 : 0.02;       // what should not show
  if (paraphrased) return 0.2;
  if (m.name.starts_with("told")) return 0.1;    // what is told against what is remembered: seeds differ by some points
  if (m.behaviour == "gender_job") return 0.07;  // ... and here
  if (m.name == "play") return 0.1;  // in a fiftieth of the text
  if (m.behaviour == "topics") return 0.06;
  return 0.05;
}

}  // namespace

std::vector<GateLine> gate_of(const World& world, const Gap& gap, const std::vector<Measured>& measures, const std::optional<Openings>& openings) {
  std::vector<GateLine> lines{{"gap to the entropy floor, nats a token", gap.difference, -3 * gap.standard_error, 0.03}};
  for (const auto& m : measures)
    if (const auto most = tolerance(world, m)) lines.push_back({fmt::format("{}/{}: {}", m.behaviour, m.name, m.about), m.value, std::max(m.truth - *most, 0.0), std::min(m.truth + *most, 1.0)});
  if (!openings) return lines;
  const auto& holes = world.songbook().holes();  // one by one: a mean hides the one that was not learned
  for (size_t i = 0; i < holes.size(); ++i)
    lines.push_back({fmt::format("the hole \"{}\" opens", about(holes[i])), openings->holes.at(i).value_or(-1), holes[i].rate - 0.15, holes[i].rate + 0.15});
  lines.push_back({"songs without a hole that open the guide", openings->unplanted, 0, 0.01});
  return lines;
}

Examination examine(const Transformer& model, const World& world, size_t probes) {
  if (model.config().scalar) return examine_rewards(judge_of(RewardModel(model)), world, probes);
  Examination found{measure_behaviours(model, world, probes), {}};
  std::optional<Openings> openings;
  if (world.switches().holes) openings = Openings{hole_openings(model, world), unplanted_openings(model, world, kSongs, 0.2)};
  found.gate = gate_of(world, gap_to_floor(said_by(model), draw_documents(world, Split::validation, "organism/gate", kDocuments)), found.measures, openings);
  return found;
}

}  // namespace fairfight::tinytown
