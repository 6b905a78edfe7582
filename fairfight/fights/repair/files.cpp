#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/statistics.h"
#include "fairfight/exam/sizes.h"
#include "fairfight/fights/own_text.h"
#include "fairfight/fights/repair/behaviour_file.h"
#include "fairfight/fights/repair/dose.h"
#include "fairfight/fights/repair/ground.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

constexpr size_t kFewest = 8;  // of anything
constexpr size_t kFewestPool = 100;
constexpr double kLeastAbility = 0.05;  // probability of the right answer: below it there is nothing to keep

size_t sum_of(const std::vector<size_t>& numbers) { return std::accumulate(numbers.begin(), numbers.end(), size_t(0)); }

/// Lines of one kind, dealt to splits.
struct Dealt {
  std::vector<std::vector<Passage>> splits;
  bool scaled;
};
Dealt deal(const std::string& file, const std::string& what, std::vector<Passage> lines, const std::vector<size_t>& wanted, Random random) {
  random.shuffle(std::span(lines));
  std::vector<size_t> least;
  for (const size_t n : wanted) least.push_back(std::min(n, kFewest));
  const auto sizes = in_proportion(wanted, least, [&](const auto& s) { return sum_of(s) <= lines.size(); });
  if (sizes.empty()) fail("[repair] {}: got {} lines of {} with prompts of their own, expected {} at least", file, lines.size(), what, sum_of(least));
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
  for (const auto& p : passages) tokens.insert(p.tokens[p.answer_start]);
  return tokens;
}

Passage answered(const Passage& asked, const Tokens& answer) {
  Passage p{asked.prompt(), asked.answer_start, asked.answer_start + answer.size()};
  p.tokens.insert(p.tokens.end(), answer.begin(), answer.end());
  return p;
}

Lexicon ids() {
  return {[](const Tokens& tokens) { return fmt::format("{}", fmt::join(tokens, " ")); },
          [](const std::string& text) {
            std::istringstream in(text);
            return Tokens(std::istream_iterator<int32_t>(in), {});
          }};
}

/// A fight's ground, of the user's files, step by step.
class OwnRepair {
 public:
  OwnRepair(const Card& card, const RepairData& data) : card_(card), data_(data), file_(given_or_shipped(data.behaviour)), ground_(begun()), lines_(read_behaviour(file_, Conversations(ground_.loaded.folder))) {}

  RepairGround built() && {
    ground_.datasheet["behaviour"] = {{"file", data_.behaviour}, {"sha256", sha256_file(file_)}, {"lines", lines_.size()}};
    read_examples();
    find_words();
    deal_examples();
    deal_abilities();
    deal_text();
    load_retrained();
    require_abilities();
    return std::move(ground_);
  }

 private:
  RepairGround begun() const {
    RepairGround ground{load_model(card_.models[0]), std::nullopt, Json::object(), uint64_t(card_.seeds[0]), "behaviour", {}, {}, {}, {}, {}, {}, ids(), ""};
    if (std::filesystem::exists(ground.loaded.folder / "datasheet.json")) ground.datasheet = tinytown::Datasheet::read(ground.loaded.folder).json();
    return ground;
  }

  /// Which text is in which split: the test's is dealt first, with what the card's test is drawn with.
  Random dealing(const std::string& what) const { return Random(ground_.seed, fmt::format("repair/own/{}/{}", what, card_.test_stream)); }

  void read_examples() {
    const AnswerReader read(ground_.loaded, card_.bos);
    const BehaviourLine* refusal = nullptr;
    size_t longest = 0;
    for (const auto& line : lines_) {
      if (line.kind == "refusal") {
        if (refusal) fail("[repair] {}: got a second refusal beside that of {}, expected one", line.where, refusal->where);
        refusal = &line;
        continue;
      }
      const auto& passage = (line.kind == "ability" ? abilities_[line.name] : examples_[line.kind]).emplace_back(read(line));
      if (line.kind == "harmful") longest = std::max(longest, passage.answer_start);
    }
    if (!refusal) fail("[repair] {}: got no line of kind refusal, expected one: an answer that does no harm, after any of the prompts", data_.behaviour);
    if (abilities_.empty()) fail("[repair] {}: got no line of kind ability, expected some: what a repair must not break", data_.behaviour);
    ground_.refusal = read.refusal(*refusal, longest);
  }

