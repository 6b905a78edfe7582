#pragma once
#include "fairfight/arena/task.h"
#include "fairfight/arena/user_data.h"

namespace fairfight {

/// A fight, as the command line lists and runs it.
struct FightEntry {
  FightInfo info;  // of no card yet: what a card says of it is its task's
  std::vector<const Method*> roster;
  std::unique_ptr<AnyTask> (*task)(const Card& card, Memo& memo);  // the memo is a venue's, and outlives it
  std::vector<Input> inputs;                                       // of the user's
  void (*override_data)(Json& data, const UserData& own);                       // these into the card's [data]; error: what is missing; null: it takes nothing
  std::string_view files = "";                                     // how they are written, for the command line's help
  std::string_view keeps = "";                                     // what its two champions leave in a folder of the result's: "patches"; empty: nothing
};

/// Every fight there is. A new one is a folder here and a line in list.cpp.
const std::vector<FightEntry>& fights();
const FightEntry& fight_by_name(std::string_view name);  // error: lists the known ones

}  // namespace fairfight
