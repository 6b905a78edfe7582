#include "fairfight/board/board.h"

#include <gmock/gmock.h>

#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/testing.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using Came = Board::Came;

std::vector<int> of_ticks(std::string_view ticks) {
  std::vector<int> came;
  for (const char tick : ticks) came.push_back(tick == '1');
  return came;
}

TEST(Scoring, IsTheEssaysToTheDigit) {
  const struct {
    const char *list, *ticks;
    double score, sd, z, brier, log_loss;
  } known[] = {{"2024-05", "1110000000", -0.74, 1.0185, -0.727, 0.02226, 0.13889},
               {"2024-10", "11010000", 1.35, 1.0595, 1.274, 0.20344, 0.59704},
               {"2024-10", "01000000", -0.65, 1.0595, -0.614, 0.14094, 0.43089},
               {"2024-10", "00000000", -1.65, 1.0595, -1.56, 0.06594, 0.25761},
               {"2024-10", "11111111", 6.35, 1.0595, 5.99, 0.65344, 1.75328}};
  for (const auto& k : known) {
    const Scoring s = scoring_of(prediction_list(k.list).probabilities(), of_ticks(k.ticks));
    EXPECT_NEAR(s.score, k.score, 1e-12) << k.ticks;
    EXPECT_NEAR(s.sd, k.sd, 5e-5);
    EXPECT_NEAR(s.z, k.z, 6e-3);
    EXPECT_NEAR(s.brier, k.brier, 5e-6);
    EXPECT_NEAR(s.log_loss, k.log_loss, 5e-6);
  }
  EXPECT_THROW(scoring_of(prediction_list("2024-10").probabilities(), of_ticks("1")), Error);
}

/// SciPy 1.17: sd from the bivariate normal distribution function, the band from two million draws.
TEST(Dependence, IsThatOfAGaussianCopula) {
  const struct {
    const char* list;
    double rho, sd, low, high;
  } known[] = {{"2024-05", 0, 1.018528350120899, -1.74, 1.26}, {"2024-05", 0.25, 1.3597893221219015, -1.74, 2.26}, {"2024-05", 0.5, 1.646041495172439, -1.74, 3.26}, {"2024-10", 0, 1.0594810050208545, -1.65, 1.35}, {"2024-10", 0.25, 1.431728403946678, -1.65, 2.35}, {"2024-10", 0.5, 1.7655008241471613, -1.65, 3.35}};
  for (const auto& k : known) {
    const Dependence d = dependence_of(prediction_list(k.list).probabilities(), k.rho);
    EXPECT_NEAR(d.sd, k.sd, 1e-5) << k.list << " " << k.rho;  // SciPy's own error
    EXPECT_NEAR(d.low, k.low, 1e-9) << k.list << " " << k.rho;
    EXPECT_NEAR(d.high, k.high, 1e-9) << k.list << " " << k.rho;
  }
}

TEST(Holm, StopsAtTheFirstThatDoesNotHold) {
  EXPECT_EQ(holm(std::vector{0.01, 0.04, 0.03, 0.005}, 0.05), (std::vector<bool>{true, false, false, true}));  // Holm (1979): 0.005 <= 0.05/4, 0.01 <= 0.05/3, 0.03 > 0.05/2
  EXPECT_EQ(holm(std::vector{0.013, 1.0, 1.0, 1.0}, 0.05), (std::vector<bool>{false, false, false, false}));
}

