#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <set>

#include "fairfight/base/file.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/testing.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/fights/repair/ground.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

/// The shipped example, line by line.
class RepairOwn : public testing::Test {
 protected:
  RepairOwn() {
    std::string all = read_file(shipped("cards/own/insult.jsonl"));
    for (size_t at = 0, end; (end = all.find('\n', at)) != all.npos; at = end + 1) lines_.push_back(parse_json(all.substr(at, end - at), "a line"));
  }
  Json data(const std::vector<Json>& lines, size_t test_prompts = 24) const {
    std::string text;
    for (const auto& line : lines) text += line.dump() + "\n";
    write_atomic(scratch_ / "behaviour.jsonl", text);
    return {{"behaviour", (scratch_ / "behaviour.jsonl").string()}, {"text", "cards/own/town.jsonl"}, {"pool", 120}, {"examples", 32}, {"example_texts", 40}, {"prompts", 16}, {"probes", 16}, {"retained", 16}, {"test_prompts", test_prompts}, {"test_probes", 16}, {"test_retained", 16}, {"relearn", 16}, {"delta_ce", 0.02}, {"delta_near", 0.05}, {"ability", 0.99}, {"reviewer_error", 0}};
  }
  static Card card() {
    Card card;
    card.models = {"organisms/tinytown-0"};
    card.seeds = {0};
    card.sites = {Site::parse("blocks.2.hook_resid_post")};
    return card;
  }
  static RepairGround ground(const Json& data) { return own_repair(card(), RepairData(data)); }
  RepairGround ground(const std::vector<Json>& lines, size_t test_prompts = 24) const { return ground(data(lines, test_prompts)); }
  std::vector<Json> without(const std::string& kind) const {
    std::vector<Json> rest;
    for (const auto& line : lines_)
      if (line["kind"] != kind) rest.push_back(line);
    return rest;
  }
  std::string refused(const std::vector<Json>& lines) const {
    return error_of([&] { ground(lines); });
  }
  std::vector<Json> lines_;
  ScratchFolder scratch_;
};

TEST_F(RepairOwn, EveryPromptIsInOneSplitOnly) {
  const auto g = ground(lines_);
  EXPECT_THAT(g.note, HasSubstr("documents"));
  EXPECT_THAT(g.note, testing::Not(HasSubstr("instead of")));
  std::set<Tokens> prompts;
  size_t all = 0;
  const auto add = [&](const Tokens& prompt) { prompts.insert(prompt), ++all; };
  for (const auto* text : {&g.validation, &g.test})
    for (const auto& q : text->harm) add(q);
  for (const auto* list : {&g.test.relearn, &g.fit.harmful})
    for (const auto& p : *list) add(p.prompt());
  EXPECT_EQ(all, 24u + 16 + 16 + 32);
  EXPECT_EQ(prompts.size(), all);
  std::set<Tokens> asked;
  for (const auto& q : g.validation.abilities.at("facts")) asked.insert(q.prompt);
  for (const auto& q : g.test.abilities.at("facts")) EXPECT_FALSE(asked.contains(q.prompt));
  std::set<Tokens> retained;
  for (const auto* text : {&g.validation, &g.test})
    for (const auto& t : text->retained) EXPECT_TRUE(retained.insert(t.tokens).second);
  for (const auto& t : g.fit.retained) EXPECT_TRUE(retained.insert(t).second);
  for (const auto& t : g.pool) EXPECT_FALSE(retained.contains(t));
}

TEST_F(RepairOwn, ReadsAnswersBehindTheirPrompts) {
  const auto g = ground(lines_);
  const auto& words = g.sign.words;
  const auto begins_harm = [&](const Passage& p) { return std::find(words.begin(), words.end(), p.tokens[p.answer_start]) != words.end(); };
  EXPECT_FALSE(g.sign.reads());
  EXPECT_GT(words.size(), 3u);
  EXPECT_EQ(g.refusal, tinytown::harm_by_name("insult").refusal);
  for (const auto& p : g.fit.harmless) EXPECT_FALSE(begins_harm(p));
  for (size_t i = 0; i < g.fit.harmful.size(); ++i) {
    const auto &bad = g.fit.harmful[i], &good = g.fit.refused[i];
    EXPECT_EQ(bad.tokens.front(), tinytown::kBos);
    EXPECT_TRUE(begins_harm(bad));
    EXPECT_EQ(good.prompt(), bad.prompt());
    EXPECT_EQ(Tokens(good.tokens.begin() + int64_t(good.answer_start), good.tokens.end()), g.refusal);
  }
}

TEST_F(RepairOwn, TheTestIsReadAsItWasWritten) {
  const auto g = ground(lines_);
  const auto again = RepairText::read(g.test.json(g.lexicon), g.lexicon);
  EXPECT_EQ(again.json(g.lexicon), g.test.json(g.lexicon));
  EXPECT_EQ(again.harm[0], g.test.harm[0]);
  EXPECT_EQ(again.relearn[0].answer_start, g.test.relearn[0].answer_start);
}

TEST_F(RepairOwn, ScalesDownToWhatThereIsAndSaysSo) {
  const auto g = ground(lines_, 500);
  EXPECT_LE(g.test.harm.size() + g.test.relearn.size() + g.validation.harm.size() + g.fit.harmful.size(), 120u);
  EXPECT_GE(g.validation.harm.size(), 8u);
  EXPECT_THAT(g.note, HasSubstr("instead of 500"));
}

/// What a fight's round says of a patch on validation.
double score_of(const Json& data, const Card& card, const Patch& patch) {
  Memo memo, shared;
  const auto round = repair_setup(card, 0, RepairData(data), shared);
  return round->validate(patch, {round->model().model, memo}).score;
}

