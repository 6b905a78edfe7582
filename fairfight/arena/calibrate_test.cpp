#include "fairfight/arena/calibrate.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

double rate(const JudgeCalibration& calibration, const std::string& quantity) {
  const auto at = std::find_if(calibration.lines.begin(), calibration.lines.end(), [&](const auto& l) { return l.quantity == quantity; });
  if (at == calibration.lines.end()) fail("[test] no line {}", quantity);
  return at->measured;
}

CalibrationPlan plan_of(std::vector<SimulatedFight> kinds, std::vector<size_t> worlds, size_t fights = 200) {
  CalibrationPlan plan;
  plan.fights = fights;
  plan.kinds = std::move(kinds);
  plan.worlds.clear();
  for (size_t w : worlds) plan.worlds.push_back(CalibrationPlan::default_worlds()[w]);
  return plan;
}

TEST(Judge, IsWrongNoMoreOftenThanItSays) {
  const auto calibration = calibrate_judge(plan_of({{6, 15, 3}, {6, 15, 8}}, {0, 2}));
  for (const auto& l : calibration.lines) EXPECT_TRUE(l.passed()) << l.world << ", " << l.fight << ", " << l.quantity << ": measured " << l.measured << ", expected " << l.expected;
  EXPECT_TRUE(calibration.passed());
}

TEST(Judge, IsNoTrickOfNeverSayingAnything) {
  const auto eight = calibrate_judge(plan_of({{10, 10, 8}}, {0}));
  EXPECT_GT(rate(eight, "equal: BEATS"), 0.01);
  EXPECT_GT(rate(eight, "power: COMPETITIVE where equal"), 0.7);
  EXPECT_GT(rate(eight, "power: LOSES where behind by twice the margin"), 0.7);
}

/// What no number of organisms covers: a side that fails where validation does not see it.
TEST(Judge, ItsLimitIsTold) {
  const auto limit = calibrate_judge(plan_of({{6, 15, 3}}, {8}, 100));
  for (const auto& l : limit.lines) EXPECT_EQ(l.demand, JudgeCalibration::Demand::none);
}

TEST(Judge, CalibrationFollowsFromThePlanAlone) {
  CalibrationPlan plan = plan_of({{2, 3, 3}}, {0}, 100);
  plan.items = 30;
  plan.resamples = 40;
  const auto rates = [&](int threads) {
    omp_set_num_threads(threads);
    std::vector<double> measured;
    for (const auto& l : calibrate_judge(plan).lines) measured.push_back(l.measured);
    return measured;
  };
  const int before = omp_get_max_threads();
  const auto one = rates(1), three = rates(3);
  omp_set_num_threads(before);
  EXPECT_EQ(one, three);
  plan.seed = 1;
  EXPECT_NE(rates(before), one);
}

TEST(Judge, RefusesTooFewFights) {
  CalibrationPlan plan;
  plan.fights = 20;
  EXPECT_THROW(calibrate_judge(plan), Error);
}

}  // namespace
}  // namespace fairfight