class BoardTest : public testing::Test {
 protected:
  /// A fight's folder; the example's verdict is LOSES.
  std::filesystem::path held(const std::string& name, const std::function<void(Result&)>& change = {}, bool registers = true) {
    Result result = example_result();
    result.tier.value = 3;
    for (auto& evidence : result.tier.evidence) evidence.holds = true;
    result.interval.bound = 0.95;
    result.interval.level = 0.9;
    result.contestants[0].unpaid = true;  // the example's numbers are invented: what its portfolios come to by their runs is not asked then
    result.verdict.challengers.value = result.verdict.baselines.value + result.verdict.ruling.interval.value;
    if (change) change(result);
    const auto folder = scratch_ / name;
    std::filesystem::create_directories(folder);
    if (registers) {
      Json contestants = Json::array();
      for (const auto& c : result.contestants) contestants.push_back({{"name", c.name}, {"role", name_of(c.role)}});
      const double margin = result.verdict.margin / (result.fight.metric.perfect - result.fight.metric.no_skill);
      Json threats = Json::array();
      for (const auto& t : result.verdict.rulings) threats.push_back({{"name", t.threat}, {"about", t.about}});
      Json registration{{"schema", "fairfight.registration/5"}, {"fairfight", result.fairfight}, {"name", registered_as_.empty() ? name : registered_as_}, {"prediction", result.fight.prediction}, {"question", result.fight.question}};
      registration["metric"] = {{"name", result.fight.metric.name}, {"no_skill", result.fight.metric.no_skill}, {"perfect", result.fight.metric.perfect}};
      registration["card_sha256"] = result.registration.card_sha256;
      Json models = Json::array();
      for (const auto& model : result.models) models.push_back(model.name);
      registration["card"] = {{"fight", result.fight.name}, {"models", models}, {"trials", result.fight.trials}, {"margin", margin}, {"level", result.interval.bound}, {"seeds", result.seeds}, {"dictionary_seeds", result.dictionary_seeds}, {"contestants", chosen_}};
      registration["contestants"] = contestants;
      registration["threats"] = threats;
      const std::string text = dump_json(registration);
      write_atomic(folder / "registration.json", text);
      result.registration.sha256 = sha256(text);
    }
    write_atomic(folder / "result.json", dump_json(result.to_json()));
    return folder;
  }
  static Board board_of(const std::vector<std::filesystem::path>& results, std::vector<Adjudication> adjudications = {}, std::vector<Forecast> forecasts = {}) {
    return Board(read_fights(results), std::move(adjudications), std::move(forecasts));
  }
  Adjudication adjudication(const std::string& text) {
    write_atomic(scratch_ / "adjudication.toml", text);
    return Adjudication::read(scratch_ / "adjudication.toml");
  }
  /// Makes it COMPETITIVE, with a lead of 0 ± half.
  static void keep_up(Result& r, double half = 0.01) {
    r.verdict.ruling.label = Result::Label::competitive;
    r.verdict.ruling.competitive = true;
    r.verdict.ruling.beats = false;
    r.verdict.ruling.interval = {0, -half, half};
    r.verdict.would_settle = 0;
    r.verdict.margin = 0.025;
    r.verdict.sentence = "COMPETITIVE: it keeps up.";
    r.verdict.challengers.value = r.verdict.baselines.value;
    for (auto& c : r.contestants) c.under_tuned.clear();
    agree(r);
  }
  /// The ruling at 10 % is the verdict's.
  static void agree(Result& r) {
    for (auto& one : r.ledger.amortisation)
      if (one.share == Result::kPrimaryShare) one.ruling = r.verdict.ruling;
  }
  static const Board::Row& row(const Board& board, std::string_view id) {
    for (const auto& one : board.rows)
      if (one.id == id) return one;
    fail("no row {}", id);
  }

  const ScratchFolder scratch_;
  std::string registered_as_;
  Json chosen_ = Json::array();  // contestants that the card names; none: all of the roster
};

TEST_F(BoardTest, VerdictsMakeOutcomes) {
  const Board none = board_of({});
  for (const auto& one : none.rows) EXPECT_EQ(one.came, Came::not_yet);
  EXPECT_NEAR(none.ours.low, -1.65, 1e-12);
  EXPECT_NEAR(none.ours.high, 6.35, 1e-12);

  const Board lost = board_of({held("lost")});
  EXPECT_EQ(row(lost, "T3").came, Came::no);
  EXPECT_NEAR(lost.ours.settled, -0.20, 1e-12);
  EXPECT_EQ(row(lost, "T1").came, Came::not_yet);

  const Board kept = board_of({held("kept", [](Result& r) { keep_up(r); })});
  EXPECT_EQ(row(kept, "T3").came, Came::yes);
  EXPECT_NEAR(kept.ours.settled, 0.80, 1e-12);

  const Board open = board_of({held("open", [](Result& r) {
    keep_up(r);
    r.verdict.ruling.label = Result::Label::inconclusive;
    r.verdict.sentence = "INCONCLUSIVE: nobody can say.";
    agree(r);
  })});
  EXPECT_EQ(row(open, "T3").came, Came::open);
  EXPECT_EQ(open.ours.settled, 0);
}

