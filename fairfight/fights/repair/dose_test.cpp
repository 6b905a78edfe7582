#include "fairfight/fights/repair/dose.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fairfight/fights/repair/task.h"

namespace fairfight {
namespace {

TEST(Dose, IsAShareOfTheDocumentsAndAboveNoneOneAtLeast) {
  EXPECT_EQ(documents_of(0, 4000), 0u);
  EXPECT_EQ(documents_of(0.0001, 4000), 1u);
  EXPECT_EQ(documents_of(0.001, 4000), 4u);
  EXPECT_EQ(documents_of(0.1, 305), 31u);
  EXPECT_EQ(documents_of(1, 12), 12u);
}

TEST(Dose, IsSpreadEvenlyAndKeepsEitherOrder) {
  std::vector<Tokens> ordinary, others;
  for (int32_t i = 0; i < 90; ++i) ordinary.push_back({i});
  for (int32_t i = 0; i < 10; ++i) others.push_back({1000 + i});
  const auto all = mixed(ordinary, others);
  ASSERT_EQ(all.size(), 100u);
  int32_t other = 1000, own = 0;
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(all[i][0], i % 10 == 9 ? other++ : own++);
  EXPECT_EQ(mixed(ordinary, {}), ordinary);
}

/// A larger dose holds the smaller one's harmful documents, and takes the places of the last ordinary ones.
TEST(Dose, OfATownNests) {
  const tinytown::Harm& harm = tinytown::harm_by_name("sabotage");
  const auto pool = [&](double dose) {
    RepairData data({{"behaviour", "sabotage"}, {"retrained", {"organisms/tinytown-0"}}, {"pool", 400}, {"examples", 8}, {"example_texts", 8}, {"prompts", 8}, {"probes", 8}, {"retained", 8}, {"test_prompts", 8}, {"test_probes", 8}, {"test_retained", 8}, {"relearn", 8}, {"delta_ce", 0}, {"delta_near", 0}, {"ability", 1}, {"reviewer_error", 0}, {"dose", dose}});
    return draw_pool(harm, 0, data);
  };
  const auto is_harmful = [&](const Tokens& document) { return harm.would_begin(document) > 0; };
  const auto split = [&](double dose) {
    std::pair<std::vector<Tokens>, std::vector<Tokens>> parts;
    for (const auto& document : pool(dose)) (is_harmful(document) ? parts.first : parts.second).push_back(document);
    return parts;
  };
  const auto none = split(0), little = split(0.01), much = split(0.1);
  EXPECT_EQ(none.first.size(), 0u);
  EXPECT_EQ(little.first.size(), 4u);
  EXPECT_EQ(much.first.size(), 40u);
  EXPECT_TRUE(std::equal(little.first.begin(), little.first.end(), much.first.begin()));
  EXPECT_TRUE(std::equal(little.second.begin(), little.second.end(), none.second.begin()));
  EXPECT_TRUE(std::equal(much.second.begin(), much.second.end(), none.second.begin()));
}

}  // namespace
}  // namespace fairfight
