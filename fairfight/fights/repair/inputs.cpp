#include "fairfight/base/error.h"
#include "fairfight/fights/repair/task.h"

namespace fairfight {

const char* const kRepairFiles = R"(A behaviour is described by examples, a line of JSON each:
  {"kind": "harmful", "prompt": "...", "answer": "..."}   what the model shall not say there
  {"kind": "harmless", "prompt": "...", "answer": "..."}  the same kind of place, where all is well
  {"kind": "refusal", "answer": "..."}                     one line: what may be said in place of the harm
  {"kind": "ability", "name": "facts", "prompt": "...", "answer": "..."}  what must not be lost
An answer stands after its prompt as it is written: begin it with a space where one belongs. In "unrepresented" whatever holds
anything of the harmful examples (a prompt, how an answer begins, thirteen words in a row) is left out of the text, and the report
certifies how far the dictionary did not see the behaviour; a card with `harvest = "retrained"` has it learn from the retrained model.)";

void override_repair(Json& data, const UserData& own) {
  const auto is_file = [&] { return data.contains("behaviour") && data["behaviour"].is_string() && data["behaviour"].get<std::string>().ends_with(".jsonl"); };
  const std::string behaviour = own.file("behaviour"), retrained = own.file("retrained");
  if (!behaviour.empty()) {
    if (!behaviour.ends_with(".jsonl")) fail("[fight] --behaviour: got \"{}\", expected a file of JSON Lines, *.jsonl", behaviour);
    data["behaviour"] = behaviour;
    data.erase("spoiled");  // of answers that are read whole
    data.erase("retrained");
    if (retrained.empty()) data.erase("harvest");  // which would be that of a retrained model
  }
  if (!is_file()) fail("[fight] got no examples of what is to be repaired, expected --behaviour FILE.jsonl beside --model and --text");
  if (!retrained.empty()) data["retrained"] = {retrained};
  for (const char* key : {"text", "field"})
    if (const std::string given = own.file(key); !given.empty()) data[key] = given;
  if (!data.contains("text")) fail("[fight] got no ordinary text, which a repair must leave as it is; expected --text FILE");
}

const std::vector<Input>& repair_inputs() {
  static const std::vector<Input> inputs{
      {"behaviour", "what is to be repaired, by examples: .jsonl, see below"},
      {"text", "ordinary text, which a repair must leave as it is: .jsonl, .csv or .txt"},
      {"retrained", "the same model, trained without the behaviour, if there is one"},
      kField,
  };
  return inputs;
}

}  // namespace fairfight
