#include "fairfight/arena/referee.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

/// A discipline in small: an artifact is a number, and a round scores it by itself.
struct Small {
  using Artifact = double;
  struct Offer {};
  using Privilege = Batch;  // labelled documents
  static int64_t labels(const Offer&) { return 0; }
  static int64_t labels(const Privilege& labelled) { return labelled.documents(); }
};
using Number = double;
using Making = std::unique_ptr<Number> (*)(Corner<Small>& corner, double hyperparameter);

class Player final : public Contestant<Small> {
 public:
  Player(std::string_view name, Role role, Making method, bool read = false, SiteUse use = SiteUse::one)
      : name_(name), role_(role), method_(method), read_(read), use_(use) {}
  std::string_view name() const override { return name_; }
  std::string_view title() const override { return name_; }
  std::string_view about() const override { return "a player"; }
  Role role() const override { return role_; }
  SiteUse site_use() const override { return use_; }
  SearchSpace space() const override {
    auto space = SearchSpace().hyperparameter("hyperparameter", {1, 2, 3});
    return read_ ? space.reading("side", {"meant", "other"}) : space;
  }
  std::unique_ptr<Number> prepare(Corner<Small>& corner, const Settings& settings) const override {
    if (!read_ || settings.text("side") == "meant") return method_(corner, settings.number("hyperparameter"));
    count_flops(50);  // more than the other one takes
    return method_(corner, 2 * settings.number("hyperparameter") - 0.5);
  }

 private:
  std::string_view name_;
  Role role_;
  Making method_;
  bool read_;
  SiteUse use_;
};

Config small() {
  Config c;
  c.vocab = 20;
  c.d_model = 12;
  c.n_layers = 2;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 6;
  c.d_mlp = 16;
  c.n_ctx = 8;
  return c;
}

Batch documents(size_t count) {
  Random random(1, "documents");
  std::vector<std::vector<int32_t>> list(count, {0});
  for (auto& d : list)
    for (int i = 0; i < 7; ++i) d.push_back(int32_t(1 + random.below(19)));
  return pad(list);
}

class SmallSetup final : public Setup<Small> {
 public:
  NamedModel model() const override { return model_; }
  const Json& datasheet() const override { return datasheet_; }
  const Batch& pool() const override { return pool_; }
  const Batch* privilege() const override { return &labelled_; }
  Validation validate(const Number& n, const SharedModel&) const override { return {n, {{{"size", n}}, {{"size", 0}}}, "", 1}; }
  Json hashes() const override { return {{"test", test_.hash()}}; }
  void close_test(const Registration& r, const fs::path& file) override { test_.close(r, file); }
  void open_test(const Registration& r) override { opened_ = test_.open(r); }
  Tested test(const Number& n, const SharedModel&) const override {
    if (opened_.empty()) fail("[test] sealed");
    return {{{"clean", {0}}, {"far", {n}}}, {{{"size", n}}, {{"size", 0}}}, {{"number", n}}};
  }
  std::map<std::string, double> inspect(const Number&) const override { return {{"first", 1}}; }

 private:
  LoadedModel model_{Transformer(small(), random_weights(small(), Random(1, "model"))), "", std::string(64, 'a')};
  Json datasheet_ = Json::object();
  Batch pool_ = documents(80);
  Batch labelled_ = documents(4);
  Sealed test_{"the test"};
  std::string opened_;
};

class SmallFight final : public Task<Small> {
 public:
  explicit SmallFight(std::vector<Player> players, double most = 1e9, Metric metric = {{"number", "number", 0, 100}})
      : info_{"small", "Small", "Who?", "T0", "number", std::move(metric), {{"size", "size", "the number itself", "", most, true, 1e12}}} {
    for (auto& p : players) roster_.push_back(std::make_unique<Player>(p));
  }
  const FightInfo& info() const override { return info_; }
  const Card& card() const override { return card_; }
  void about(const Card& card) { card_ = card; }
  const Roster<Small>& contestants() const override { return roster_; }
  std::vector<Result::Family> families() const override { return {{"far", ""}}; }
  std::unique_ptr<Round> round(size_t) const override { return std::make_unique<SmallSetup>(); }
  Workload work() const override { return {{small()}, {80, 4, 4}, 8}; }
  Cases cases(const std::vector<RoundOutcome>&) const override { return Cases::planted; }
  std::optional<Calibration> parity(const Contestant<Small>&) const override { return std::nullopt; }
  void tell(Result&, const Contest&, const Venue&, const Tick&) const override {}

