#include "fairfight/base/error.h"
#include "fairfight/fights/repair.h"

namespace fairfight {

void bring_repair(Json& data, const Own& own) {
  const auto is_file = [&] { return data.contains("behaviour") && data["behaviour"].is_string() && data["behaviour"].get<std::string>().ends_with(".jsonl"); };
  if (!own.other_text.empty()) fail("[fight] --other-text is of the anomaly fight; leave it out");
  if (!own.behaviour.empty()) {
    if (!own.behaviour.ends_with(".jsonl")) fail("[fight] --behaviour: got \"{}\", expected a file of JSON Lines, *.jsonl", own.behaviour);
    data["behaviour"] = own.behaviour;
    data.erase("oracles");
    if (own.oracle.empty()) data.erase("harvest");  // which would be that of an oracle
  }
  if (!is_file()) fail("[fight] got no examples of what is to be repaired, expected --behaviour FILE.jsonl beside --model and --text");
  if (!own.oracle.empty()) data["oracles"] = {own.oracle};
  if (!own.text.empty()) data["text"] = own.text;
  if (!own.field.empty()) data["field"] = own.field;
  if (!data.contains("text")) fail("[fight] got no ordinary text, which a repair must leave as it is; expected --text FILE");
}

}  // namespace fairfight
