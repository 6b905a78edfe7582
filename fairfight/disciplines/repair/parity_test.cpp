#include "fairfight/disciplines/repair/parity.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/json.h"
#include "fairfight/base/testing.h"
#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

const Json& golden() { return repair_references(); }

const Contestant<Repair>& repair_called(std::string_view name) {
  for (const auto& contestant : repairs())
    if (contestant->name() == name) return *contestant;
  fail("no repair {}", name);
}

/// On one thread, as trials are run.
template <class Result>
Result alone(const std::function<Result()>& work) {
  Result result;
  side_by_side(1, [&](size_t) { result = work(); });
  return result;
}

TEST(RepairReference, TheUntouchedModelIsThatOfTransformers) {
  const RepairOutcome outcome = repair_outcome({});
  EXPECT_NEAR(outcome.rate, golden().at("untouched").at("rate").get<double>(), 1e-5);
  EXPECT_NEAR(outcome.cross_entropy, golden().at("untouched").at("cross_entropy").get<double>(), 1e-5);
}

/// The same minibatches, so every step's loss must be the same; rounding makes trainings part slowly.
TEST(RepairReference, TrainingsAreThoseOfPyTorchStepByStep) {
  const ParityTask& task = parity_task();
  const at::Tensor no_pool;
  const Ground ground{task.model, {View{Site::parse("blocks.2.hook_resid_post"), no_pool, {}, nullptr, 0, 0}}, "none", 0};
  size_t compared = 0;
  for (const auto& contestant : repairs()) {
    const Json all = golden().at("repairs");
    const auto found = all.find(std::string(contestant->name()));
    if (found == all.end() || !found->contains("losses")) continue;
    ++compared;
    const auto* method = dynamic_cast<const FineTuned*>(contestant.get());
    ASSERT_NE(method, nullptr);
    FineTuned::Trained trained;
    side_by_side(1, [&](size_t) {
      Memo model_memo, shared;
      Corner<Repair> corner(ground, std::string(contestant->name()), contestant->role(), model_memo, shared, &task.examples, nullptr);
      trained = method->train(corner, Settings(found->at("settings")), Precision::float32);
    });
    const auto& [patch, log] = trained;
    const auto losses = found->at("losses").get<std::vector<double>>();
    ASSERT_EQ(log.losses.size(), losses.size());
    for (size_t i = 0; i < losses.size(); ++i)
      EXPECT_LT(noted("losses of trainings, a share, PyTorch and peft", std::abs(log.losses[i] - losses[i]) / (std::abs(losses[i]) + 5e-3)), 0.02) << contestant->name() << " at step " << i;
    const RepairOutcome outcome = repair_outcome(patch);
    EXPECT_NEAR(outcome.rate, found->at("rate").get<double>(), 0.1 * found->at("rate").get<double>() + 1e-5)
        << contestant->name();
    EXPECT_NEAR(outcome.cross_entropy, found->at("cross_entropy").get<double>(), 1e-3) << contestant->name();
  }
  EXPECT_EQ(compared, 12u);
}

TEST(RepairReference, EditsAreThoseOfTheFormulas) {
  size_t compared = 0;
  for (const auto& [name, reference] : golden().at("repairs").items()) {
    if (reference.contains("losses") || reference.at("settings").contains("steps")) continue;
    ++compared;
    const Settings settings(reference.at("settings"));
    const RepairOutcome outcome = repair_outcome(*repaired_task(repair_called(name), settings));
    for (const auto& [what, got] : {std::pair("rate", outcome.rate), {"cross_entropy", outcome.cross_entropy}})
      EXPECT_LT(noted("edits' rate and cross-entropy, their formulas in PyTorch", std::abs(got - reference.at(what).get<double>())), 1e-4) << name << " " << what;
  }
  EXPECT_EQ(compared, 8u);
}

TEST(RepairReference, AsGoodAsItsReferenceHolds) {
  for (const char* name : {"refusal_tuning", "probe_gate", "task_vector", "undo"}) {
    const auto calibration = alone<std::optional<Calibration>>([&] { return calibrate_repair(repair_called(name)); });
    ASSERT_TRUE(calibration) << name;
    EXPECT_TRUE(calibration->holds()) << name << ": " << calibration->reached << " < " << calibration->reference;
    EXPECT_GT(calibration->reference, std::string_view(name) == "task_vector" ? 0.6 : 0.85) << name;
  }
  for (const char* name : {"zero_clamp", "untouched"}) EXPECT_FALSE(calibrate_repair(repair_called(name))) << name;
}

/// A baseline that stops after its first step, whatever it is reported.
class OneStep final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return whole_.name(); }
  std::string_view title() const override { return whole_.title(); }
  std::string_view about() const override { return whole_.about(); }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return whole_.space(); }
  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    Json fewer = settings.json();
    fewer["steps"] = 1;
    return whole_.prepare(corner, Settings(fewer));
  }

 private:
  const Contestant<Repair>& whole_ = repair_called("refusal_tuning");
};

TEST(RepairReference, AStarvedBaselineIsMarked) {
  const auto calibration = alone<std::optional<Calibration>>([] { return calibrate_repair(OneStep()); });
  ASSERT_TRUE(calibration);
  EXPECT_FALSE(calibration->holds());
}

}  // namespace
}  // namespace fairfight