 private:
  FightInfo info_;
  Roster<Small> roster_;
  Card card_;
};

std::unique_ptr<Number> with_dictionary(Corner<Small>& corner, double hyperparameter) {
  count_flops(100);
  return std::make_unique<Number>(hyperparameter + double(corner.dictionary()->width()));
}
std::unique_ptr<Number> without(Corner<Small>&, double hyperparameter) {
  count_flops(100);
  return std::make_unique<Number>(hyperparameter);
}
std::unique_ptr<Number> cheat(Corner<Small>& corner, double) { return std::make_unique<Number>(double(corner.dictionary()->width())); }
std::unique_ptr<Number> peek(Corner<Small>& corner, double) { return std::make_unique<Number>(double(corner.privilege().documents())); }

/// Far more for a later site, and the most for all of them.
std::unique_ptr<Number> where_it_stands(Corner<Small>& corner, double hyperparameter) {
  Number n = hyperparameter;
  corner.at_each_site([&] { n += 10 * double(1 + corner.site().layer) * double(corner.dictionary()->width() > 0); });
  return std::make_unique<Number>(n);
}
std::unique_ptr<Number> layer(Corner<Small>& corner, double hyperparameter) {
  const double norm = corner.pool().norm(2, 1).mean().item<double>();
  return std::make_unique<Number>(hyperparameter + 10 * double(corner.site().layer) + 1e-3 * norm);
}

class RefereeTest : public testing::Test {
 protected:
  RefereeTest() {
    fs::create_directories(folder);
    card.models = {"m"};
    card.seeds = {0};
    card.dictionary_seeds = {0, 1};
    card.sites = {Site::parse("blocks.0.hook_resid_post")};
    card.dictionary.width = 16;
    card.dictionary.k = 3;
    card.dictionary.tokens = 2000;
    card.dictionary.batch = 200;
    card.data = {{"pool", 80}};
  }
  ~RefereeTest() override { fs::remove_all(folder); }

  std::vector<RoundOutcome> run(SmallFight&& fight) { return run(fight); }
  std::vector<RoundOutcome> run(SmallFight& fight) {
    fight.about(card);
    Fought fought = Referee(fight, venue).run();
    hash = fought.registration_sha256;
    return std::move(fought.outcomes);
  }

  fs::path folder = fs::temp_directory_path() / fmt::format("fairfight-referee-{}", ::getpid());
  Card card;
  Profile profile;
  Venue venue{folder, false, nullptr, &profile};
  std::string hash;
};

TEST_F(RefereeTest, EveryoneGetsItsTrialsAndChallengersEveryBasis) {
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}}));
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].entry(1, "").runs.size(), 1u);
  EXPECT_EQ(outcomes[0].entry(0, "topk").runs.size(), 2u);
  EXPECT_EQ(outcomes[0].entry(0, "random_model").runs.size(), 2u);
  EXPECT_EQ(outcomes[0].entry(0, "pca").runs.size(), 1u);  // has no seed
  for (const auto& entry : outcomes[0].entries)
    for (const auto& run : entry.runs) {
      EXPECT_EQ(run.trials.size(), 3u);  // the whole space
      const size_t best = *run.chosen[kPrimary];
      EXPECT_EQ(run.trials[best].settings.number("hyperparameter"), 3);
      EXPECT_EQ(run.scores.at(best).at("far")[0], run.trials[best].validation.score);
      EXPECT_EQ(run.ledger.trials, 3);
      EXPECT_GE(run.ledger.work.flops, 300);
    }
  EXPECT_EQ(outcomes[0].entry(0, "topk").runs[0].trials[0].validation.score, 16 + outcomes[0].entry(0, "topk").runs[0].trials[0].settings.number("hyperparameter"));
  EXPECT_EQ(outcomes[0].entry(0, "pca").runs[0].trials[0].validation.score, 12 + outcomes[0].entry(0, "pca").runs[0].trials[0].settings.number("hyperparameter"));  // all axes of the model
}

