#include "fairfight/arena/portfolio.h"

#include <gtest/gtest.h>

#include <numeric>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

/// One that scored so on validation, for so much; nothing where the score is below 0.
Run a_run(double validation, int64_t flops = 10) {
  Run run;
  run.trials = {{Settings(Json::object()), {validation}, flops}};
  if (validation >= 0) run.chosen.fill(0);
  return run;
}

/// Two organisms and two dictionary seeds: the challengers 0 and 1, the baselines 2 and 3.
struct Setting {
  std::vector<ContestantInfo> contestants{{"a", "", "", Role::challenger}, {"b", "", "", Role::challenger}, {"c", "", "", Role::baseline}, {"d", "", "", Role::baseline}};
  std::vector<RoundOutcome> outcomes;

  void organism(const std::vector<std::vector<Run>>& runs) {
    RoundOutcome outcome;
    outcome.dictionary_flops = 100;
    for (size_t c = 0; c < runs.size(); ++c) outcome.entries.push_back({c, c < 2 ? "topk" : "", runs[c]});
    outcomes.push_back(std::move(outcome));
  }
  std::vector<Lineup> of(const std::set<Role>& side) const { return ranked(contestants, outcomes, side, "topk", 0, kPrimary); }
};

std::vector<std::vector<size_t>> names(const Lineup& lineup) {
  std::vector<std::vector<size_t>> list;
  for (const auto& organism : lineup) {
    list.emplace_back();
    for (const Pick& pick : organism) list.back().push_back(pick.run ? pick.contestant : Pick::kNobody);
  }
  return list;
}

using Names = std::vector<std::vector<size_t>>;
constexpr size_t kNone = Pick::kNobody;

TEST(Portfolio, NothingIsBetterThanWhatValidatesBelowNoSkill) {
  Setting s;
  s.organism({{a_run(0.4), a_run(0.6)}, {a_run(0.3), a_run(0.45)}, {a_run(0.4)}, {a_run(0.45)}});
  EXPECT_EQ(names(ranked(s.contestants, s.outcomes, {Role::challenger}, "topk", 0.5, kPrimary)[0]), (Names{{kNone, 0}}));
  EXPECT_EQ(names(ranked(s.contestants, s.outcomes, {Role::baseline}, "topk", 0.5, kPrimary)[0]), (Names{{kNone}}));
}

TEST(Portfolio, IsWhateverValidatedBestInEachModelWithEachDictionary) {
  Setting s;
  s.organism({{a_run(0.5), a_run(0.9)}, {a_run(0.6), a_run(0.2)}, {a_run(0.7)}, {a_run(0.8)}});
  s.organism({{a_run(-1), a_run(0.1)}, {a_run(-1), a_run(0.3)}, {a_run(0.2)}, {a_run(-1)}});
  const auto challengers = s.of({Role::challenger}), baselines = s.of({Role::baseline}), all = s.of({Role::challenger, Role::baseline});
  ASSERT_EQ(challengers.size(), 2u);
  EXPECT_EQ(names(challengers[0]), (Names{{1, 0}, {kNone, 1}}));
  EXPECT_EQ(names(challengers[1]), (Names{{0, 1}, {kNone, 0}}));
  EXPECT_EQ(names(baselines[0]), (Names{{3}, {2}}));
  EXPECT_EQ(names(baselines[1]), (Names{{2}, {kNone}}));
  EXPECT_EQ(names(all[0]), (Names{{3, 0}, {2, 1}}));
  EXPECT_EQ(all.size(), 4u);
  EXPECT_EQ(challengers[0][0][1].run, &s.outcomes[0].entries[0].runs[1]);
  EXPECT_EQ(commonest(challengers[0]), 1u);
  EXPECT_EQ(commonest(Lineup{{Pick{}}}), kNone);
}

TEST(Portfolio, OfEqualsTheCheaperOneStands) {
  Setting s;
  s.organism({{a_run(1, 50)}, {a_run(1, 40)}, {a_run(1, 45)}, {a_run(1, 45)}});
  EXPECT_EQ(names(s.of({Role::challenger, Role::baseline})[0]), (Names{{2}}));  // a challenger pays 10 of its dictionary's 100 as well
  EXPECT_EQ(names(ranked(s.contestants, s.outcomes, {Role::challenger, Role::baseline}, "topk", 0, 0)[0]), (Names{{1}}));
}

TEST(Portfolio, AChampionIsChosenWhereItIsNotTested) {
  Setting s;
  s.organism({{a_run(0.9)}, {a_run(0.1)}, {a_run(0.5)}, {a_run(0.4)}});
  s.organism({{a_run(0.2)}, {a_run(0.3)}, {a_run(-1)}, {a_run(0.4)}});
  EXPECT_EQ(names(champions(s.contestants, s.outcomes, Role::challenger, "topk", 0, kPrimary)), (Names{{1}, {0}}));
  EXPECT_EQ(names(champions(s.contestants, s.outcomes, Role::baseline, "topk", 0, kPrimary)), (Names{{3}, {kNone}}));  // no skill where nothing was allowed
  s.outcomes.pop_back();
  EXPECT_EQ(names(champions(s.contestants, s.outcomes, Role::challenger, "topk", 0, kPrimary)), (Names{{0}}));
}

/// Against every subset of it.
TEST(Portfolio, TheBestOfSomeIsCountedOverAllSubsets) {
  for (size_t all : {1, 4, 7})
    for (size_t some = 1; some <= all; ++some) {
      std::vector<double> counted(all - some + 1, 0);
      double subsets = 0;
      for (uint32_t mask = 0; mask < (1u << all); ++mask) {
        if (size_t(__builtin_popcount(mask)) != some) continue;
        ++counted[size_t(__builtin_ctz(mask))];
        ++subsets;
      }
      const auto shares = best_of_some(all, some);
      ASSERT_EQ(shares.size(), counted.size());
      for (size_t r = 0; r < shares.size(); ++r) EXPECT_NEAR(shares[r], counted[r] / subsets, 1e-12);
      EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
    }
  EXPECT_THROW((void)best_of_some(3, 4), Error);
}

}  // namespace
}  // namespace fairfight
