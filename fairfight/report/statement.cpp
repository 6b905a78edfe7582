#include "fairfight/report/statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/report/text.h"

namespace fairfight {
namespace {

/// How far the leader is ahead of the rival; positive is ahead, whichever way the metric points.
Estimate lead_over(const Result& result, const Result::Contestant& leader, const Result::Contestant& rival) {
  const auto& challenger = leader.challenger ? leader : rival;
  const auto& baseline = leader.challenger ? rival : leader;
  const Estimate& difference = result.difference(challenger.name, baseline.name).score.mean;
  if (leader.challenger == result.fight.metric.higher_is_better()) return difference;
  return {-difference.value, -difference.high, -difference.low};
}

}  // namespace

Result::Leader plain_statement(const Result& result) {
  const auto order = result.ranked();
  const auto& leader = *order.front();
  const std::string start = fmt::format("{} has the best mean {}, {}", leader.title, result.fight.metric.title,
                                        fixed(leader.score.mean.value, 3));
  const auto rival = std::find_if(order.begin(), order.end(),
                                  [&](const auto* other) { return other->challenger != leader.challenger; });
  if (rival == order.end()) return {leader.name, start + "."};

  const Estimate lead = lead_over(result, leader, **rival);
  const std::string who = fmt::format("the best {}, {}", (*rival)->challenger ? "challenger" : "baseline", (*rival)->title);
  const std::string interval = fmt::format("{} interval {} to {}", percent(result.interval.level, 0),
                                           signed_fixed(lead.low, 3), signed_fixed(lead.high, 3));
  return {leader.name, lead.low > 0 ? fmt::format("{}: {} ahead of {} ({}).", start, fixed(lead.value, 3), who, interval)
                                    : fmt::format("{}, but its lead of {} over {}, is not settled ({}).", start,
                                                  fixed(lead.value, 3), who, interval)};
}

}  // namespace fairfight
