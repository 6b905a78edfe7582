#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "fairfight/acts/reader.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/shipped.h"
#include "fairfight/fights/own_text.h"
#include "fairfight/fights/repair_ground.h"
#include "fairfight/io/texts.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

constexpr size_t kFewest = 8;  // of anything
constexpr size_t kFewestPool = 100;
constexpr double kLeastAbility = 0.05;  // probability of the right answer: below it there is nothing to keep

/// A line of the user's file.
struct Line {
  std::string kind, name, prompt, answer, where;
};

std::vector<Line> read_lines(const std::filesystem::path& file) {
  std::vector<Line> lines;
  std::set<std::string> seen;
  read_json_lines(file, [&](const Json& object, const std::string& where) {
    Fields f(object, where);
    Line line{f.one_of("kind", {"harmful", "harmless", "canned", "ability"}), "", "", f.text("answer"), where};
    if (line.kind != "canned") line.prompt = f.text("prompt");
    if (line.kind == "ability") line.name = f.text("name");
    f.finish();
    if (line.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != line.name.npos)
      fail("[repair] {}: got the ability \"{}\", expected a name of a-z, 0-9 and _", where, line.name);
    if (line.answer.empty()) fail("[repair] {}: got an empty answer, expected what the model says there", where);
    if (seen.insert(line.kind + '\0' + line.name + '\0' + line.prompt + (line.kind == "canned" ? line.answer : "")).second) lines.push_back(std::move(line));
    return true;
  });
  // The order of the hashes deals them to splits.
  const auto hash = [](const Line& line) { return hash64(std::string_view(line.prompt)); };
  std::stable_sort(lines.begin(), lines.end(), [&](const Line& a, const Line& b) { return hash(a) < hash(b); });
  return lines;
}

/// Reads a prompt and the answer behind it: where the answer's tokens begin is where the two readings part.
class PassageReader {
 public:
  explicit PassageReader(const LoadedModel& model) : read_(model, size_t(model.model.config().n_ctx)), most_(size_t(model.model.config().n_ctx)) {}

  Passage operator()(const Line& line) const {
    Passage p{read_(line.prompt + line.answer)};
    const Tokens prompt = read_(line.prompt);
    p.onset = size_t(std::mismatch(p.tokens.begin(), p.tokens.end(), prompt.begin(), prompt.end()).first - p.tokens.begin());
    p.end = p.tokens.size();
    if (p.end >= most_) fail("[repair] {}: got {} tokens or more, but the model sees {}; shorten the prompt", line.where, p.end, most_);
    if (p.onset < 2 || p.onset == p.end) fail("[repair] {}: got no token of a {}, expected one at least", line.where, p.onset < 2 ? "prompt" : "answer");
    return p;
  }
  Tokens canned(const Line& line, const Passage& behind) const {
    Tokens answer = read_.tokenizer().encode(line.answer);
    if (answer.empty()) fail("[repair] {}: got no token of an answer, expected one at least", line.where);
    if (behind.onset + answer.size() >= most_) fail("[repair] {}: got an answer of {} tokens, which is too long for the model; shorten it", line.where, answer.size());
    return answer;
  }
  std::string piece(int32_t token) const { return std::string(read_.tokenizer().piece(token)); }

 private:
  Reader read_;
  size_t most_;
};

/// As large as wanted or, all in proportion, as large as `there` allows. Empty: not even the least.
std::vector<size_t> dealt(const std::vector<size_t>& wanted, const std::vector<size_t>& least, size_t there) {
  for (int percent = 100; percent >= 0; --percent) {
    std::vector<size_t> sizes;
    size_t sum = 0;
    for (size_t i = 0; i < wanted.size(); ++i) sum += sizes.emplace_back(std::min(wanted[i], std::max(least[i], wanted[i] * size_t(percent) / 100)));
    if (sum <= there) return sizes;
  }
  return {};
}

