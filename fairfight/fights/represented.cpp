#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"

namespace fairfight {
namespace {

constexpr FightInfo kInfo{"represented", "A harm that the dictionary saw",
                          "Does a dictionary whose text had a harmful behaviour in it repair the model as well as methods that need no dictionary?",
                          "T1", "patch", "removed", 0};

Result run(const Card& card, const Venue& venue) { return run_repair(kInfo, repairs_of_the_represented(), card, venue); }

}  // namespace

FightEntry represented_fight() { return {kInfo, describe(repairs_of_the_represented()), run}; }

}  // namespace fairfight
