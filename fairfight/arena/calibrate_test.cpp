#include "fairfight/arena/calibrate.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

const JudgeCalibration::Line& line(const JudgeCalibration& calibration, const std::string& quantity) {
  const auto at = std::find_if(calibration.lines.begin(), calibration.lines.end(), [&](const auto& l) { return l.quantity == quantity; });
  if (at == calibration.lines.end()) fail("[test] no line {}", quantity);
  return *at;
}

TEST(Power, IsThatOfATTestWhereOrganismsDiffer) {
  // From reference/statistics.py: the noncentral t distribution.
  EXPECT_NEAR(theoretical_power(1, {1.3 * 1.3, 0, 0}, 3, 3, 0.95), 0.23591682922931503, 1e-4);
  EXPECT_NEAR(theoretical_power(0, {1, 0, 0}, 3, 3, 0.95), 0.05, 1e-4);
}

TEST(Power, TheSecondBoundOnlyCosts) {
  EXPECT_LT(theoretical_power(0, {1, 1, 0}, 3, 3, 0.95), 0.03);
  EXPECT_GT(theoretical_power(3 / std::sqrt(3.), {1, 1, 0}, 3, 3, 0.95), 0.59);  // the t test alone: 0.617
}

TEST(Judge, IsCalibratedWhereOrganismsDifferMost) {
  CalibrationPlan plan;
  plan.worlds = {plan.worlds[2]};
  const auto calibration = calibrate_judge(plan);
  for (const auto& l : calibration.lines)
    EXPECT_TRUE(l.passed()) << l.quantity << ": measured " << l.measured << ", expected " << l.expected << ", slack " << l.slack;
  EXPECT_LE(line(calibration, "equals: BEATS").measured, 0.05 + plan.slack(0.05));
  EXPECT_GE(line(calibration, "equals: BEATS").measured, 0.02);  // it is no trick of never saying it
  // The instrument can tell a bad judge: the percentile bootstrap fails the same demand.
  EXPECT_GT(line(calibration, "equals: by percentiles").measured, 0.05 + 2 * plan.slack(0.05));
}

TEST(Judge, FindsPlantedEffectsWhereOrganismsAreAlike) {
  CalibrationPlan plan;
  plan.fights = 300;
  plan.worlds = {plan.worlds[0]};
  const auto calibration = calibrate_judge(plan);
  for (const auto& l : calibration.lines)
    EXPECT_TRUE(l.passed()) << l.quantity << ": measured " << l.measured << ", expected " << l.expected << ", slack " << l.slack;
  EXPECT_GT(line(calibration, "better by 0.1: BEATS").measured, 0.9);
}

TEST(Judge, CalibrationFollowsFromThePlanAlone) {
  CalibrationPlan plan;
  plan.fights = 100;
  plan.items = 30;
  plan.resamples = 40;
  plan.worlds = {plan.worlds[1]};
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

TEST(Judge, ALineFailsWhatItDemands) {
  using Demand = JudgeCalibration::Demand;
  const auto passes = [](double measured, Demand demand) { return JudgeCalibration::Line{"", "", measured, 0, 0.5, demand, 0.1}.passed(); };
  EXPECT_TRUE(passes(0.59, Demand::at_most));
  EXPECT_FALSE(passes(0.61, Demand::at_most));
  EXPECT_TRUE(passes(0.41, Demand::at_least));
  EXPECT_FALSE(passes(0.39, Demand::at_least));
  EXPECT_FALSE(passes(0.61, Demand::near));
  EXPECT_FALSE(passes(0.39, Demand::near));
  EXPECT_TRUE(passes(0.45, Demand::near));
  EXPECT_TRUE(passes(0.9, Demand::none));
  JudgeCalibration calibration;
  calibration.lines = {{"", "", 0.9, 0, 0.5, Demand::none, 0}};
  EXPECT_TRUE(calibration.passed());
  calibration.lines.push_back({"", "", 0.9, 0, 0.5, Demand::at_most, 0.1});
  EXPECT_FALSE(calibration.passed());
}

TEST(Judge, RefusesTooFewFights) {
  CalibrationPlan plan;
  plan.fights = 20;
  EXPECT_THROW(calibrate_judge(plan), Error);
}

}  // namespace
}  // namespace fairfight