TEST_F(RefereeTest, EveryTrialTriesEveryReadingAndTurnsRoundForMoreThanChanceAlone) {
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without, true}}));
  const auto& run = outcomes[0].entry(1, "").runs[0];
  ASSERT_EQ(run.trials.size(), 3u);
  EXPECT_EQ(run.ledger.trials, 3);
  for (const auto& trial : run.trials) {
    const double hyperparameter = trial.settings.number("hyperparameter");  // the other reading is better by hyperparameter - 0.5, where 1 is chance
    EXPECT_EQ(trial.settings.text("side"), hyperparameter == 1 ? "meant" : "other");
    EXPECT_EQ(trial.validation.score, hyperparameter == 1 ? 1 : 2 * hyperparameter - 0.5);
  }
  EXPECT_EQ(run.scores.at(*run.chosen[kPrimary]).at("far")[0], 5.5);
  EXPECT_EQ(run.trials[2].flops - run.trials[1].flops, 150);  // made once, and read in the dearer way
}

TEST_F(RefereeTest, WhatIsBetterTheLowerItIsIsTurnedWhereScoresComeIn) {
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}}, 1e9, Metric::of_less("loss", "loss", 100, 0)));
  const auto& run = outcomes[0].entry(1, "").runs[0];
  const size_t best = *run.chosen[kPrimary];
  EXPECT_EQ(run.trials[best].settings.number("hyperparameter"), 1);
  EXPECT_EQ(run.trials[best].validation.score, -1);
  EXPECT_EQ(run.scores.at(best).at("far")[0], -1);
  EXPECT_THROW(Metric::of_less("loss", "loss", 0, 100), Error);
}

/// Whatever overflows in a trial, the trial does not count, and the fight goes on.
TEST_F(RefereeTest, ATrialWhoseNumbersOverflowDoesNotCount) {
  const Making overflows = [](Corner<Small>&, double hyperparameter) -> std::unique_ptr<Number> {
    if (hyperparameter == 3) throw NotFinite("[forward] too large");
    return std::make_unique<Number>(hyperparameter);
  };
  const Making always = [](Corner<Small>&, double) -> std::unique_ptr<Number> { throw NotFinite("[forward] too large"); };
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, overflows}, {"r", Role::reference, always}}));
  const auto& run = outcomes[0].entry(1, "").runs[0];
  ASSERT_EQ(run.trials.size(), 3u);
  for (const auto& trial : run.trials) {
    EXPECT_EQ(trial.validation.allowed, trial.settings.number("hyperparameter") != 3);
    EXPECT_EQ(trial.validation.note, trial.validation.allowed ? "" : "[forward] too large");
    if (!trial.validation.allowed) {
      EXPECT_EQ(trial.validation.side_effects.values.at("size"), 1e12);
    }
  }
  EXPECT_EQ(run.trials[*run.chosen[kPrimary]].settings.number("hyperparameter"), 2);
  EXPECT_EQ(outcomes[0].entry(2, "").runs[0].chosen[kPrimary], std::nullopt);
}

TEST_F(RefereeTest, ABaselineWithoutADictionaryAndNobodyButAReferenceWithLabels) {
  EXPECT_THROW(run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, cheat}})), Error);
  EXPECT_THROW(run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, peek}})), Error);
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}, {"r", Role::reference, peek}}));
  EXPECT_EQ(outcomes[0].entry(2, "").runs[0].ledger.labels, 4);
}

TEST_F(RefereeTest, TheBudgetTakesTheDictionarysShareOff) {
  SmallFight fight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}});
  const double dictionary = run(fight)[0].dictionary_flops;
  card.budget_flops = 0.1 * dictionary + 250;  // two trials at 10 %, all at 0 %, none at 100 %
  const auto outcomes = run(fight);
  const auto& run_ = outcomes[0].entry(0, "topk").runs[0];
  EXPECT_EQ(run_.chosen[0], best_trial(run_.trials, 0, 0));
  ASSERT_TRUE(run_.chosen[1].has_value());
  EXPECT_LT(*run_.chosen[1], 2u);
  EXPECT_EQ(run_.chosen[2], std::nullopt);
}

TEST_F(RefereeTest, EverythingIsRegisteredAndTheTestIsSealedWithIt) {
  SmallFight fight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}});
  run(fight);
  const std::string first = hash;
  EXPECT_EQ(sha256(read_file(folder / "registration.json")), first);
  const Json registration = read_json(folder / "registration.json");
  EXPECT_EQ(registration["card"]["margin"], card.margin);
  EXPECT_EQ(registration["contestants"].size(), 2u);
  EXPECT_EQ(registration["data"]["0/test"], sha256("the test"));
  EXPECT_EQ(open_sealed(folder / "test-0.sealed", Registration::read(folder)), "the test");
  fs::copy(folder / "test-0.sealed", folder / "kept.sealed");

  card.margin = 0.04;
  run(fight);
  EXPECT_NE(hash, first);
  EXPECT_THROW(open_sealed(folder / "kept.sealed", Registration::read(folder)), Error);
}

