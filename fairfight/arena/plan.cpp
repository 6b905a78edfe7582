#include "fairfight/arena/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Seconds that no model sets, of two cores: drawing a model's text, a basis that is no training, the judge, a baseline's reference task.
constexpr double kDraw = 2, kSmallBasis = 0.5, kJudge = 6, kReferenceTask = 0.2, kReferenceTraining = 2;
/// Seconds of a detector's ten trials where the pool and validation are kTownNumbers floats: what it fits and scores besides the passes.
constexpr double kOther = 0.5, kChallenger = 0.03, kTest = 0.04, kTownNumbers = 26e6;
constexpr double kOfControls = 0.5;                            // what encoding with a control basis takes beside a dictionary: PCA axes and neurons are cheap, and one does
constexpr double kTrainedDocuments = 16;                       // of a step of a repair by gradient
constexpr double kFits = 120e6;  // bytes of detectors at work, by what a fight in a town takes; their banks are of a fixed size
constexpr double kTile = 32e6, kAdam = 3;                      // bytes of a read-out a core; a weight and its two moments

}  // namespace

double Plan::seconds() const {
  return std::accumulate(stages.begin(), stages.end(), 0.0, [](double s, const Progress::Stage& stage) { return s + stage.expected_seconds; });
}
double Plan::sum(const std::vector<Part>& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0, [](double s, const Part& part) { return s + part.bytes; });
}

double machine_speed(Precision precision) {
  const auto measured = [](Precision kind) {
    constexpr int64_t kRows = 512, kWidth = 1024;
    const at::NoGradGuard no_grad;
    const auto x = at::ones({kRows, kWidth}, at::kFloat), w = at::ones({kWidth, kWidth}, at::kFloat);
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
      const auto start = std::chrono::steady_clock::now();
      linear(x, w, {}, kind);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return 2.0 * kRows * kWidth * kWidth / best;
  };
  static const double float32 = measured(Precision::float32), training = measured(training_precision());
  constexpr double kShare = 0.5;  // the rest of a pass is no product, and its products are smaller
  return kShare * (precision == Precision::float32 ? float32 : training);
}

Plan::Part passes_memory(const Config& config, double tokens) {
  return {"passes and their read-outs", double(memory_of(config, Precision::float32).a_token) * tokens + double(engine_threads()) * kTile};
}

