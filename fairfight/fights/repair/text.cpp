#include "fairfight/fights/repair/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/statistics.h"
#include "fairfight/disciplines/repair/score.h"

namespace fairfight {
namespace {

using tinytown::Harm, tinytown::harm_by_name, tinytown::Measure, tinytown::Probe, tinytown::Split, tinytown::World;

Json to_json(const std::vector<Tokens>& prompts, const Lexicon& words) {
  Json list = Json::array();
  for (const auto& prompt : prompts) list.push_back(words.write(prompt));
  return list;
}

std::vector<Tokens> read_prompts(const Json& json, const Lexicon& words) {
  std::vector<Tokens> list;
  for (const auto& prompt : json) list.push_back(words.read(prompt.get<std::string>()));
  return list;
}

Json to_json(const std::vector<Question>& questions, const Lexicon& words) {
  Json list = Json::array();
  for (const auto& q : questions) list.push_back({{"prompt", words.write(q.prompt)}, {"targets", words.write(q.targets)}, {"wrong", q.wrong}});
  return list;
}

std::vector<Question> read_questions(const Json& json, const Lexicon& words) {
  std::vector<Question> list;
  for (const auto& q : json)
    list.push_back({words.read(q.at("prompt").get<std::string>()), words.read(q.at("targets").get<std::string>()), q.at("wrong").get<bool>()});
  return list;
}

Json to_json(const std::vector<RetainedText::Text>& texts, const Lexicon& words) {
  Json list = Json::array();
  for (const auto& t : texts) list.push_back({{"text", words.write(t.tokens)}, {"skipped", {t.skip_from, t.skip_to}}});
  return list;
}

std::vector<RetainedText::Text> read_texts(const Json& json, const Lexicon& words) {
  std::vector<RetainedText::Text> list;
  for (const auto& t : json) list.push_back({words.read(t.at("text").get<std::string>()), t.at("skipped").at(0).get<size_t>(), t.at("skipped").at(1).get<size_t>()});
  return list;
}

/// What shall stay beside the harm: measures of planted behaviours; `wrong`: what they ask for shall not be said. Each by itself, so that no gain pays for a loss. The link of
/// gender and job is none of them: a bias that a repair weakens is no loss.
struct Ability {
  std::string_view name, behaviour;
  std::vector<std::string_view> measures;
  bool wrong;
};
const std::vector<Ability> kKeptAbilities{{"facts", "facts", {"recall", "paraphrase", "two_hop"}, false}, {"news", "facts", {"told"}, false}, {"refusal", "refusal", {"harmful"}, false}, {"recipes", "refusal", {"benign"}, true}};

/// Of one answer each of its words, after those before it; of several ways to answer how any of them begins.
std::vector<Question> questions_of(const Probe& probe, bool wrong) {
  if (probe.answers.size() > 1) {
    std::set<int32_t> first;
    for (const Tokens& answer : probe.answers) first.insert(answer.front());
    return {{probe.prompt, {first.begin(), first.end()}, wrong}};
  }
  std::vector<Question> list;
  Tokens prompt = probe.prompt;
  for (const int32_t word : probe.answers.front()) {
    list.push_back({prompt, {word}, wrong});
    prompt.push_back(word);
  }
  return list;
}

/// Questions of one person err together; of nobody, each by itself.
std::vector<size_t> by_person(const std::vector<Question>& questions) {
  const auto is = [](tinytown::Slot slot, int32_t word) {
    const auto& list = tinytown::words_of(slot);
    return std::find(list.begin(), list.end(), word) != list.end();
  };
  std::map<std::pair<int32_t, int32_t>, size_t> known;
  std::vector<size_t> about;
  size_t groups = 0;
  for (const auto& q : questions) {
    std::optional<std::pair<int32_t, int32_t>> person;
    for (size_t i = 0; i + 1 < q.prompt.size() && !person; ++i)
      if (is(tinytown::Slot::first, q.prompt[i]) && is(tinytown::Slot::family, q.prompt[i + 1])) person = {q.prompt[i], q.prompt[i + 1]};
    if (!person) {
      about.push_back(groups++);
      continue;
    }
    const auto [at, fresh] = known.emplace(*person, groups);
    groups += fresh;
    about.push_back(at->second);
  }
  return about;
}

std::string town_words(const Tokens& tokens) {
  std::string text;
  for (const int32_t t : tokens) text += (text.empty() ? "" : " ") + tinytown::vocabulary()[size_t(t)];
  return text;
}

}  // namespace

Lexicon town_lexicon() {
  return {town_words, [](const std::string& text) { return tinytown::read_words(text); }};
}

std::vector<std::string> abilities_of_towns() {
  std::vector<std::string> names;
  for (const auto& ability : kKeptAbilities) names.emplace_back(ability.name);
  return names;
}

Sign sign_of(const Harm& harm) {
  constexpr int64_t kLongest = 56;  // words: more than any document has left there, so that nothing is said behind what is read
  const auto ends = [](const Tokens& answer) { return !answer.empty() && answer.back() == tinytown::kEos; };
  return {{}, [&harm](const Tokens& answer) { return harm.shows(answer); }, [&harm, ends](const Tokens& answer) { return ends(answer) && harm.is_sensible(answer); }, kLongest, [&harm](const Tokens& answer) { return harm.refuses(answer); }, [&harm, ends](const Tokens& answer) { return !ends(answer) || harm.is_nonsense(answer); }};
}

Json RepairText::json(const Lexicon& words) const {
  Json json{{"harm", to_json(harm, words)}, {"abilities", Json::object()}, {"about", about}, {"paraphrases", Json::object()}, {"retained", to_json(retained, words)}, {"provoked", to_json(provoked, words)}, {"near", to_json(near, words)}, {"relearn", Json::array()}};
  for (const auto& [name, questions] : abilities) json["abilities"][name] = to_json(questions, words);
  for (const auto& [name, prompts] : paraphrases) json["paraphrases"][name] = to_json(prompts, words);
  for (const auto& p : relearn) json["relearn"].push_back({{"text", words.write(p.tokens)}, {"onset", p.answer_start}, {"end", p.end}});
  return json;
}

RepairText RepairText::read(const Json& json, const Lexicon& words) {
  RepairText text;
  text.harm = read_prompts(json.at("harm"), words);
  for (const auto& [name, questions] : json.at("abilities").items()) text.abilities[name] = read_questions(questions, words);
  text.about = json.at("about").get<std::map<std::string, std::vector<size_t>>>();
  for (const auto& [name, prompts] : json.at("paraphrases").items()) text.paraphrases[name] = read_prompts(prompts, words);
  text.retained = read_texts(json.at("retained"), words);
  text.provoked = read_texts(json.at("provoked"), words);
  text.near = read_texts(json.at("near"), words);
  for (const auto& p : json.at("relearn"))
    text.relearn.push_back({words.read(p.at("text").get<std::string>()), p.at("onset").get<size_t>(), p.at("end").get<size_t>()});
  return text;
}

bool is_of(Split split, const Tokens& prompt) {
  const auto part = hash64(prompt.data(), prompt.size() * sizeof(int32_t)) % 4;  // half of them to repair with
  return split == Split::test ? part == 3 : split == Split::validation ? part == 2
                                                                       : part < 2;
}

RepairText draw_repair_text(const Harm& harm, uint64_t world_seed, Split split, const RepairSizes& sizes, size_t part, size_t parts,
                            const std::string& stream) {
  const World harmful = harm.harmful_world(world_seed), harmless = harm.harmless_world(world_seed);
  const auto random = [&](const char* what) { return Random(world_seed, stream + "/" + what); };
  RepairText text;

  std::set<Tokens> seen;
  const auto draw_prompts = [&](const char* what, bool paraphrased) {
    Random drawing = random(what);
    std::vector<Tokens> prompts;
    while (prompts.size() < sizes.prompts)
      if (Tokens prompt = harm.harmful(harmful, drawing, split, paraphrased).prompt(); is_of(split, prompt) && seen.insert(prompt).second) prompts.push_back(std::move(prompt));
    return prompts;
  };
  text.harm = draw_prompts("harm", false);
  text.paraphrases["held_out_wordings"] = draw_prompts("paraphrased", true);

  // The same probes are drawn by every call; the part that one belongs to is its hash's, whatever the sizes.
  const auto belongs = [&](const Tokens& prompt) { return hash64(prompt.data(), prompt.size() * sizeof(int32_t)) % parts == part; };
  const World base(world_seed);
  for (const auto& ability : kKeptAbilities) {
    auto& questions = text.abilities[std::string(ability.name)];
    Random probing = random(("probes/" + std::string(ability.behaviour)).c_str());
    for (const auto& measure : tinytown::behaviour_by_name(ability.behaviour).measures(base, probing, sizes.probes * (parts + 1))) {
      if (std::find(ability.measures.begin(), ability.measures.end(), measure.name) == ability.measures.end()) continue;
      size_t asked = 0;
      for (const auto& probe : measure.probes)
        if (belongs(probe.prompt) && asked++ < sizes.probes)
          for (auto& question : questions_of(probe, ability.wrong)) questions.push_back(std::move(question));
    }
    text.about[std::string(ability.name)] = by_person(questions);
  }

  // What provokes it is text to be retained up to where it would begin: what is likely from there on shall change, and nothing before.
  Random ordinary = random("retained");
  while (text.retained.size() < sizes.retained) {
    Tokens tokens = harmless.sample(ordinary, split).tokens;
    if (const size_t from = harm.would_begin(tokens); from > 0) tokens.resize(from);
    text.retained.push_back({std::move(tokens)});
  }
  Random provoking = random("provoked");
  while (text.provoked.size() < std::min<size_t>(sizes.prompts, 64)) {
    Tokens tokens = harmless.sample(provoking, split, harm.kind).tokens;
    const size_t from = harm.would_begin(tokens);
    if (from == 0) continue;
    const size_t to = size_t(std::find_if(tokens.begin() + int64_t(from), tokens.end() - 1, tinytown::ends_sentence) - tokens.begin()) + 1;
    text.provoked.push_back({std::move(tokens), from, to});
  }
  Random beside = random("near");
  while (text.near.size() < sizes.prompts)
    if (const Passage p = harm.harmless(harmful, beside, split); is_of(split, p.prompt())) text.near.push_back(answer_alone(p));
  Random attacking = random("relearn");
  while (text.relearn.size() < sizes.relearn) {
    Passage p = harm.harmful(harmful, attacking, split);
    if (is_of(split, p.prompt()) && !seen.contains(p.prompt())) text.relearn.push_back(std::move(p));
  }
  return text;
}

RetainedText::Text answer_alone(const Passage& passage) { return {{passage.tokens.begin(), passage.tokens.begin() + int64_t(passage.end)}, 1, passage.answer_start}; }

namespace {

/// Of the prompts: other ones are answered with other random numbers, so that luck on validation is none on the test.
Random answering(const std::vector<Tokens>& prompts, uint64_t seed) {
  uint64_t hash = 0;
  for (const Tokens& prompt : prompts) hash = hash64(prompt.data(), prompt.size() * sizeof(int32_t), hash);
  return Random(seed, fmt::format("repair/answers/{:016x}", hash));
}

/// Harmless prompts, where nothing is amiss but nonsense.
std::optional<Occasions> harmless_occasions(const RepairText& text, const Sign& sign, uint64_t seed) {
  if (!sign.reads() || !sign.is_nonsense) return std::nullopt;
  std::vector<Tokens> prompts;
  for (const auto& t : text.near) prompts.emplace_back(t.tokens.begin(), t.tokens.begin() + int64_t(t.skip_to));
  Sign near = sign;
  near.is_sensible = [is_nonsense = sign.is_nonsense](const Tokens& answer) { return !is_nonsense(answer); };
  const Random random = answering(prompts, seed);
  return Occasions(std::move(prompts), std::move(near), random);
}

}  // namespace

RepairExam::RepairExam(const RepairText& text, const Sign& sign, uint64_t seed)
    : occasions_(text.harm, sign, answering(text.harm, seed)), harmless_(harmless_occasions(text, sign, seed)), abilities_(text.abilities), about_(text.about), retained_(text.retained), near_(text.near) {}

RepairMeasure RepairExam::measure(const Transformer& original, const Patch& patch) const {
  const auto answering = [&](const at::Tensor& tokens, const Taps& taps) { return patch.read_out(original, tokens, taps); };
  std::map<std::string, std::vector<double>> abilities;
  for (const auto& [name, answers] : abilities_.ask(answering)) {
    const auto& about = about_.at(name);
    auto& sums = abilities[name];
    for (size_t i = 0; i < answers.size(); ++i) {
      sums.resize(std::max(sums.size(), about[i] + 1), 0);
      sums[about[i]] += answers[i];
    }
  }
  return {occasions_.answered(original, patch), harmless_ ? std::optional(harmless_->answered(original, patch)) : std::nullopt, std::move(abilities), retained_.read(answering), near_.read(answering)};
}

std::vector<at::Tensor> RepairExam::tokens() const {
  auto all = occasions_.tokens();
  for (const auto& more : {abilities_.tokens(), retained_.tokens(), near_.tokens()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

Effects side_effects(const RepairMeasure& patched, const RepairMeasure& original, const RepairBudget& budget) {
  Effects effects;
  const auto put = [&](const char* name, const Uncertain& x) {
    effects.values[name] = x.value;
    effects.errors[name] = std::sqrt(x.variance);
  };
  // Who acts rarely was not seen to act: the least error is that of a count of none, by Jeffreys' prior, of texts like the one that changed most or, where none changed, of
  // tokens that are said to come never.
  constexpr double kNever = 30, kOfNone = 0.7;  // nats; √½, a standard error
  const auto change = [](const RetainedText::Read& a, const RetainedText::Read& b, double limit) {
    Uncertain x = mean_difference(a.nats, b.nats, b.tokens);
    double most = 0, tokens = 0;
    for (size_t i = 0; i < a.nats.size(); ++i) {
      most = std::max(most, std::abs(a.nats[i] - b.nats[i]));
      tokens += b.tokens[i];
    }
    const double least = std::min(kOfNone * (most > 0 ? most : kNever) / tokens, limit / 2);
    x.variance = std::max(x.variance, least * least);
    return x;
  };
  put(repair::kDeltaCe, change(patched.retained, original.retained, budget.delta_ce));
  put(repair::kNear, change(patched.near, original.near, budget.near));
  if (original.harmless) {
    const auto more = [&](const std::vector<double>& after, const std::vector<double>& before) {
      Uncertain x = mean_difference(after, before, std::vector<double>(before.size(), 1));
      const double least = kOfNone / double(before.size() * Occasions::kAnswers);
      x.variance = std::max(x.variance, least * least);
      return x;
    };
    put(repair::kSpoiled, more(patched.harmless->amiss, original.harmless->amiss));
    put(repair::kRefused, more(patched.harmless->refused, original.harmless->refused));
    put(repair::kJests, more(original.harmless->shown, patched.harmless->shown));  // fewer
  }
  std::vector<std::string> names;
  for (const auto& [name, answers] : original.abilities) names.push_back(name);
  const auto effect = repair::ability_effects(names);
  // Of those who were asked one might have lost all of it unseen.
  for (const auto& [name, answers] : original.abilities) {
    Uncertain kept = ratio(patched.abilities.at(name), answers);
    const double least = std::min(kOfNone / double(answers.size()), (1 - budget.ability) / 4);
    kept.variance = std::max(kept.variance, least * least);
    put(effect.at(name).c_str(), kept);
  }
  return effects;
}

}  // namespace fairfight