TEST_F(RefereeTest, ResumesWithTheDictionariesThatLieThere) {
  SmallFight fight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}});
  run(fight);
  const auto file = folder / "dictionaries" / "topk-0-1.safetensors";
  const auto written = fs::last_write_time(file);
  venue.resume = true;
  run(fight);
  EXPECT_EQ(fs::last_write_time(file), written);
  card.margin = 0.04;
  EXPECT_THROW(run(fight), Error);  // another fight
}

TEST_F(RefereeTest, ACardNeedsBothSides) {
  EXPECT_THROW(run(SmallFight({{"b", Role::baseline, without}})), Error);
  SmallFight fight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}});
  card.contestants = {"c"};
  EXPECT_THROW(run(fight), Error);
  card.contestants = {"c", "b", "nobody"};
  EXPECT_THROW(run(fight), Error);
  card.contestants = {"c", "b", "b"};
  EXPECT_THROW(run(fight), Error);
}

TEST_F(RefereeTest, WhatDoesTooMuchBesidesIsNeverChosenButByAReference) {
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}, {"r", Role::reference, without}}, 2.5));
  const auto& challenger = outcomes[0].entry(0, "topk").runs[0];
  for (const auto& chosen : challenger.chosen) EXPECT_EQ(chosen, std::nullopt);  // all of its numbers are above 16
  EXPECT_TRUE(challenger.scores.empty());
  EXPECT_TRUE(challenger.findings.empty());
  const auto& baseline = outcomes[0].entry(1, "").runs[0];
  EXPECT_EQ(baseline.trials[*baseline.chosen[kPrimary]].settings.number("hyperparameter"), 2);
  EXPECT_EQ(baseline.scores.at(*baseline.chosen[kPrimary]).at("far")[0], 2);
  EXPECT_EQ(baseline.findings.at("number"), 2);
  const auto& reference = outcomes[0].entry(2, "").runs[0];
  EXPECT_EQ(reference.trials[*reference.chosen[kPrimary]].settings.number("hyperparameter"), 3);
}

TEST_F(RefereeTest, TheCardSaysWhoMeetsTheControls) {
  SmallFight fight({{"c", Role::challenger, with_dictionary}, {"better", Role::challenger, [](Corner<Small>& corner, double hyperparameter) {
                                                                 return std::make_unique<Number>(100 + hyperparameter + double(corner.dictionary()->width()));
                                                               }},
                    {"b", Role::baseline, without}});
  card.controls = Card::Controls::champion;
  auto outcomes = run(fight);
  EXPECT_TRUE(outcomes[0].has(1, "pca") && outcomes[0].has(1, "random_model"));
  EXPECT_EQ(outcomes[0].entry(1, "random_model").runs.size(), 1u);
  EXPECT_EQ(outcomes[0].entry(1, "topk").runs.size(), 2u);
  EXPECT_FALSE(outcomes[0].has(0, "pca") || outcomes[0].has(0, "random_model"));
  EXPECT_TRUE(outcomes[0].has(0, "topk"));
  EXPECT_EQ(outcomes[0].entry(1, "topk").runs[0].findings.at("first"), 1);
  EXPECT_FALSE(outcomes[0].entry(1, "topk").runs[1].findings.contains("first"));
  EXPECT_TRUE(outcomes[0].entry(1, "pca").runs[0].findings.empty());  // what is reported is reported of the dictionary
  card.controls = Card::Controls::none;
  outcomes = run(fight);
  EXPECT_EQ(outcomes[0].entries.size(), 3u);
  EXPECT_EQ(outcomes[0].bases.size(), 1u);
}

TEST_F(RefereeTest, AStudyMayHaveOneSideAndLooksAtNothing) {
  card.study = true;
  card.controls = Card::Controls::none;
  card.contestants = {"c"};
  const auto outcomes = run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}}));
  ASSERT_EQ(outcomes[0].entries.size(), 1u);
  const auto& challenger = outcomes[0].entries[0].runs[0];
  EXPECT_EQ(challenger.scores.at(*challenger.chosen[kPrimary]).at("far")[0], 19);
  EXPECT_TRUE(challenger.findings.empty());
  card.contestants = {"b"};
  EXPECT_EQ(run(SmallFight({{"c", Role::challenger, with_dictionary}, {"b", Role::baseline, without}}))[0].entries.size(), 1u);
}