/// Lines of one kind, dealt to splits.
struct Dealt {
  std::vector<std::vector<Passage>> splits;
  bool scaled;
};
Dealt deal(const std::string& file, const std::string& what, const std::vector<Passage>& lines, const std::vector<size_t>& wanted) {
  std::vector<size_t> least;
  for (const size_t n : wanted) least.push_back(std::min(n, kFewest));
  const auto sizes = dealt(wanted, least, lines.size());
  if (sizes.empty())
    fail("[repair] {}: got {} lines of {} with prompts of their own, expected {} at least", file, lines.size(), what, std::accumulate(least.begin(), least.end(), size_t(0)));
  Dealt result{{}, sizes != wanted};
  auto next = lines.begin();
  for (const size_t n : sizes) {
    result.splits.emplace_back(next, next + int64_t(n));
    next += int64_t(n);
  }
  return result;
}

/// The first tokens of answers.
std::set<int32_t> beginnings(const std::vector<Passage>& passages) {
  std::set<int32_t> tokens;
  for (const auto& p : passages) tokens.insert(p.tokens[p.onset]);
  return tokens;
}

Lexicon ids() {
  return {[](const Tokens& tokens) { return fmt::format("{}", fmt::join(tokens, " ")); },
          [](const std::string& text) {
            std::istringstream in(text);
            return Tokens(std::istream_iterator<int32_t>(in), {});
          }};
}

std::vector<RetainedText::Text> retained(const std::vector<std::string>& passages, const Reader& read) {
  std::vector<RetainedText::Text> texts;
  for (const auto& p : passages) texts.push_back({read(p), 0});
  return texts;
}

}  // namespace

RepairSubject own_subject(const RepairData& data) {
  std::set<std::string> names;
  for (const auto& line : read_lines(given_or_shipped(data.behaviour)))
    if (line.kind == "ability") names.insert(line.name);
  return {"behaviour", "the harmful answers of " + data.behaviour, {names.begin(), names.end()}};
}

