#include "fairfight/fights/behaviour_file.h"

#include <algorithm>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/io/texts.h"

namespace fairfight {

std::vector<BehaviourLine> read_behaviour(const std::filesystem::path& file) {
  std::vector<BehaviourLine> lines;
  std::set<std::string> seen;
  read_json_lines(file, [&](const Json& object, const std::string& where) {
    Fields f(object, where);
    BehaviourLine line{f.one_of("kind", {"harmful", "harmless", "canned", "ability"}), "", "", f.text("answer"), where};
    if (line.kind != "canned") line.prompt = f.text("prompt");
    if (line.kind == "ability") line.name = f.text("name");
    f.finish();
    if (line.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != line.name.npos)
      fail("[repair] {}: got the ability \"{}\", expected a name of a-z, 0-9 and _", where, line.name);
    if (line.answer.empty()) fail("[repair] {}: got an empty answer, expected what the model says there", where);
    if (seen.insert(line.kind + '\0' + line.name + '\0' + line.prompt + (line.kind == "canned" ? line.answer : "")).second) lines.push_back(std::move(line));
    return true;
  });
  const auto hash = [](const BehaviourLine& line) { return hash64(std::string_view(line.prompt)); };
  std::stable_sort(lines.begin(), lines.end(), [&](const BehaviourLine& a, const BehaviourLine& b) { return hash(a) < hash(b); });
  return lines;
}

Traces traces_of(const std::vector<BehaviourLine>& lines) {
  Traces traces;
  for (const auto& line : lines)
    if (line.kind == "harmful") traces.add(line.prompt, line.answer);
  return traces;
}

AnswerReader::AnswerReader(const LoadedModel& model)
    : read_(model, size_t(model.model.config().n_ctx)), most_(size_t(model.model.config().n_ctx)) {}

Passage AnswerReader::operator()(const BehaviourLine& line) const {
  Passage p{read_(line.prompt + line.answer)};
  const Tokens prompt = read_(line.prompt);
  p.onset = size_t(std::mismatch(p.tokens.begin(), p.tokens.end(), prompt.begin(), prompt.end()).first - p.tokens.begin());
  p.end = p.tokens.size();
  if (p.end >= most_) fail("[repair] {}: got {} tokens or more, but the model sees {}; shorten the prompt", line.where, p.end, most_);
  if (p.onset < 2 || p.onset == p.end) fail("[repair] {}: got no token of a {}, expected one at least", line.where, p.onset < 2 ? "prompt" : "answer");
  return p;
}

Tokens AnswerReader::canned(const BehaviourLine& line, size_t behind) const {
  Tokens answer = read_.tokenizer().encode(line.answer);
  if (answer.empty()) fail("[repair] {}: got no token of an answer, expected one at least", line.where);
  if (behind + answer.size() >= most_) fail("[repair] {}: got an answer of {} tokens, which is too long for the model; shorten it", line.where, answer.size());
  return answer;
}

}  // namespace fairfight