/// So many more makings, then the process dies.
int makings_left = 0;
template <Making making>
std::unique_ptr<Number> mortal(Corner<Small>& corner, double hyperparameter) {
  corner.pool();  // paid once, whoever made it
  if (--makings_left == 0) throw std::runtime_error("killed");
  return making(corner, hyperparameter);
}

TEST_F(RefereeTest, WhatIsKilledAgainAndAgainComesToTheSameOutcome) {
  const auto fight = [] {
    return SmallFight({{"c", Role::challenger, mortal<with_dictionary>}, {"b", Role::baseline, mortal<without>, true}, {"r", Role::reference, mortal<peek>}});
  };
  const auto reported = [](const std::vector<RoundOutcome>& outcomes) {
    std::string all;
    for (const auto& entry : outcomes[0].entries)
      for (fairfight::Run run : entry.runs) {
        run.ledger.seconds = 0;
        all += run.json().dump() + "\n";
      }
    return all;
  };
  const std::string whole = reported(run(fight()));
  fs::remove_all(folder);
  fs::create_directories(folder);
  Random random(1, "deaths");
  std::string again;
  for (int deaths = 0; again.empty(); ++deaths) {
    ASSERT_LT(deaths, 200);
    makings_left = 3 + int(random.below(6));  // a trial of who is read in two ways makes twice
    try {
      again = reported(run(fight()));
    } catch (const std::runtime_error&) {
    }
    venue.resume = true;
  }
  makings_left = 0;
  EXPECT_EQ(again, whole);
}

TEST(Basis, TheRandomWeightControlHasTheModelsMoments) {
  Card card;
  card.sites = {Site::parse("blocks.0.hook_resid_post")};
  const SmallSetup round;
  const Pool pool = harvest_pool(card, card.sites[0], 0, round.model(), round.pool(), no_tick);
  EXPECT_TRUE(at::allclose(pool.rows.mean(0), pool.control_rows.mean(0), 1e-4, 1e-5));
  const auto spread = [](const at::Tensor& x) { return (x - x.mean(0)).square().sum().item<double>(); };
  EXPECT_NEAR(spread(pool.control_rows) / spread(pool.rows), 1, 1e-4);
  EXPECT_FALSE(at::allclose(pool.rows, pool.control_rows, 1e-2, 1e-2));
}

TEST(Basis, RowsOfKnownDocumentsAreThoseOfAWholeHarvest) {
  Card card;
  card.controls = Card::Controls::none;
  card.sites = {Site::parse("blocks.0.hook_resid_post")};
  const SmallSetup round;
  const Batch& all = round.pool();
  const auto some = [&](int64_t from, int64_t to) { return Batch{all.tokens.slice(0, from, to), all.valid.slice(0, from, to)}; };
  Memo beside;
  const auto n = all.documents();
  harvest_pool(card, card.sites[0], 0, round.model(), some(0, n / 2), no_tick, &beside);
  const Batch mixed{at::cat({some(n / 3, n).tokens, some(0, n / 3).tokens}), at::cat({some(n / 3, n).valid, some(0, n / 3).valid})};
  EXPECT_TRUE(at::equal(harvest_pool(card, card.sites[0], 0, round.model(), mixed, no_tick, &beside).rows, harvest_pool(card, card.sites[0], 0, round.model(), mixed, no_tick).rows));
  EXPECT_TRUE(at::equal(harvest_pool(card, card.sites[0], 0, round.model(), some(0, n / 2), no_tick, &beside).rows, harvest_pool(card, card.sites[0], 0, round.model(), some(0, n / 2), no_tick).rows));
}