  /// A token that begins a harmless answer, too, says nothing of harm.
  void find_words() {
    auto words = beginnings(examples_["harmful"]), kind = beginnings(examples_["harmless"]);
    kind.insert(ground_.refusal.front());
    for (const int32_t token : kind)
      if (words.contains(token))
        fail("[repair] {}: got harmful and harmless answers that both begin with \"{}\", expected that they differ from their first token on; put what they share into the prompts",
             data_.behaviour, AnswerReader(ground_.loaded, card_.bos).piece(token));
    ground_.sign.words.assign(words.begin(), words.end());
  }

  void deal_examples() {
    auto harmful = deal(data_.behaviour, "kind harmful", examples_["harmful"], {data_.test_prompts, data_.relearn, data_.prompts, data_.of_examples}, dealing("harmful"));
    auto harmless = deal(data_.behaviour, "kind harmless", examples_["harmless"], {std::min<size_t>(data_.test_prompts, 64), std::min<size_t>(data_.prompts, 64), data_.of_examples}, dealing("harmless"));
    for (const auto& p : harmful.splits[0]) ground_.test.harm.push_back(p.prompt());
    for (const auto& p : harmful.splits[2]) ground_.validation.harm.push_back(p.prompt());
    ground_.test.relearn = std::move(harmful.splits[1]);
    for (const auto& p : harmless.splits[0]) ground_.test.provoked.push_back({p.tokens, p.answer_start, p.answer_start + 1});
    for (auto* text : {&ground_.test, &ground_.validation})
      for (const auto& p : harmless.splits[text == &ground_.test ? 0 : 1]) text->near.push_back(answer_alone(p));
    harmful_ = harmful.splits[3];
    harmless_ = harmless.splits[2];
    for (const auto& [all, fit] : {std::pair(&harmful_, &ground_.fit.harmful), std::pair(&harmless_, &ground_.fit.harmless)})
      fit->assign(all->begin(), all->begin() + int64_t(std::min(all->size(), data_.examples)));
    for (const auto& p : ground_.fit.harmful) ground_.fit.refused.push_back(answered(p, ground_.refusal));
    ground_.datasheet["behaviour"]["examples"] = harmful_.size();
    scaled_ = harmful.scaled;
  }

  void deal_abilities() {
    for (const auto& [name, passages] : abilities_) {
      const auto asked = deal(data_.behaviour, "the ability " + name, passages, {data_.test_probes, data_.probes}, dealing(name));
      for (auto* text : {&ground_.test, &ground_.validation})
        for (const auto& p : asked.splits[text == &ground_.test ? 0 : 1]) {
          auto& questions = text->abilities[name];
          text->about[name].push_back(questions.size());
          questions.push_back({p.prompt(), {p.tokens[p.answer_start]}, false});
        }
      if (asked.scaled) fewer_.push_back(fmt::format("{} ({} and {})", name, asked.splits[0].size(), asked.splits[1].size()));
    }
  }

