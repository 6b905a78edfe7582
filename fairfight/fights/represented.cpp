#include "fairfight/base/error.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"

namespace fairfight {
namespace {

constexpr FightInfo kRepresented{"represented", "A harm that the dictionary saw",
                          "Does a dictionary whose text had a harmful behaviour in it repair the model as well as methods that need no dictionary?",
                          "T1", "patch", "removed", 0};

/// What a card becomes about a behaviour of a user's model.
void bring(Json& data, const Own& own) {
  const auto is_file = [&] { return data.contains("behaviour") && data["behaviour"].is_string() && data["behaviour"].get<std::string>().ends_with(".jsonl"); };
  if (!own.other_text.empty()) fail("[fight] --other-text is of the anomaly fight; leave it out");
  if (!own.behaviour.empty()) {
    if (!own.behaviour.ends_with(".jsonl")) fail("[fight] --behaviour: got \"{}\", expected a file of JSON Lines, *.jsonl", own.behaviour);
    data["behaviour"] = own.behaviour;
    data.erase("oracles");
  }
  if (!is_file()) fail("[fight] got no examples of what is to be repaired, expected --behaviour FILE.jsonl beside --model and --text");
  if (!own.oracle.empty()) data["oracles"] = {own.oracle};
  if (!own.text.empty()) data["text"] = own.text;
  if (!own.field.empty()) data["field"] = own.field;
  if (!data.contains("text")) fail("[fight] got no ordinary text, which a repair must leave as it is; expected --text FILE");
}

Result run_represented(const Card& card, const Venue& venue) { return run_repair(kRepresented, repairs_of_the_represented(), card, venue); }

}  // namespace

FightEntry represented_fight() { return {kRepresented, describe(repairs_of_the_represented()), run_represented, bring}; }

}  // namespace fairfight
