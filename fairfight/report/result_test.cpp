#include "fairfight/report/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/report/test_example.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

std::string refusal(const Json& json) {
  return error_of([&] { Result::from_json(json); });
}

bool is_free(const std::string& key) { return key == "settings" || key == "datasheet" || key == "tried"; }

/// Calls `visit` with a pointer to every object and every list of the schema; free objects count as leaves, and a list is
/// its first, middle and last item.
void walk(const Json& json, const Json::json_pointer& at, const std::function<void(const Json::json_pointer&)>& visit) {
  visit(at);
  const Json& here = json[at];
  if (here.is_array()) {
    if (here.empty() || !here[0].is_structured()) return;
    for (const size_t i : std::set<size_t>{0, here.size() / 2, here.size() - 1}) walk(json, at / i, visit);
    return;
  }
  for (const auto& [key, child] : here.items())
    if (child.is_structured() && !is_free(key)) walk(json, at / key, visit);
}

const std::vector<Json>& examples() {
  static const std::vector<Json> all = {example_json(), patch_json(), bakery_result().to_json()};
  return all;
}

TEST(Result, TheExamplesComeBackAsTheyWere) {
  for (const Json& json : examples()) {
    const Result result = Result::from_json(json);
    EXPECT_EQ(dump_json(result.to_json()), dump_json(json));
    EXPECT_EQ(Result::from_json(result.to_json()), result);
  }
}

/// Calls `visit` with every example and a pointer to every object in them.
void walk_objects(const std::function<void(const Json&, const Json::json_pointer&)>& visit) {
  for (const Json& whole : examples())
    walk(whole, Json::json_pointer(""), [&](const Json::json_pointer& at) {
      if (whole[at].is_object()) visit(whole, at);
    });
}

TEST(Result, EveryKeyIsRequiredAndOfItsType) {
  // A line is a contestant's or, with a title, a side's.
  const std::set<std::string> may_be_missing = {"calibration", "under_tuned", "dictionary_seed", "tag", "below", "above", "says", "about", "unit",
                                                "worst", "best", "ideal", "amount", "slopes", "tried", "note", "evidence", "kl", "would_settle", "unpaid"};
  walk_objects([&](const Json& whole, const Json::json_pointer& at) {
    const std::string path = at.to_string();
    const bool cells = path.ends_with("/cells"), item = path.find("/items/") != path.npos;
    for (const auto& [key, value] : whole[at].items()) {
      Json broken = whole;
      const bool limit = key == "at_most" || key == "at_least" || (key == "title" && path.find("/lines/") != path.npos), name = item && key == "name", ladder = key == "reached";
      if (!may_be_missing.contains(key) && !cells && !limit && !name && !ladder) {
        broken[at].erase(key);
        EXPECT_THAT(refusal(broken), HasSubstr(key)) << at;
      }
      broken = whole;
      broken[at][key] = nullptr;
      EXPECT_NE(refusal(broken), "") << at << " " << key;
    }
  });
}

TEST(Result, UnknownKeysAreRefused) {
  walk_objects([&](const Json& whole, const Json::json_pointer& at) {
    Json broken = whole;
    broken[at]["surprise"] = 1;
    EXPECT_THAT(refusal(broken), HasSubstr("surprise")) << at;
  });
}

TEST(Result, ShortenedListsAreRefused) {
  const std::set<std::string> free = {"/tier/evidence", "/timing/profile", "/necessity/controls", "/sections", "/verdict/rulings"};
  size_t lists = 0;
  for (const Json& whole : examples())
    walk(whole, Json::json_pointer(""), [&](const Json::json_pointer& at) {
      const std::string path = at.to_string();
      if (!whole[at].is_array() || free.contains(path)) return;
      // What a section is about may be fewer: contestants, trials of theirs, amounts that a line has; and columns and steps are the discipline's.
      const bool fewer = path.ends_with("/rows") || path.ends_with("/lines") || path.ends_with("/slopes") || path.ends_with("/clouds") ||
                         path.ends_with("/points") || path.ends_with("/values") || path.ends_with("/items");
      if (fewer && path.starts_with("/sections/")) return;
      ++lists;
      Json broken = whole;
      broken[at].erase(0);
      EXPECT_NE(refusal(broken), "") << at;
    });
  EXPECT_GE(lists, 24u);
}