TEST(Basis, SinksAreInNoPool) {
  Card card;
  card.sites = {Site::parse("blocks.0.hook_resid_post")};
  LoadedModel loaded{Transformer(small(), random_weights(small(), Random(1, "model"))), "", std::string(64, 'a')};
  const Batch text = documents(80);
  const Pool plain = harvest_pool(card, card.sites[0], 0, loaded, text, no_tick);
  EXPECT_EQ(plain.left_out, 0);
  EXPECT_TRUE(std::isinf(plain.most_norm()));  // a text whose rows are larger is an anomaly, and none of a sink
  Weights weights = loaded.model.weights().clone();
  weights.embed[7] *= 1e4;  // a token that is a sink wherever it stands
  const auto sinks = text.tokens.index({text.valid}).eq(7);
  ASSERT_GT(sinks.sum().item<int64_t>(), 5);
  loaded.model = Transformer(small(), std::move(weights));
  const Pool pool = harvest_pool(card, card.sites[0], 0, loaded, text, no_tick);
  EXPECT_EQ(pool.most_norm(), pool.sinks.most);
  EXPECT_EQ(pool.left_out, sinks.sum().item<int64_t>());
  EXPECT_EQ(pool.rows.size(0), sinks.size(0) - pool.left_out);
  EXPECT_EQ(pool.control_rows.sizes(), pool.rows.sizes());
  const auto all = loaded.model.at(card.sites[0], text.tokens).index({text.valid}).norm(2, 1);
  EXPECT_NEAR(pool.sinks.median, all.median().item<double>(), 1e-3);
  EXPECT_LE(pool.rows.norm(2, 1).max().item<double>(), pool.sinks.most);
  EXPECT_NEAR(pool.rows.sum().item<double>(), loaded.model.at(card.sites[0], text.tokens).index({text.valid}).index({sinks.logical_not()}).sum().item<double>(), 1e-2);
  Memo beside;
  EXPECT_TRUE(at::equal(harvest_pool(card, card.sites[0], 0, loaded, text, no_tick, &beside).rows, pool.rows));
}

TEST_F(RefereeTest, OfSeveralSitesATrialStandsAtOneOrAtAll) {
  card.sites = {Site::parse("blocks.0.hook_resid_post"), Site::parse("blocks.1.hook_resid_post")};
  const auto players = [] {
    return SmallFight({{"c", Role::challenger, where_it_stands, false, SiteUse::all}, {"b", Role::baseline, layer}, {"n", Role::baseline, without, false, SiteUse::none}});
  };
  const RoundOutcome outcome = std::move(run(players())[0]);
  const fairfight::Run &all = outcome.entry(0, "topk").runs[1], &one = outcome.entry(1, "").runs[0], &none = outcome.entry(2, "").runs[0];
  EXPECT_EQ(all.trials.size(), 9u);
  EXPECT_EQ(all.trials[*all.chosen[kPrimary]].settings.json(), (Json{{"hyperparameter", 3}, {"site", "all"}}));
  EXPECT_EQ(all.trials[*all.chosen[kPrimary]].validation.score, 33);
  EXPECT_EQ(one.trials.size(), 6u);
  EXPECT_EQ(one.trials[*one.chosen[kPrimary]].settings.json(), (Json{{"hyperparameter", 3}, {"site", "blocks.1.hook_resid_post"}}));
  EXPECT_EQ(one.ledger.work.queries, 2);  // a harvest at either site, each paid once
  EXPECT_EQ(none.trials.size(), 3u);
  EXPECT_FALSE(none.trials[0].settings.json().contains("site"));

  ASSERT_EQ(outcome.dictionaries.size(), 4u);
  EXPECT_EQ(outcome.dictionaries[1].site, "blocks.1.hook_resid_post");
  EXPECT_EQ(outcome.dictionaries[2].dictionary_seed, 1);
  EXPECT_NE(outcome.dictionaries[0].fvu, outcome.dictionaries[1].fvu);
  EXPECT_TRUE(fs::exists(folder / "dictionaries/topk-0-1-blocks.1.hook_resid_post.safetensors"));
  double sum = 0;
  for (const char* site : {"blocks.0.hook_resid_post", "blocks.1.hook_resid_post"}) {
    card.sites = {Site::parse(site)};
    sum += run(players())[0].dictionary_flops;
  }
  EXPECT_EQ(outcome.dictionary_flops, sum);

  card.sites = {Site::parse("blocks.0.hook_resid_post"), Site::parse("blocks.1.hook_resid_post")};
  const auto wrong = [&] { run(SmallFight({{"c", Role::challenger, where_it_stands}, {"b", Role::baseline, layer, false, SiteUse::none}})); };
  try {
    wrong();
    ADD_FAILURE() << "let through";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("reads at none of a card's"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace fairfight