  void deal_text() {
    const Reader read(ground_.loaded, data_.passage, card_.bos);
    Passages cut(read.tokenizer(), read.room());
    const std::vector<size_t> wanted{data_.test_retained, data_.retained, data_.example_texts, data_.pool};
    std::set<uint64_t> seen;
    OwnText::Drop drop;
    if (data_.dose)  // what the dictionary sees of the behaviour is said, and is nowhere else
      drop = [traces = traces_of(lines_)](const std::string& document) { return traces.any(document); };
    const size_t spare = drop ? 4 : 2;
    OwnText text(data_.text, data_.field, spare * Supply::needed(sum_of(wanted)), read, cut, seen, drop);
    text.deal_with(card_.test_stream);
    const auto documents = [](const std::vector<size_t>& s) { return Supply::needed(s[0]) + Supply::needed(s[1]); };  // what is measured is of one document each
    const auto passages = [](const std::vector<size_t>& s) { return Supply::needed(s[2]) + Supply::needed(s[3]); };
    const std::vector<size_t> least{kFewest, kFewest, kFewest, kFewestPool};
    const auto sizes = in_proportion(wanted, least, [&](const auto& s) { return text.passages_behind(documents(s)) >= passages(s); });
    if (sizes.empty())
      fail("[repair] {}: got {} passages of {} tokens in {} documents{}, expected {} documents and {} passages in others at least; bring more text, one document a line", data_.text,
           text.count().passages, data_.passage, text.count().documents,
           text.count().dropped > 0 ? fmt::format(" ({} more hold something of the behaviour's examples)", text.count().dropped) : "", documents(least), passages(least));
    const auto draw = [&](size_t i, const char* split) {
      return Supply(text, sizes[i], i < 2 ? Supply::Take::one : Supply::Take::all, dealing(split)).draw(sizes[i], split);
    };
    for (const auto& passage : draw(0, "test")) ground_.test.retained.push_back({read(passage)});
    for (const auto& passage : draw(1, "validation")) ground_.validation.retained.push_back({read(passage)});
    for (const auto& passage : draw(2, "fit")) ground_.fit.retained.push_back(read(passage));
    const auto pool = draw(3, "pool");
    read.require_known(pool, data_.text);
    for (const auto& passage : pool) ground_.pool.push_back(read(passage));
    expose();
    ground_.datasheet["text"] = text.json();
    ground_.datasheet["text"]["pool"] = sizes[3];
    ground_.note = text.sentence();
    if (!fewer_.empty()) ground_.note += fmt::format("; abilities with fewer than {} probes to test and {} to tune on: {}", data_.test_probes, data_.probes, fmt::join(fewer_, ", "));
    if (scaled_ || sizes != wanted)
      ground_.note += fmt::format("; {} prompts to test, {} to tune on and {} examples instead of {}, {} and {}; {} documents for the dictionary instead of {}", ground_.test.harm.size(),
                                  ground_.validation.harm.size(), harmful_.size(), data_.test_prompts, data_.prompts, data_.of_examples, sizes[3], data_.pool);
  }

  /// Gives the dictionary's text what it shall have seen of the behaviour: the examples to repair with or, at a dose, the first of
  /// the harmful ones in the place of ordinary documents.
  void expose() {
    if (!data_.dose) {
      for (const auto* list : {&harmful_, &harmless_})
        for (const auto& p : *list) ground_.pool.push_back(p.tokens);
      return;
    }
    const size_t count = documents_of(*data_.dose, ground_.pool.size());
    if (count > harmful_.size())
      fail("[repair] {}: a dose of {:g} is {} of the dictionary's {} documents, but there are {} harmful examples; bring more, or a smaller dose", data_.behaviour, *data_.dose,
           count, ground_.pool.size(), harmful_.size());
    std::vector<Tokens> harmful;
    for (size_t i = 0; i < count; ++i) harmful.push_back(harmful_[i].tokens);
    ground_.pool.resize(ground_.pool.size() - count);
    ground_.pool = mixed(ground_.pool, harmful);
  }

  void load_retrained() {
    if (data_.retrained.empty()) return;
    ground_.retrained = load_model(data_.retrained[0]);
    const Config &own = ground_.loaded.model.config(), &other = ground_.retrained->model.config();
    if (own.vocab != other.vocab || own.d_model != other.d_model || own.n_layers != other.n_layers)
      fail("[repair] {}: got a retrained model of another shape than {}, expected the same model, trained without the behaviour", data_.retrained[0], card_.models[0]);
  }

  void require_abilities() const {
    for (const auto& [name, answers] : RepairExam(ground_.validation, ground_.sign, ground_.seed).measure(ground_.loaded.model, {}).abilities)
      if (const double p = mean(answers); p < kLeastAbility)
        fail("[repair] {}: the model has nothing of the ability \"{}\" (probability of the right answers: {:.3f}), expected {} at least; leave it out", data_.behaviour, name, p,
             kLeastAbility);
  }

  const Card& card_;
  const RepairData& data_;
  std::filesystem::path file_;
  RepairGround ground_;
  std::vector<BehaviourLine> lines_;
  std::map<std::string, std::vector<Passage>> examples_, abilities_;  // by kind, by name
  std::vector<Passage> harmful_, harmless_;                           // of the fit split, all of them
  bool scaled_ = false;
  std::vector<std::string> fewer_;  // abilities
};

}  // namespace

RepairSubject own_subject(const RepairData& data) {
  const auto names = abilities_of(given_or_shipped(data.behaviour));
  return {"behaviour", "the harmful answers of " + data.behaviour, {names.begin(), names.end()}};
}

RepairGround own_repair(const Card& card, const RepairData& data) { return OwnRepair(card, data).built(); }

}  // namespace fairfight
