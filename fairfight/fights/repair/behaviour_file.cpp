#include "fairfight/fights/repair/behaviour_file.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/io/texts.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {

namespace {

const std::vector<std::string> kKinds{"harmful", "harmless", "refusal", "ability"};

/// A prompt as it is written or, in its place, a conversation.
void read_asked(Fields& f, const Conversations& chat, BehaviourLine& line) {
  if (!f.has("messages")) {
    line.prompt = line.asked = f.text("prompt");
    return;
  }
  if (f.has("prompt")) fail("[repair] {}: got a \"prompt\" and \"messages\", expected one of them", line.where);
  const Json& messages = f.any("messages");
  line.prompt = chat.open(messages, line.where);
  line.asked = last_said(messages, line.where);
  line.rendered = true;
}

}  // namespace

std::vector<BehaviourLine> read_behaviour(const std::filesystem::path& file, const Conversations& chat) {
  std::vector<BehaviourLine> lines;
  std::set<std::string> seen;
  read_json_lines(file, [&](const Json& object, const std::string& where) {
    Fields f(object, where);
    BehaviourLine line{f.one_of("kind", kKinds), "", "", f.text("answer"), where};
    if (line.kind != "refusal") read_asked(f, chat, line);
    if (line.kind == "ability") line.name = f.text("name");
    f.finish();
    if (line.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != line.name.npos)
      fail("[repair] {}: got the ability \"{}\", expected a name of a-z, 0-9 and _", where, line.name);
    if (line.answer.empty()) fail("[repair] {}: got an empty answer, expected what the model says there", where);
    if (seen.insert(line.kind + '\0' + line.name + '\0' + line.prompt + (line.kind == "refusal" ? line.answer : "")).second) lines.push_back(std::move(line));
    return true;
  });
  const auto hash = [](const BehaviourLine& line) { return hash64(std::string_view(line.prompt)); };
  std::stable_sort(lines.begin(), lines.end(), [&](const BehaviourLine& a, const BehaviourLine& b) { return hash(a) < hash(b); });
  return lines;
}

std::set<std::string> abilities_of(const std::filesystem::path& file) {
  std::set<std::string> names;
  read_json_lines(file, [&](const Json& object, const std::string& where) {
    Fields f(object, where);
    if (f.one_of("kind", kKinds) == "ability") names.insert(f.text("name"));
    return true;
  });
  return names;
}

Traces traces_of(const std::vector<BehaviourLine>& lines) {
  Traces traces;
  for (const auto& line : lines)
    if (line.kind == "harmful") traces.add(line.asked, line.answer);
  return traces;
}

AnswerReader::AnswerReader(const LoadedModel& model, bool bos) : read_(reading_of(model, bos)), most_(size_t(model.model.config().n_ctx)) {}

Passage AnswerReader::operator()(const BehaviourLine& line) const {
  const auto read = [&](const std::string& text) { return line.rendered ? read_.rendered(text) : read_.begun(text); };
  Passage p{read(line.prompt + line.answer)};
  const Tokens prompt = read(line.prompt);
  p.answer_start = size_t(std::mismatch(p.tokens.begin(), p.tokens.end(), prompt.begin(), prompt.end()).first - p.tokens.begin());
  p.end = p.tokens.size();
  if (p.end >= most_) fail("[repair] {}: got {} tokens, but the model sees {}; shorten the prompt", line.where, p.end, most_);
  if (p.answer_start < 2) fail("[repair] {}: got a prompt of {} tokens (a <bos> counts), expected two at least", line.where, p.answer_start);
  if (p.answer_start == p.end) fail("[repair] {}: got no token of an answer, expected one at least", line.where);
  return p;
}

Tokens AnswerReader::refusal(const BehaviourLine& line, size_t behind) const {
  Tokens answer = read_.tokenizer().encode(line.answer);
  if (answer.empty()) fail("[repair] {}: got no token of an answer, expected one at least", line.where);
  if (behind + answer.size() >= most_) fail("[repair] {}: got an answer of {} tokens, which is too long for the model; shorten it", line.where, answer.size());
  return answer;
}

}  // namespace fairfight