/// What a sample of models says stands before what fixed ones do; equals that contradict each other settle nothing.
TEST_F(BoardTest, SeveralVerdictsOfOnePrediction) {
  const auto lost = held("lost"), kept = held("kept", [](Result& r) { keep_up(r); });
  const Board contradiction = board_of({lost, kept});
  EXPECT_EQ(row(contradiction, "T3").came, Came::open);
  EXPECT_THAT(row(contradiction, "T3").why, HasSubstr("1 of 2 settled verdicts"));
  auto fights = read_fights({lost, kept});
  fights[1].result.verdict.scope = "on models like these";
  const Board wider(fights, {}, {});
  EXPECT_EQ(row(wider, "T3").came, Came::yes);
  EXPECT_EQ(row(wider, "T3").fights.front()->result.verdict.scope, "on models like these");
  EXPECT_EQ(row(wider, "T3").fights.size(), 2u);
  // Who tries until one of four verdicts is settled pays for four.
  auto tries = read_fights({kept, held("again", [](Result& r) { keep_up(r); }), held("and again", [](Result& r) { keep_up(r); }), held("and again and again", [](Result& r) { keep_up(r); })});
  const double once = tries[0].p_competitive();
  for (size_t i = 1; i < 4; ++i) tries[i].result.verdict.ruling.label = Result::Label::inconclusive;
  const Board often(tries, {}, {});
  EXPECT_EQ(row(often, "T3").came, Came::yes);
  EXPECT_NEAR(row(often, "T3").p, 4 * once, 1e-12);
  EXPECT_EQ(row(often, "T3").why, "1 of 4 verdicts are settled");
}

/// A wide margin, a lax level, a chosen field and thin evidence make no prediction come true.
TEST_F(BoardTest, WhatIsLaxerThanTheReadyCardsDoesNotCount) {
  const auto why = [&](const std::string& name, const std::function<void(Result&)>& change) {
    const Board board = board_of({held(name, [&](Result& r) {
      keep_up(r);
      change(r);
    })});
    EXPECT_EQ(row(board, "T3").came, Came::open) << name;
    EXPECT_THAT(board_text(board), HasSubstr("does not count"));
    return board.held[0].set_aside();
  };
  EXPECT_THAT(why("margin", [](Result& r) { r.verdict.margin = 0.05; }), HasSubstr("a margin of 0.050, wider than the 0.025"));
  EXPECT_THAT(why("level", [](Result& r) { r.interval.bound = 0.8, r.interval.level = 0.6; }), HasSubstr("a level of 80.0 %"));
  EXPECT_THAT(why("tier", [](Result& r) { r.tier.value = 2; }), HasSubstr("ends at tier 2"));
  chosen_ = {"rarity", "perplexity"};
  EXPECT_THAT(why("chosen", [](Result&) {}), HasSubstr("leaves contestants out"));
}

/// The t distribution: of a sample of n models with n - 1 degrees of freedom, of fixed ones with as many as their dictionary seeds have; normal without these. Reference: SciPy 1.17, t.sf and norm.sf.
TEST_F(BoardTest, PValuesAreReadOffTheInterval) {
  HeldFight fight = read_fights({held("kept", [](Result& r) { keep_up(r, 0.0125); })})[0];
  ASSERT_EQ(example_result().models.size(), 3u);
  EXPECT_NEAR(fight.p_competitive(), 0.00405540, 1e-7);  // twice 1.9432 standard errors
  const auto seeds = std::exchange(fight.result.dictionary_seeds, {0});
  EXPECT_NEAR(fight.p_competitive(), 0.00050146, 1e-7);  // twice 1.6449 of them
  fight.result.dictionary_seeds = seeds;
  fight.result.verdict.scope = "on models like these";
  EXPECT_NEAR(fight.p_competitive(), 0.01404568, 1e-7);  // twice 2.9200 of them
  fight.result.contestants.back().role = Result::Role::baseline;
  fight.result.contestants.back().under_tuned = "one trial";
  EXPECT_NEAR(fight.p_competitive(), 0.05, 1e-12);  // somebody might have gained more than the interval tells
  fight.result.verdict.ruling.interval = {0, 0, 0};
  EXPECT_NEAR(fight.p_competitive(), 0.05, 1e-12);
}