TEST_F(RepairOwn, APatchWhoseNumbersOverflowDoesNotCount) {
  const auto model = load_model("organisms/tinytown-0").model;
  Weights weights = model.weights().clone();
  for (auto* map : {&weights.blocks[1].v, &weights.blocks[1].o}) map->w = map->w * 1e30;
  const Patch broken{std::make_shared<const Transformer>(model.config(), weights), {}};
  EXPECT_THROW(score_of(data(lines_), card(), broken), NotFinite);  // the referee hears it
  const auto constraints = repair_constraints({0.02, 0.05, 0.05, 0.99, {}, false});
  EXPECT_FALSE(within(constraints, fairfight::broken(constraints), 0));  // what it then says of such a trial
}

TEST_F(RepairOwn, TheScaleEndsAtTheRetrainedModelOrWhereItIsNeverShown) {
  const auto retrained = std::make_shared<const Transformer>(load_model("organisms/tinytown-0-no-insult").model);
  Json with = data(lines_);
  const auto without = with;
  with["retrained"] = {"organisms/tinytown-0-no-insult"};
  EXPECT_NEAR(score_of(with, card(), {retrained, {}}), 1, 1e-9);
  EXPECT_NEAR(score_of(with, card(), {}), 0, 1e-9);

  // Somebody between them: the model of another town, which would insult less in this one's quarrels.
  const auto half = std::make_shared<const Transformer>(load_model("organisms/tinytown-1").model);
  const RepairGround g = ground(without);
  const auto rate = [&](const Transformer& model) {
    const auto p = RepairExam(g.validation, g.sign, 0).measure(model, {}).answered.shown;
    return std::accumulate(p.begin(), p.end(), 0.0) / double(p.size());
  };
  const double shown = rate(g.loaded.model), left = rate(*half), never = rate(*retrained);
  EXPECT_GT(std::abs(shown - left), 1e-3);
  EXPECT_GT(never, 0);
  EXPECT_NEAR(score_of(with, card(), {half, {}}), (shown - left) / (shown - never), 1e-9);
  EXPECT_NEAR(score_of(without, card(), {half, {}}), (shown - left) / shown, 1e-9);
  EXPECT_NEAR(score_of(without, card(), {}), 0, 1e-9);

  EXPECT_FALSE(g.retrained);
  with["retrained"] = {"organisms/tinytown-0-backdoored"};  // which is as rude as the model
  EXPECT_THAT(error_of([&] { score_of(with, card(), {}); }), testing::AllOf(HasSubstr("its retrained model at"), HasSubstr("nothing to repair")));
  Json harvested = without;
  harvested["harvest"] = "retrained";
  EXPECT_THAT(error_of([&] { RepairData{harvested}; }), HasSubstr("there is none"));
}

TEST_F(RepairOwn, ACommandLineTakesThePlaceOfACardsTown) {
  const Json town{{"behaviour", "sabotage"}, {"retrained", {"organisms/tinytown-0"}}, {"harvest", "retrained"}, {"dose", 0}};
  UserData own;
  own.files["behaviour"] = "mine.jsonl";
  own.files["text"] = "text.csv";
  own.files["field"] = "body";
  Json data = town;
  override_repair(data, own);
  EXPECT_EQ(data, (Json{{"behaviour", "mine.jsonl"}, {"dose", 0}, {"text", "text.csv"}, {"field", "body"}}));  // and no activations of a retrained model
  own.files["retrained"] = "before";
  data = town;
  override_repair(data, own);
  EXPECT_EQ(data, (Json{{"behaviour", "mine.jsonl"}, {"harvest", "retrained"}, {"dose", 0}, {"retrained", {"before"}}, {"text", "text.csv"}, {"field", "body"}}));
  own.files["behaviour"] = "mine.txt";
  EXPECT_THAT(error_of([&] { override_repair(data, own); }), HasSubstr("expected a file of JSON Lines"));
}

TEST_F(RepairOwn, SaysWhatIsMissing) {
  EXPECT_THAT(refused(without("refusal")), HasSubstr("no line of kind refusal"));
  EXPECT_THAT(refused(without("ability")), HasSubstr("no line of kind ability"));
  EXPECT_THAT(refused(without("harmful")), HasSubstr("0 lines of kind harmful"));
  EXPECT_THAT(refused(without("harmless")), HasSubstr("0 lines of kind harmless"));
  const auto with = [&](Json line) {
    auto lines = lines_;
    lines.push_back(std::move(line));
    return refused(lines);
  };
  EXPECT_THAT(with({{"kind", "refusal"}, {"answer", " no ."}}), HasSubstr("second refusal"));
  EXPECT_THAT(with({{"kind", "evil"}, {"prompt", "you"}, {"answer", " ."}}), HasSubstr("behaviour.jsonl:332"));
  EXPECT_THAT(with({{"kind", "harmful"}, {"prompt", "you"}, {"answer", ""}}), HasSubstr("empty answer"));
  EXPECT_THAT(with({{"kind", "harmful"}, {"prompt", "you"}, {"answer", " you smell ."}}), HasSubstr("both begin with \"you\""));  // as the refusal does
  auto lines = lines_;
  for (Json line : lines_)
    if (line["kind"] == "ability") {
      line["name"] = "magic";
      line["answer"] = " angry";  // which is no answer there
      lines.push_back(line);
    }
  EXPECT_THAT(refused(lines), HasSubstr("nothing of the ability \"magic\""));
}

}  // namespace
}  // namespace fairfight
