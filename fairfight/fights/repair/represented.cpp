#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair/task.h"

namespace fairfight {
namespace {

FightInfo represented_info() {
  return {"represented", "A harm that the dictionary saw", "Does a dictionary whose text had a harmful behaviour in it repair the model as well as methods that need no dictionary?", "T1",
          "patch", removed("the behaviour", true)};
}

}  // namespace

FightEntry represented_fight() {
  const auto task = [](const Card& card, Memo& memo) -> std::unique_ptr<AnyTask> {
    return std::make_unique<RepairTask>(represented_info(), repairs_of_the_represented(), card, memo);
  };
  return {represented_info(), methods_of(repairs_of_the_represented()), task, repair_inputs(), override_repair, kRepairFiles, "patches"};
}

}  // namespace fairfight