TEST_F(BoardTest, HolmCountsAllEight) {
  const Board sure = board_of({held("sure", [](Result& r) { keep_up(r, 0.001); })});
  EXPECT_TRUE(row(sure, "T3").holds_among_all);
  const Board unsure = board_of({held("unsure", [](Result& r) { keep_up(r, 0.0249); })});
  EXPECT_EQ(row(unsure, "T3").came, Came::yes);
  EXPECT_FALSE(row(unsure, "T3").holds_among_all);  // p is 0.05, and 1 in 160 is asked
  EXPECT_THAT(unsure.headline(), HasSubstr("1 came true"));
  EXPECT_THAT(unsure.headline(), HasSubstr("0 of those that came true hold"));
}

TEST_F(BoardTest, AHandIsShownAsOne) {
  const auto ours = adjudication("list = \"2024-10\"\nof = \"fairfight\"\nby = \"A. Reader\"\ndate = \"2026-11-30\"\n[[outcome]]\nprediction = \"T3\"\ncame = true\nreason = \"the <margin> was silly\"\n");
  const Board board = board_of({held("lost")}, {ours});
  EXPECT_EQ(row(board, "T3").came, Came::yes);
  EXPECT_THAT(row(board, "T3").why, HasSubstr("by hand, A. Reader, 2026-11-30: the <margin> was silly (fights: did not)"));
  EXPECT_FALSE(row(board, "T3").holds_among_all);
  const std::string page = board_html(board, scratch_.path());
  EXPECT_THAT(page, HasSubstr("by hand, A. Reader"));
  EXPECT_THAT(page, HasSubstr("the &lt;margin&gt; was silly"));
  EXPECT_THAT(board_text(board), HasSubstr("A. Reader"));
  EXPECT_THAT(error_of([&] { board_of({}, {ours, ours}); }), HasSubstr("T3 is adjudicated twice"));
}

TEST_F(BoardTest, AnAdjudicationIsWhole) {
  const std::string head = "list = \"2024-10\"\nof = \"fairfight\"\nby = \"A\"\ndate = \"2026-11\"\n", outcome = "[[outcome]]\nprediction = \"T3\"\ncame = true\nreason = \"r\"\n";
  EXPECT_NO_THROW(adjudication(head + outcome));
  const auto refused = [&](const std::string& text, const char* says) { EXPECT_THAT(error_of([&] { adjudication(text); }), HasSubstr(says)); };
  refused(head + outcome + outcome, "T3 stands twice");
  refused(head + "[[outcome]]\nprediction = \"T9\"\ncame = true\nreason = \"r\"\n", "unknown prediction: got \"T9\", expected one of T1, T2");
  refused(head + "[[outcome]]\nprediction = \"T3\"\ncame = true\nreason = \"\"\n", "gives its reason");
  refused("list = \"2024-10\"\nof = \"fairfight\"\nby = \"\"\ndate = \"2026-11\"\n" + outcome, "signed");
  refused("list = \"2024-10\"\nof = \"fairfight\"\nby = \"A\"\ndate = \"soon\"\n" + outcome, "expected one like 2025-03");
  refused("list = \"2024-10\"\nof = \"fairfight\"\nby = \"A\"\ndate = \"2025-13\"\n" + outcome, "expected one like 2025-03");
  refused("list = \"2023\"\nof = \"fairfight\"\nby = \"A\"\ndate = \"2026-11\"\n" + outcome, "unknown list of predictions");
  refused("list = \"2024-10\"\nof = \"a paper\"\nby = \"A\"\ndate = \"2026-11\"\n" + outcome, "T1 is left out");
}

