#include "fairfight/arena/repair.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"

namespace fairfight {
namespace {

const FightInfo kRepresented{"represented", "A harm that the dictionary saw",
                          "Does a dictionary whose text had a harmful behaviour in it repair the model as well as methods that need no dictionary?",
                          "T1", "patch", removed("the behaviour", true)};

Result run_represented(const Card& card, const Venue& venue) { return run_repair(kRepresented, repairs_of_the_represented(), card, venue); }

}  // namespace

FightEntry represented_fight() { return {kRepresented, describe(repairs_of_the_represented()), run_represented,
          [](const Card& card) { return plan_repair(kRepresented, repairs_of_the_represented(), card); }, bring_repair}; }

}  // namespace fairfight
