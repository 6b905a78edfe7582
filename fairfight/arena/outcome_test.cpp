#include "fairfight/arena/outcome.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

std::vector<Trial> trials(std::vector<std::pair<double, double>> validation_and_flops) {
  std::vector<Trial> list;
  for (const auto& [v, f] : validation_and_flops) list.push_back({Settings(Json::object()), {v}, int64_t(f)});
  return list;
}

TEST(BestTrial, IsTheFirstOfTheBest) {
  EXPECT_EQ(best_trial(trials({{0.6, 1}, {0.8, 2}, {0.7, 3}, {0.8, 4}}), 0, 0), 1u);
  EXPECT_EQ(best_trial({}, 0, 0), std::nullopt);
}

TEST(BestTrial, PassesOverWhatDidTooMuchBesides) {
  auto list = trials({{0.6, 1}, {0.8, 2}, {0.7, 3}});
  list[1].validation.allowed = false;
  EXPECT_EQ(best_trial(list, 0, 0), 2u);
  for (auto& t : list) t.validation.allowed = false;
  EXPECT_EQ(best_trial(list, 0, 0), std::nullopt);
}

TEST(BestTrial, CountsOnlyWhatTheBudgetPaysFor) {
  const auto list = trials({{0.6, 1}, {0.8, 2}, {0.9, 3}});
  EXPECT_EQ(best_trial(list, 3, 0), 2u);
  EXPECT_EQ(best_trial(list, 3, 0.5), 1u);   // the dictionary's share leaves two trials
  EXPECT_EQ(best_trial(list, 3, 1.5), 0u);   // one
  EXPECT_EQ(best_trial(list, 3, 2.5), std::nullopt);
}

TEST(Outcome, FindsAnEntryByContestantAndBasis) {
  RoundOutcome outcome;
  outcome.entries.push_back({0, "topk", std::vector<fairfight::Run>(3)});
  outcome.entries.push_back({0, "pca", std::vector<fairfight::Run>(1)});
  EXPECT_EQ(outcome.entry(0, "pca").runs.size(), 1u);
  EXPECT_THROW(outcome.entry(1, "pca"), Error);
}

}  // namespace
}  // namespace fairfight