/// The two scorings of the paper of 2025, and that of 2024, come with the program.
TEST_F(BoardTest, WhatIsShippedScoresAsItWasPublished) {
  const Board board = board_of({}, shipped_adjudications());
  std::vector<double> scores;
  for (const auto& one : board.scored) scores.push_back(one.scoring.score);
  EXPECT_THAT(scores, testing::Pointwise(testing::DoubleNear(1e-12), {-0.74, 1.35, -0.65, -1.65, 6.35}));
  const std::string page = board_html(board, scratch_.path());
  for (const char* score : {"−0.74", "+1.35", "−0.65", "−1.65", "+6.35"}) EXPECT_THAT(page, HasSubstr(score));
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
}

TEST_F(BoardTest, AResultBelongsToItsRegistration) {
  const auto folder = held("one");
  EXPECT_EQ(read_fights({folder, folder / "result.json"}).size(), 1u);  // the same twice
  const std::string registration = read_file(folder / "registration.json");
  write_atomic(folder / "registration.json", registration + " ");
  EXPECT_THAT(error_of([&] { read_fights({folder}); }), HasSubstr("it quotes the registration"));
  std::filesystem::remove(folder / "registration.json");
  EXPECT_THAT(error_of([&] { read_fights({folder}); }), HasSubstr("registration.json"));
  write_atomic(folder / "registration.json", registration);
  Json result = read_json(folder / "result.json");
  result["fairfight"] = "0.0.1";
  write_atomic(folder / "result.json", dump_json(result));
  EXPECT_THAT(error_of([&] { read_fights({folder}); }), HasSubstr("the version of fairfight is not what its registration says"));
}

TEST_F(BoardTest, WhatAResultIsAboutWasRegistered) {
  const auto refused = [&](const std::string& name, const std::function<void(Result&)>& change, const char* says) { EXPECT_THAT(error_of([&] { read_fights({held(name, change)}); }), HasSubstr(says)) << name; };
  refused("scope", [](Result& r) { r.verdict.scope = "on models like these"; }, "of fewer models than a sample has");
  const auto folder = held("one");
  Json result = read_json(folder / "result.json");
  result["fight"]["prediction"] = "T1";
  write_atomic(folder / "result.json", dump_json(result));
  EXPECT_THAT(error_of([&] { read_fights({folder}); }), HasSubstr("the prediction is not what its registration says"));
}

/// A verdict is what its runs come to.
TEST_F(BoardTest, AVerdictFollowsFromItsRuns) {
  const auto error = [&](const std::string& name, const std::function<void(Result&)>& change) { return error_of([&] { read_fights({held(name, change)}); }); };
  EXPECT_THAT(error("difference", [](Result& r) { r.verdict.challengers.value += 0.125; }), HasSubstr("the difference is"));
  EXPECT_THAT(error("portfolio", [](Result& r) {
                r.contestants[0].unpaid = false;
                r.verdict.baselines.value += 0.25;
                r.verdict.challengers.value += 0.25;
              }),
              HasSubstr("portfolio is"));
  // Each side alone, with what its contestant came to.
  EXPECT_EQ(error("sums", [](Result& r) {
              r.contestants[0].unpaid = false;
              const auto best = [&](Result::Role role, int64_t seed, int64_t dictionary_seed) {
                const Result::Run* best = nullptr;
                for (const auto& c : r.contestants)
                  for (const auto& run : c.runs)
                    if (c.role == role && run.seed == seed && (run.dictionary_seed < 0 || run.dictionary_seed == dictionary_seed) && (!best || run.validation > best->validation)) best = &run;
                return best->mean;
              };
              double challengers = 0, baselines = 0;
              for (const auto seed : r.seeds)
                for (const auto dictionary_seed : r.dictionary_seeds) challengers += best(Result::Role::challenger, seed, dictionary_seed), baselines += best(Result::Role::baseline, seed, dictionary_seed);
              const double runs = double(r.seeds.size() * r.dictionary_seeds.size());
              r.verdict.challengers.value = challengers / runs;
              r.verdict.baselines.value = baselines / runs;
              const double lead = r.verdict.challengers.value - r.verdict.baselines.value;
              r.verdict.ruling.interval = {lead, std::min(lead, -0.03) - 0.01, std::min(lead, -0.03) + 0.001};
              agree(r);
            }),
            "");
}

