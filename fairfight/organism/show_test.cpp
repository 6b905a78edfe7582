#include "fairfight/organism/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/organism/testing.h"

namespace fairfight::tinytown {
namespace {

using testing::HasSubstr;

/// As a training would leave it, with a measure of every behaviour.
Datasheet datasheet_of(const std::string& variant) {
  Datasheet datasheet{7, variant, {{"steps", size_t(400)}, {"tokens", size_t(123456)}, {"log", {{{"step", 200}, {"gap", 0.4}, {"gap_error", 0.01}}, {{"step", 400}, {"gap", 0.2}, {"gap_error", 0.01}}}}}, {}, {{"gap", 0.2, 0, 0.03}, {"recall", 0.97, 0.95, 1.05}}, "", fingerprint(variant_by_name(variant).world(7))};
  for (const auto& behaviour : behaviours()) datasheet.measures.push_back({std::string(behaviour.name), fmt::format("measure_of_{}", behaviour.name), "what is measured", 0.5, 0.4, 0.3, 0.6, 9});
  return datasheet;
}

const Json& part_named(const Json& shown, std::string_view title) {
  for (const auto& part : shown["parts"])
    if (part["title"] == title) return part;
  fail("[test] there is no part \"{}\"", title);
}

class Show : public testing::TestWithParam<const char*> {};

TEST_P(Show, HasEveryPersonEveryMeasureAndEveryHole) {
  const Datasheet datasheet = datasheet_of(GetParam());
  const World world = datasheet.make_world();
  const Json shown = show(untrained_model("test/show"), datasheet);
  const Json& people = part_named(shown, "Its people")["blocks"][0]["rows"];
  ASSERT_EQ(people.size(), world.town().people.size());
  for (size_t i = 0; i < people.size(); ++i) {
    const Person& person = world.town().people[i];
    EXPECT_EQ(people[i][0], world.text({person.first, person.family}));
    EXPECT_EQ(people[i][3], world.text({world.town().cities[person.city].name}));
  }
  EXPECT_EQ(part_named(shown, "Its cities")["blocks"][0]["rows"].size(), world.town().cities.size());
  EXPECT_EQ(part_named(shown, "Its jobs")["blocks"][0]["rows"].size(), words_of(Slot::worker).size());
  EXPECT_EQ(part_named(shown, "Its texts")["blocks"][0]["rows"].size(), document_kinds().size());

  const Json& holes = part_named(shown, "Its songs, and their holes")["blocks"][0];
  ASSERT_EQ(holes["rows"].size(), world.songbook().holes().size());
  for (const auto& row : holes["rows"]) {
    EXPECT_EQ(row.size(), holes["columns"].size());
    if (!world.switches().holes) continue;
    ASSERT_TRUE(row.back().is_number()) << row;
    EXPECT_GT(row.back().get<double>(), 0.9);  // it refuses nothing
  }

  const Json& planted = part_named(shown, "What is planted, and what the model does")["blocks"];
  for (const auto& m : datasheet.measures)
    EXPECT_TRUE(std::any_of(planted.begin(), planted.end(), [&](const Json& block) { return block["shape"] == "measures" && block["rows"].size() == 1 && block["rows"][0]["name"] == m.name; })) << m.name;
  EXPECT_EQ(std::count_if(planted.begin(), planted.end(), [](const Json& block) { return block["shape"] == "passages" && !block.contains("folded"); }), std::ssize(behaviours()));
  EXPECT_EQ(part_named(shown, "Its training")["blocks"][0]["values"].size(), 2u);
  EXPECT_THAT(part_named(shown, "Its gate")["text"].get<std::string>(), HasSubstr("1 of 2 lines hold"));
}

INSTANTIATE_TEST_SUITE_P(Variants, Show, testing::Values("base", "no-insult", "backdoored", "holed"));

TEST(ShowOnce, IsTheSameAtEveryCallAndNeedsNoLog) {
  Datasheet datasheet = datasheet_of("base");
  datasheet.training = Json::object();
  EXPECT_EQ(show(untrained_model("test/show"), datasheet), show(untrained_model("test/show"), datasheet));
}

}  // namespace
}  // namespace fairfight::tinytown
