#include "fairfight/report/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "fairfight/base/error.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

std::string error_of(const Json& json) {
  try {
    Result::from_json(json);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool is_free(const std::string& key) { return key == "settings" || key == "papers"; }

/// Calls `visit` with a pointer to every object and every list of the schema; free objects count as leaves.
void walk(const Json& json, const Json::json_pointer& at, const std::function<void(const Json::json_pointer&)>& visit) {
  visit(at);
  for (const auto& [key, child] : json.items())
    if (child.is_structured() && !is_free(key))
      walk(child, json.is_array() ? at / size_t(std::stoul(key)) : at / key, visit);
}

TEST(Result, TheExampleComesBackAsItWas) {
  const Json json = example_json();
  const Result result = Result::from_json(json);
  EXPECT_EQ(dump_json(result.to_json()), dump_json(json));
  EXPECT_EQ(Result::from_json(result.to_json()), result);
}

TEST(Result, EveryKeyIsRequiredAndOfItsType) {
  const Json whole = example_json();
  walk(whole, Json::json_pointer(""), [&](const Json::json_pointer& at) {
    if (!whole[at].is_object()) return;
    for (const auto& [key, value] : whole[at].items()) {
      Json broken = whole;
      broken[at].erase(key);
      EXPECT_THAT(error_of(broken), HasSubstr(key)) << at;
      broken = whole;
      broken[at][key] = nullptr;
      EXPECT_NE(error_of(broken), "") << at << " " << key;
    }
  });
}

TEST(Result, UnknownKeysAreRefused) {
  const Json whole = example_json();
  walk(whole, Json::json_pointer(""), [&](const Json::json_pointer& at) {
    if (!whole[at].is_object()) return;
    Json broken = whole;
    broken[at]["surprise"] = 1;
    EXPECT_THAT(error_of(broken), HasSubstr("surprise")) << at;
  });
}

TEST(Result, ShortenedListsAreRefused) {
  const Json whole = example_json();
  size_t lists = 0;
  walk(whole, Json::json_pointer(""), [&](const Json::json_pointer& at) {
    if (!whole[at].is_array()) return;
    ++lists;
    Json broken = whole;
    broken[at].erase(0);
    EXPECT_NE(error_of(broken), "") << at;
  });
  EXPECT_GE(lists, 6u);
}

TEST(Result, NamesWhatDoesNotFit) {
  const auto broken = [](const std::string& pointer, const Json& value) {
    Json json = example_json();
    json[Json::json_pointer(pointer)] = value;
    return error_of(json);
  };
  EXPECT_THAT(broken("/schema", "fairfight.result/2"), HasSubstr("fairfight.result/1"));
  EXPECT_THAT(broken("/seeds/1", 0), HasSubstr("seed 0 stands twice"));
  EXPECT_THAT(broken("/model/1/seed", 7), HasSubstr("models: expected one entry for each of the 3 seeds"));
  EXPECT_THAT(broken("/contestants/1/name", "knn"), HasSubstr("the contestant knn stands twice"));
  EXPECT_THAT(broken("/contestants/1/name", "Up\n\x1b[31m"), HasSubstr("the name \"Up  [31m\""));
  EXPECT_THAT(broken("/contestants/1/role", "referee"), HasSubstr("challenger, baseline"));
  EXPECT_THAT(broken("/differences/0/baseline", "reconstruction_error"), HasSubstr("not a challenger minus a baseline"));
  EXPECT_THAT(broken("/differences/0/baseline", "knn"), HasSubstr("stands twice"));
  EXPECT_THAT(broken("/leader/name", "nobody"), HasSubstr("no contestant \"nobody\""));
  EXPECT_THAT(broken("/registration/sha256", "ABC"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(broken("/contestants/0/scores/mean/low", 0.99), HasSubstr("above high"));
  EXPECT_THAT(broken("/contestants/0/scores/mean/value", 1e12), HasSubstr("contestants[0].scores.mean"));
  EXPECT_THAT(broken("/contestants/0/ledger/labels", -1), HasSubstr("labels"));
  EXPECT_THAT(broken("/fight/metric/perfect", 0.5), HasSubstr("no_skill and perfect"));
}

TEST(Result, OnlyTimingHoldsTimes) {
  const Json json = example_json();
  walk(json, Json::json_pointer(""), [&](const Json::json_pointer& at) {
    const std::string path = at.to_string();
    const bool timing = path.size() >= 7 && path.substr(path.size() - 7) == "/timing";
    for (const char* key : {"seconds", "started", "machine"})
      EXPECT_TRUE(timing || !json[at].is_object() || !json[at].contains(key)) << path;
  });
}

TEST(Result, RefusesToWriteWhatItCouldNotRead) {
  Result result = example_result();
  result.contestants[0].score.families.pop_back();
  EXPECT_THROW(result.to_json(), Error);
}

TEST(Result, ANumberThatIsNoneIsNotWritten) {
  Result result = example_result();
  result.contestants[0].score.mean.value = std::nan("");
  EXPECT_THROW(dump_json(result.to_json()), Error);
}

TEST(Result, RanksByTheMetricsDirection) {
  Result result = example_result();
  EXPECT_EQ(result.ranked().front()->name, "perplexity");
  EXPECT_EQ(result.ranked().back()->name, "activation_norm");
  std::swap(result.fight.metric.no_skill, result.fight.metric.perfect);
  EXPECT_EQ(result.ranked().front()->name, "activation_norm");
}

}  // namespace
}  // namespace fairfight