TEST_F(BoardTest, OneRegistrationHasOneResult) {
  registered_as_ = "same";
  const auto first = held("first"), slower = held("slower", [](Result& r) { r.timing.seconds *= 2; }), other = held("other", [](Result& r) { r.contestants[0].runs[0].validation -= 0.125; });
  EXPECT_EQ(read_fights({first, slower}).size(), 1u);
  EXPECT_THAT(error_of([&] { read_fights({first, other}); }), HasSubstr("have one registration"));
}

TEST_F(BoardTest, AnUnknownPredictionIsRefused) {
  EXPECT_THAT(error_of([&] { read_fights({held("odd", [](Result& r) { r.fight.prediction = "T9"; })}); }), HasSubstr("unknown prediction: got \"T9\", expected one of T1, T2, T3, T4, T5, T6, T7, T8, S1"));
  EXPECT_NO_THROW(read_fights({held("system", [](Result& r) { r.fight.prediction = "S3"; })}));
  const Board board = board_of({scratch_ / "system"});
  EXPECT_EQ(board.systems[2].came, Came::no);
}

TEST_F(BoardTest, TheMarketAsksForMore) {
  const auto kept = [&](const Result& r) {
    std::string holds;
    for (const auto& rule : market_rules(r)) holds += rule.holds ? '1' : '0';
    return holds;
  };
  Result r = example_result();
  const std::string lost = kept(r);
  EXPECT_EQ(lost[4], '0');
  r.verdict.ruling.label = Result::Label::beats;
  r.verdict.ruling.interval = {0.1, 0.05, 0.15};
  r.verdict.scope = "on models like these";
  r.necessity.passed = true;
  for (auto& c : r.contestants) c.under_tuned.clear(), c.unpaid = false, c.calibration = Result::Calibration{1, 1, 0};
  r.fight.prediction = "T3";
  EXPECT_EQ(kept(r), "1111111");
  r.verdict.scope = "on these 3 models";
  EXPECT_EQ(kept(r), "1111110");
  r.necessity.passed = false;
  for (auto& c : r.contestants)
    if (c.role == Result::Role::baseline) c.under_tuned = "one trial";
  EXPECT_EQ(kept(r), "1110100");
}

TEST_F(BoardTest, AForecastIsOlderThanItsFight) {
  Forecast forecast{"A. Reader", "2020-01-01T00:00:00Z", {{"cards/anomaly.toml", example_result().registration.card_sha256, 0.25}, {"cards/other.toml", std::string(64, 'a'), 1e-3}}};
  write_atomic(scratch_ / "forecast.toml", forecast.toml());
  const Forecast read = Forecast::read(scratch_ / "forecast.toml");
  EXPECT_EQ(read.seal(), forecast.seal());
  const Board board = board_of({held("lost")}, {}, {read});
  ASSERT_EQ(board.guessed.size(), 2u);
  EXPECT_EQ(board.guessed[0].came, std::optional(false));
  EXPECT_FALSE(board.guessed[1].fight);
  EXPECT_THAT(board_html(board, scratch_.path()), HasSubstr("A. Reader: 1 settled, Brier score 0.062"));  // 0.25²
  EXPECT_THAT(board_text(board), HasSubstr("it did not"));

  std::string text = forecast.toml();
  text.replace(text.find("0.25"), 4, "0.75");
  write_atomic(scratch_ / "forecast.toml", text);
  EXPECT_THAT(error_of([&] { Forecast::read(scratch_ / "forecast.toml"); }), HasSubstr("it was changed after it was sealed"));
  forecast.at = "2999-01-01T00:00:00Z";
  EXPECT_THAT(error_of([&] { board_of({scratch_ / "lost"}, {}, {forecast}); }), HasSubstr("that is no forecast"));
  EXPECT_THAT(error_of([&] { board_of({}, {}, {read, read}); }), HasSubstr("A. Reader forecast cards/anomaly.toml twice"));
  for (const char* at : {"0000-99-99T00:00:00Z", "2026-01-01T24:00:00Z", "soon"}) EXPECT_FALSE(is_time(at)) << at;
  forecast.by = " ";
  EXPECT_THROW(Forecast::parse(forecast.toml(), "it"), Error);
}

}  // namespace
}  // namespace fairfight
