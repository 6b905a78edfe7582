#include "fairfight/report/statement.h"

#include <gtest/gtest.h>

#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

TEST(Statement, IsTheOneOfTheExample) {
  const Result result = example_result();
  EXPECT_EQ(plain_statement(result), result.leader);
}

/// A result of one challenger (0.8) and one baseline, whose difference is `mean`.
Result duel(const Estimate& mean) {
  Result result;
  result.fight.metric = {"auroc", "AUROC", 0.5, 1};
  result.contestants.resize(2);
  result.contestants[0].name = result.contestants[0].title = "sae";
  result.contestants[0].challenger = true;
  result.contestants[0].score.mean.value = 0.8;
  result.contestants[1].name = result.contestants[1].title = "pca";
  result.contestants[1].score.mean.value = 0.8 - mean.value;
  result.differences = {{"sae", "pca", {mean, {}}}};
  return result;
}

TEST(Statement, AnIntervalThatHoldsZeroSettlesNothing) {
  EXPECT_EQ(plain_statement(duel({0.02, -0.01, 0.05})).sentence,
            "sae has the best mean AUROC, 0.800, but its lead of 0.020 over the best baseline, pca, is not settled "
            "(95 % interval −0.010 to +0.050).");
}

TEST(Statement, TurnsTheDifferenceForABaselineThatLeads) {
  EXPECT_EQ(plain_statement(duel({-0.1, -0.15, -0.04})).sentence,
            "pca has the best mean AUROC, 0.900: 0.100 ahead of the best challenger, sae (95 % interval +0.040 to +0.150).");
}

TEST(Statement, LowerCanBeBetter) {
  Result result = duel({-0.1, -0.15, -0.04});
  result.fight.metric = {"loss", "loss", 1, 0};
  EXPECT_EQ(plain_statement(result).sentence,
            "sae has the best mean loss, 0.800: 0.100 ahead of the best baseline, pca (95 % interval +0.040 to +0.150).");
}

TEST(Statement, WithoutARival) {
  Result result = duel({0, 0, 0});
  result.contestants.pop_back();
  EXPECT_EQ(plain_statement(result).sentence, "sae has the best mean AUROC, 0.800.");
}

}  // namespace
}  // namespace fairfight