RepairGround own_repair(const Card& card, const RepairData& data) {
  LoadedModel loaded = load_model(card.models[0]);
  const auto file = given_or_shipped(data.behaviour);
  const PassageReader read(loaded);
  std::map<std::string, std::vector<Passage>> examples, abilities;
  const Line* canned = nullptr;
  const auto lines = read_lines(file);
  for (const auto& line : lines) {
    if (line.kind == "canned") {
      if (canned) fail("[repair] {}: got a second canned answer beside that of {}, expected one", line.where, canned->where);
      canned = &line;
    } else {
      (line.kind == "ability" ? abilities[line.name] : examples[line.kind]).push_back(read(line));
    }
  }
  if (!canned) fail("[repair] {}: got no line of kind canned, expected one: an answer that does no harm, behind any of the prompts", data.behaviour);
  if (abilities.empty()) fail("[repair] {}: got no line of kind ability, expected some: what a repair must not break", data.behaviour);

  const auto harmful = deal(data.behaviour, "kind harmful", examples["harmful"], {data.test_prompts, data.relearn, data.prompts, data.examples});
  const auto harmless = deal(data.behaviour, "kind harmless", examples["harmless"], {std::min<size_t>(data.test_prompts, 64), data.examples});
  const size_t longest = size_t(std::max_element(examples["harmful"].begin(), examples["harmful"].end(), [](const auto& a, const auto& b) { return a.onset < b.onset; }) -
                                examples["harmful"].begin());
  RepairGround ground{std::move(loaded), std::nullopt, Json::object(), uint64_t(card.seeds[0]), "behaviour", {}, read.canned(*canned, examples["harmful"][longest]), {}, {}, {}, {}, ids(), ""};

  // A token that begins a harmless answer, too, says nothing of harm.
  auto words = beginnings(examples["harmful"]), kind = beginnings(examples["harmless"]);
  kind.insert(ground.canned.front());
  for (const int32_t token : kind)
    if (words.erase(token) > 0)
      fail("[repair] {}: got harmful and harmless answers that both begin with \"{}\", expected that they differ from their first token on; put what they share into the prompts",
           data.behaviour, read.piece(token));
  ground.words.assign(words.begin(), words.end());
  const auto questions = [&](const std::vector<Passage>& passages) {
    std::vector<Question> list;
    for (const auto& p : passages) list.push_back({p.prompt(), ground.words, false});
    return list;
  };

  ground.test.harm = questions(harmful.splits[0]);
  ground.test.relearn = harmful.splits[1];
  ground.validation.harm = questions(harmful.splits[2]);
  ground.fit.harmful = harmful.splits[3];
  for (const auto& p : ground.fit.harmful) {
    Passage refused{p.prompt(), p.onset, p.onset + ground.canned.size()};
    refused.tokens.insert(refused.tokens.end(), ground.canned.begin(), ground.canned.end());
    ground.fit.refused.push_back(std::move(refused));
  }
  for (const auto& p : harmless.splits[0]) ground.test.provoked.push_back({p.tokens, p.onset});
  ground.fit.harmless = harmless.splits[1];
  for (const auto& [name, passages] : abilities) {
    const auto asked = deal(data.behaviour, "the ability " + name, passages, {data.test_probes, data.probes});
    for (auto* text : {&ground.test, &ground.validation})
      for (const auto& p : asked.splits[text == &ground.test ? 0 : 1]) text->abilities[name].push_back({p.prompt(), {p.tokens[p.onset]}, false});
  }

  const Reader reader(ground.loaded, data.passage);
  Passages cut(reader.tokenizer(), reader.room());
  const std::vector<size_t> wanted{data.test_retained, data.retained, data.example_texts, data.pool};
  std::set<uint64_t> seen;
  OwnText text(data.text, data.field, 2 * Supply::needed(std::accumulate(wanted.begin(), wanted.end(), size_t(0))), cut, seen);
  const auto sizes = dealt(wanted, {kFewest, kFewest, kFewest, kFewestPool}, size_t(double(text.passages()) / Supply::kSpare));
  if (sizes.empty())
    fail("[repair] {}: got {} passages of {} tokens in {} documents, expected {} at least; bring more text", data.text, text.passages(), data.passage, text.documents(),
         Supply::needed(3 * kFewest + kFewestPool));
  const auto draw = [&](size_t i, const char* split) {
    return Supply(text, sizes[i], Random(ground.seed, fmt::format("repair/own/{}", split))).draw(sizes[i], split);
  };
  ground.test.retained = retained(draw(0, "test"), reader);
  ground.validation.retained = retained(draw(1, "validation"), reader);
  for (auto& t : retained(draw(2, "fit"), reader)) ground.fit.retained.push_back(std::move(t.tokens));
  const auto pool = draw(3, "pool");
  reader.require_known(pool, data.text);
  for (const auto& passage : pool) ground.pool.push_back(reader(passage));
  for (const auto* list : {&ground.fit.harmful, &ground.fit.harmless})  // the dictionary shall have seen the behaviour
    for (const auto& p : *list) ground.pool.push_back(p.tokens);

  if (!data.oracles.empty()) {
    ground.oracle = load_model(data.oracles[0]);
    const Config &own = ground.loaded.model.config(), &other = ground.oracle->model.config();
    if (own.vocab != other.vocab || own.d_model != other.d_model || own.n_layers != other.n_layers)
      fail("[repair] {}: got an oracle of another shape than {}, expected the same model, trained without the behaviour", data.oracles[0], card.models[0]);
  }
  const auto answering = [&](const at::Tensor& t, int64_t, const Taps& taps) { return ground.loaded.model.logits(t, taps); };
  const auto able = RepairExam(ground.validation).measure(answering).abilities;
  for (const auto& [name, p] : able)
    if (p < kLeastAbility)
      fail("[repair] {}: the model has nothing of the ability \"{}\" (probability of the right answers: {:.3f}), expected {} at least; leave it out", data.behaviour, name, p,
           kLeastAbility);

  if (std::filesystem::exists(ground.loaded.folder / "papers.json")) ground.papers = Papers::read(ground.loaded.folder).json();
  ground.papers["behaviour"] = {{"file", data.behaviour}, {"sha256", sha256_file(file)}, {"lines", lines.size()}};
  ground.papers["text"] = text.json();
  if (harmful.scaled || sizes != wanted)
    ground.note = fmt::format("{} prompts to test, {} to tune on and {} examples instead of {}, {} and {}; {} documents for the dictionary instead of {}", ground.test.harm.size(),
                              ground.validation.harm.size(), ground.fit.harmful.size(), data.test_prompts, data.prompts, data.examples, sizes[3], data.pool);
  return ground;
}

}  // namespace fairfight