/// The complaint about the example with one value replaced.
std::string broken(const std::string& pointer, const Json& value) {
  Json json = example_json();
  json[Json::json_pointer(pointer)] = value;
  return refusal(json);
}

TEST(Result, NamesWhatDoesNotFit) {
  EXPECT_THAT(broken("/schema", "fairfight.result/3"),
              HasSubstr("got \"fairfight.result/3\", expected \"fairfight.result/7\"; what an older fairfight wrote is run again"));
  EXPECT_THAT(broken("/seeds/1", 0), HasSubstr("seed 0 stands twice"));
  EXPECT_THAT(broken("/dictionary_seeds/1", 0), HasSubstr("dictionary seed 0 stands twice"));
  EXPECT_THAT(broken("/model/1/seed", 7), HasSubstr("models: expected one entry for each of the 3 seeds"));
  EXPECT_THAT(broken("/contestants/1/name", "knn"), HasSubstr("the contestant knn stands twice"));
  EXPECT_THAT(broken("/contestants/1/name", "Up\n\x1b[31m"), HasSubstr("the name \"Up  [31m\""));
  EXPECT_THAT(broken("/contestants/1/role", "referee"), HasSubstr("challenger, baseline, fusion, reference"));
  EXPECT_THAT(broken("/differences/0/baseline", "feature_rarity"), HasSubstr("not a challenger minus a baseline"));
  EXPECT_THAT(broken("/differences/0/baseline", "labelled_probe"), HasSubstr("not a challenger minus a baseline"));
  EXPECT_THAT(broken("/differences/0/baseline", "knn"), HasSubstr("stands twice"));
  EXPECT_THAT(broken("/registration/sha256", "ABC"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(broken("/contestants/0/scores/mean/low", 0.99), HasSubstr("above high"));
  EXPECT_THAT(broken("/contestants/0/scores/mean/value", 1e12), HasSubstr("contestants[0].scores.mean"));
  EXPECT_THAT(broken("/contestants/0/ledger/labels", -1), HasSubstr("labels"));
  EXPECT_THAT(broken("/contestants/4/calibration/tolerance", -0.1), HasSubstr("tolerance"));
  EXPECT_THAT(broken("/contestants/0/under_tuned", ""), HasSubstr("expected a reason"));
  EXPECT_THAT(broken("/fight/metric/perfect", 0.5), HasSubstr("expected perfect above it"));
  EXPECT_THAT(broken("/fight/metric/no_skill", 2), HasSubstr("got perfect = 1 and no_skill = 2"));
  EXPECT_THAT(broken("/fight/metric/says", "removes it"), HasSubstr("expected one {} in it"));
  EXPECT_THAT(broken("/fight/metric/says", "{} of {}"), HasSubstr("expected one {} in it"));
  EXPECT_THAT(broken("/fight/trials", -1), HasSubstr("trials"));
  EXPECT_THAT(broken("/interval/bound", 0.9), HasSubstr("got a bound of 0.9, expected 0.95"));
}

TEST(Result, WhatMayBeLeftOut) {
  Json json = example_json();
  EXPECT_TRUE(json["/contestants/5"_json_pointer].contains("calibration"));
  json["/contestants/5"_json_pointer].erase("calibration");
  for (auto& contestant : json["contestants"]) contestant.erase("under_tuned");
  const Result result = Result::from_json(json);
  EXPECT_FALSE(result.contestants[5].calibration);
  EXPECT_EQ(dump_json(result.to_json()), dump_json(json));  // and is left out again
}

TEST(Result, RunsAreOneASeedOrOneASeedAndDictionarySeed) {
  EXPECT_THAT(broken("/contestants/0/by_seed/1/dictionary_seed", 2),
              HasSubstr("reconstruction_error.by_seed[1]: got seed 0 with dictionary seed 2, expected 0 with 1"));
  EXPECT_THAT(broken("/contestants/3/by_seed/1/dictionary_seed", 0), HasSubstr("perplexity.by_seed[1]"));
  EXPECT_THAT(broken("/contestants/0/role", "baseline"), HasSubstr("got 9 entries, expected 3"));
  EXPECT_THAT(broken("/contestants/3/role", "challenger"), HasSubstr("got 3 entries, expected 9"));
  EXPECT_THAT(broken("/dictionary/trained/3/seed", 0), HasSubstr("dictionary.trained[3]"));
  EXPECT_THAT(broken("/dictionary/trained/3/site", "blocks.0.hook_resid_post"), HasSubstr("dictionary.trained[3]: got the site"));
  Json json = example_json();
  json["/contestants/0/by_seed/0"_json_pointer].erase("dictionary_seed");
  EXPECT_THAT(refusal(json), HasSubstr("reconstruction_error.by_seed[0]"));
}

/// An example after `change`, reported what its check says.
template <class Change>
std::string checked(Change change, Result result = example_result()) {
  change(result);
  return error_of([&] { result.check(); });
}

using Label = Result::Label;

/// The verdict replaced wherever it stands: by itself, at 10 %.
void rule(Result& result, const Result::Ruling& ruling) {
  result.verdict.ruling = result.ledger.amortisation[1].ruling = ruling;
}

TEST(Result, ALabelSaysNoMoreThanTheReadings) {
  const auto with = [](Label label, bool beats, bool competitive, const Estimate& interval) {
    return checked([&](Result& result) {
      rule(result, {"reconstruction_error", label, beats, competitive, "perplexity", interval});
    });
  };
  const Estimate ahead{0.05, 0.03, 0.07}, level{0.0, -0.01, 0.01}, wide{0.0, -0.1, 0.1}, behind{-0.1, -0.12, -0.08};
  EXPECT_EQ(with(Label::beats, true, true, ahead), "");
  EXPECT_EQ(with(Label::competitive, false, true, level), "");
  EXPECT_EQ(with(Label::inconclusive, false, false, wide), "");
  EXPECT_EQ(with(Label::inconclusive, true, true, ahead), "");  // somebody was under-tuned
  EXPECT_EQ(with(Label::loses, false, false, behind), "");
  EXPECT_THAT(with(Label::beats, false, true, level), HasSubstr("the label BEATS does not fit"));
  EXPECT_EQ(with(Label::competitive, true, true, ahead), "");  // ... by a little
  EXPECT_THAT(with(Label::competitive, false, false, wide), HasSubstr("the label COMPETITIVE does not fit"));
  EXPECT_THAT(with(Label::loses, false, true, level), HasSubstr("the label LOSES does not fit"));
  EXPECT_THAT(with(Label::beats, true, false, ahead), HasSubstr("beats and is not competitive"));
  EXPECT_THAT(with(Label::beats, true, true, level), HasSubstr("it beats, with a lead that may be -0.01"));
  EXPECT_THAT(with(Label::competitive, false, true, wide), HasSubstr("and a margin of 0.02"));
}

TEST(Result, TheVerdictIsAboutTheContest) {
  EXPECT_THAT(checked([](Result& r) { r.verdict.ruling.challenger = "nobody"; }), HasSubstr("no contestant \"nobody\""));
  EXPECT_THAT(checked([](Result& r) { r.verdict.ruling.challenger = "knn"; }), HasSubstr("knn is not a challenger"));
  EXPECT_THAT(checked([](Result& r) { r.verdict.ruling.against = "labelled_probe"; }), HasSubstr("is not a baseline"));
  EXPECT_THAT(checked([](Result& r) { r.verdict.all[1] = r.verdict.all[0]; }), HasSubstr("stands twice"));
  EXPECT_THAT(checked([](Result& r) { r.verdict.all.pop_back(); }),
              HasSubstr("got 2 rulings, one a challenger, expected 3"));
  EXPECT_THAT(checked([](Result& r) { r.verdict.failures.challengers = 9; }), HasSubstr("verdict.failures: got 9 and"));
  EXPECT_THAT(checked([](Result& r) { std::erase_if(r.contestants, [](auto& it) { return it.challenger(); }); }),
              HasSubstr("at least one challenger and one baseline"));
}

TEST(Result, TheLedgerRulesAtThreeShares) {
  EXPECT_THAT(checked([](Result& r) { r.ledger.amortisation[0].share = 0.05; }), HasSubstr("the shares 0, 0.1 and 1"));
  EXPECT_THAT(checked([](Result& r) { r.ledger.amortisation.pop_back(); }), HasSubstr("the shares 0, 0.1 and 1"));
  EXPECT_THAT(checked([](Result& r) { r.ledger.amortisation[1].ruling.against = "knn"; }),
              HasSubstr("another ruling than the verdict"));
  EXPECT_THAT(checked([](Result& r) { r.ledger.amortisation[2].ruling.challenger = "knn"; }), HasSubstr("at 1: knn"));
}

TEST(Result, NecessityIsWhatItsControlsSay) {
  EXPECT_THAT(checked([](Result& r) { r.necessity.passed = true; }), HasSubstr("what the required bases say, false"));
  EXPECT_THAT(checked([](Result& r) { r.necessity.challenger = "knn"; }), HasSubstr("necessity: knn is not a challenger"));
  EXPECT_THAT(checked([](Result& r) { r.necessity.controls[0].beaten = false; }), HasSubstr("beaten = false"));
  EXPECT_THAT(checked([](Result& r) { r.necessity.controls[0].challenger = "knn"; }), HasSubstr("knn is not a challenger"));
  EXPECT_THAT(checked([](Result& r) { r.necessity.controls[1] = r.necessity.controls[0]; }), HasSubstr("stands twice"));
  EXPECT_EQ(checked([](Result& r) {  // a basis that is not required decides nothing
              r.necessity.controls[3].beaten = false;
              r.necessity.controls[3].difference = {0, -0.1, 0.1};
            }),
            "");
  EXPECT_EQ(checked([](Result& r) {
              for (auto& control : r.necessity.controls) {
                control.beaten = true;
                control.difference = {0.05, 0.01, 0.1};
              }
              r.necessity.passed = true;
            }),
            "");
}

TEST(Result, TheTierIsWhatItsEvidenceCarries) {
  EXPECT_THAT(checked([](Result& r) { r.tier.value = 3; }), HasSubstr("got 3, but tier 3 needs"));
  EXPECT_THAT(checked([](Result& r) { r.tier.most = 1; }), HasSubstr("got 2, of at most 1"));
  EXPECT_THAT(checked([](Result& r) { r.tier.evidence[0].holds = false; }), HasSubstr("got 2, but tier 1 needs"));
  EXPECT_THAT(checked([](Result& r) { r.tier.value = r.tier.most = 6; }), HasSubstr("expected 1 to 5"));
  EXPECT_THAT(checked([](Result& r) { r.tier.evidence.clear(); }), HasSubstr("got 2 without evidence for tier 2"));
}

TEST(Result, OnlyTimingHoldsTimes) {
  walk_objects([&](const Json& json, const Json::json_pointer& at) {
    const std::string path = at.to_string();
    const bool timing = path.ends_with("/timing") || path.starts_with("/timing/profile/");
    for (const char* key : {"seconds", "started", "machine"}) EXPECT_TRUE(timing || !json[at].contains(key)) << path;
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

TEST(Result, RanksTheBestFirstWithReferencesLast) {
  const Result result = example_result();
  EXPECT_EQ(result.ranked().front()->name, "perplexity");
  EXPECT_EQ(result.ranked()[result.contestants.size() - 2]->name, "activation_norm");
  EXPECT_EQ(result.ranked().back()->name, "labelled_probe");  // the best of all
}

TEST(Result, ACalibrationMayMissItsReferenceByItsTolerance) {
  EXPECT_TRUE((Result::Calibration{0.89, 0.9, 0.02}.holds()));
  EXPECT_TRUE((Result::Calibration{0.99, 0.9, 0.02}.holds()));
  EXPECT_FALSE((Result::Calibration{0.87, 0.9, 0.02}.holds()));
}

}  // namespace
}  // namespace fairfight