Plan plan_of(const Card& card, std::string_view discipline, const Workload& work, size_t bases, Sides sides) {
  constexpr double kAtOnce = 64;  // documents of a pass
  const bool all = card.controls == Card::Controls::all, controls = card.controls != Card::Controls::none, patches = discipline == "patch";
  const double sites = double(card.sites.size()), seeds = double(card.dictionary_seeds.size()), control_seeds = controls ? (all ? seeds : 1) : 0, trials = double(card.trials);
  const double met = controls ? double(all ? sides.challengers : 1) * double(bases - 1) * control_seeds : 0;  // runs with a control basis
  const double own = double(sides.challengers) * seeds, others = double(sides.others);
  const auto& documents = work.documents;
  const double pool_tokens = documents.pool * work.tokens, validation_tokens = documents.validation * work.tokens, test_tokens = documents.test * work.tokens;
  const double speed = machine_speed(), training_speed = machine_speed(training_precision());
  Plan plan;
  double pool = 0, learning = 0, measuring = 0, tuning = 0, controlled = 0, test = 0;
  for (const Config& config : work.models) {
    double before = 0, beyond = 0;  // what it takes to each of the sites; and from the first of them on, where patches may begin
    const double whole = forward_flops(config, 1), d = double(config.d_model);
    for (const Site& site : card.sites) {
      before += forward_flops(config, 1, site);
      beyond = std::max(beyond, whole - forward_flops(config, 1, site));
    }
    const double dictionary = sites * learning_flops(card.dictionary, config.d_model, std::max<int64_t>(1, int64_t(pool_tokens)));
    const double spliced = std::min(documents.pool, 256.0) * work.tokens;
    const double unembedding = 2.0 * double(config.vocab) * d;
    const double numbers = (pool_tokens + validation_tokens) * d / kTownNumbers * trials / 10;
    const auto passes = [&](double tokens, double flops_a_token) {
      plan.forward_tokens += tokens;
      plan.flops += tokens * flops_a_token;
      return tokens * flops_a_token / speed;
    };
    pool += passes(pool_tokens * (controls ? 2 : 1), before);
    learning += (seeds + (controls ? control_seeds : 0)) * dictionary / speed + kSmallBasis * sites * double(bases);
    plan.flops += (seeds + control_seeds) * dictionary;
    measuring += passes(spliced * seeds, sites * (whole + unembedding) + 2 * (sites * whole - before));
    if (patches) {
      const double trained = 3 * sides.steps * kTrainedDocuments * work.tokens;
      tuning += passes(trials * trained, whole) * speed / training_speed + passes(trials * others * validation_tokens, whole) + passes(trials * own * validation_tokens, beyond);
      controlled += passes(trials * met * validation_tokens, beyond);
      test += passes((others + own + met) * test_tokens, whole);
    } else {  // the passes are everyone's
      const double coding = 2 * sites * d * double(card.dictionary.width) / speed, by_controls = kOfControls * double(bases - 1) * control_seeds;
      tuning += passes(validation_tokens, whole + before) + kOther * others * numbers + (own * kChallenger) * numbers + seeds * (pool_tokens + validation_tokens) * coding;
      controlled += kChallenger * met * numbers + by_controls * (pool_tokens + validation_tokens) * coding;
      test += passes(test_tokens, whole + before) + (seeds + by_controls) * test_tokens * coding + kTest * (others + own + met) * numbers * test_tokens / std::max(1.0, validation_tokens);
    }
  }
  const double models = double(work.models.size());
  plan.stages = {{"drawing and registering the data", kDraw * models},
                 {"activations of the clean pool", pool},
                 {"learning dictionaries and control bases", learning},
                 {"measuring the dictionaries", measuring},
                 {"tuning", tuning},
                 {"tuning with the control bases", controlled},
                 {"the sealed test", test},
                 {"calibrating the baselines", (patches ? kReferenceTraining : kReferenceTask) * others},
                 {"judging", kJudge}};
  if (work.studies > 0) plan.stages.push_back({"studies", work.studies});
  if (work.models.empty()) return plan;  // none is a transformer, of which alone the sizes are known beforehand

  const Config& largest = *std::max_element(work.models.begin(), work.models.end(), [](const Config& a, const Config& b) { return a.matmul_parameters() < b.matmul_parameters(); });
  const double d = double(largest.d_model), weights = double(memory_of(largest, card.weights).weights), row = 4 * d;
  const double atoms = 4 * 2 * double(card.dictionary.width) * d, learned = sites * (seeds + control_seeds * double(bases - 1)) * atoms * models;
  plan.memory = {{fmt::format("weights of {} model{}", work.models.size(), work.models.size() == 1 ? "" : "s"), weights * models},
                 {"rows of the pool", sites * models * pool_tokens * row * (controls ? 2 : 1)},
                 {"activations of validation and test, which everyone shares", sites * models * (validation_tokens + test_tokens) * row},
                 {"dictionaries and control bases", learned},
                 passes_memory(largest, double(engine_threads()) * kAtOnce * work.tokens)};
  if (!patches) {
    // A challenger's rows of validation, what its dictionary makes of them and their codes, by dictionary; and the rows that the others have in hand.
    constexpr double kCode = 12;  // bytes of a value and its index
    const double coded = sites * seeds * models * validation_tokens * (2 * row + kCode * double(card.dictionary.k));
    plan.memory.push_back({"what baselines fit (banks, kernels, trees) and their reference tasks", kFits});
    plan.memory.push_back({"rows and their codes, as challengers and baselines look at them", coded + 2 * double(engine_threads()) * validation_tokens * row});
  }
  if (patches && sides.trained > 0)  // what each chose so far, until the test
    plan.memory.push_back({"weights that contestants have changed", double(sides.trained) * models * 4 * double(memory_of(largest, Precision::float32).parameters)});
  // One after the other: the harvest of the random-weight control, or the optimisers of the dictionaries that are learned side by side.
  const double harvest = (controls ? weights : 0) + pool_tokens * row, optimisers = std::min(double(engine_threads()), (seeds + control_seeds) * models) * (1 + kAdam) * atoms;
  const double training = patches ? double(engine_threads()) * (2 + kAdam) * 4 * double(largest.matmul_parameters()) : 0;
  plan.memory.push_back({"the harvest, the learning of dictionaries or of repairs, whichever takes most", std::max({harvest, optimisers, training})});
  plan.disk = {{"dictionaries", learned}, {"the sealed test and the reports", test_tokens * 8 * models + 1e6}};
  if (patches) plan.disk.push_back({"patches of the two champions", 2 * models * 2 * double(memory_of(largest, Precision::float32).parameters)});
  return plan;
}

}  // namespace fairfight
