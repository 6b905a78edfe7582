#include "fairfight/fights/list.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"

namespace fairfight {

FightEntry anomaly_fight();
FightEntry concept_fight();
FightEntry represented_fight();
FightEntry unrepresented_fight();

const std::vector<FightEntry>& fights() {
  static const std::vector<FightEntry> list{
      anomaly_fight(),
      concept_fight(),
      represented_fight(),
      unrepresented_fight(),
  };
  return list;
}

const FightEntry& fight_by_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& fight : fights()) {
    if (fight.info.name == name) return fight;
    known.push_back(fight.info.name);
  }
  fail("[fight] unknown fight \"{}\"; there is: {}", name, fmt::join(known, ", "));
}

}  // namespace fairfight
