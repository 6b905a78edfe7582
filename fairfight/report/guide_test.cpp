#include "fairfight/report/guide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/report/svg.h"

namespace fairfight {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Every shape, and a word that stands in all of its texts.
Json guide_saying(const std::string& word) {
  const Json found{{"value", 0.8125}, {"low", 0.75}, {"high", 0.875}};
  Json measured = found;
  measured.update(Json{{"name", "measure " + word}, {"about", "about " + word}, {"truth", 0.625}});
  const Json table{{"shape", "table"}, {"tall", true}, {"columns", {{{"title", "column " + word}}, {{"title", "share"}, {"form", "bar"}}, {{"title", "rate"}, {"form", "percent"}}}}, {"rows", {{"cell " + word, 0.25, 0.125}, {"other", nullptr, 1}}}};
  const Json passages{{"shape", "passages"}, {"groups", {{{"title", "group " + word}, {"items", {{{"text", "prompt " + word}, {"answer", "answer " + word}, {"note", "note " + word}}, {{"text", "whole " + word}}}}}, {{"title", "none"}, {"items", Json::array()}}}}, {"folded", "fold " + word}};
  const Json definitions{{"shape", "definitions"}, {"entries", Json{{"term " + word, "meaning " + word}, {"many", size_t(123456)}}}};
  const Json curve{{"shape", "curve"}, {"x", "x " + word}, {"y", "y " + word}, {"label", "label " + word}, {"at", {size_t(100), size_t(20000)}}, {"values", {found, found}}};
  const Json checks{{"shape", "checks"}, {"items", {{{"what", "line " + word}, {"passed", true}, {"value", 0.5}, {"low", -0.25}, {"high", 1}}, {{"what", "other line"}, {"passed", false}, {"value", 2}, {"low", 0}, {"high", 1}}}}};
  const Json measures{{"shape", "measures"}, {"rows", Json::array({measured})}, {"heading", "heading " + word}, {"caption", "caption " + word}};
  return {{"kicker", "kicker " + word}, {"title", "title " + word}, {"epigraph", "epigraph " + word}, {"lead", "lead " + word}, {"facts", Json{{"fact " + word, "fact's value " + word}, {"number", size_t(54321)}}}, {"parts", {{{"title", "part " + word}, {"text", "text " + word}, {"blocks", {table, passages, definitions}}}, {{"title", "second"}, {"text", ""}, {"blocks", {curve, checks, measures}}}}}, {"footer", "footer " + word}};
}

/// What opens and closes elements, in order.
std::vector<std::string> elements_of(const std::string& html) {
  std::vector<std::string> names;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) names.push_back(html.substr(at + 1, html.find_first_of(" >\n", at) - at - 1));
  return names;
}

TEST(Guide, ShowsAllThatItIsTold) {
  const Json guide = guide_saying("brioche");
  const std::string page = guide_html(guide);
  std::function<void(const Json&)> look = [&](const Json& told) {
    if (told.is_string() && told.get<std::string>().find("brioche") != std::string::npos) EXPECT_THAT(page, HasSubstr(escape(told.get<std::string>())));
    for (const auto& inner : told)
      if (told.is_structured()) look(inner);
  };
  look(guide);
  for (const char* number : {"25.0 %", "12.5 %", "0.812", "0.750–0.875", "0.625", "54,321", "123,456", "20,000", "0.5000, expected −0.2500 to 1.0000"}) EXPECT_THAT(page, HasSubstr(number));
}

TEST(Guide, LoadsNothingAndRunsNothing) {
  const std::string page = guide_html(guide_saying("https://evil.example/<script>"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'; style-src 'unsafe-inline'; img-src data:"));
  for (const char* loader : {"http", "<script", "url(", "@import", "src=", "<iframe", "<object"}) EXPECT_THAT(page, Not(HasSubstr(loader))) << loader;
}

TEST(Guide, HostileTextAddsNoElement) {
  for (const char* attack : {"</script><img onerror=1>", "\"><svg onload=1>", "'><b>", "</style><!--", "]]>", "<a>&amp;"}) {
    const std::string page = guide_html(guide_saying(attack));
    EXPECT_EQ(elements_of(page), elements_of(guide_html(guide_saying("tame")))) << attack;
    EXPECT_THAT(page, HasSubstr("epigraph " + escape(attack)));
  }
}

TEST(Guide, ElementsAreClosedInOrder) {
  const std::set<std::string> without_end{"!doctype", "meta", "link", "line", "circle", "path", "rect"};
  std::vector<std::string> open;
  for (const auto& name : elements_of(guide_html(guide_saying("tame")))) {
    if (without_end.contains(name)) continue;
    if (name[0] != '/') {
      open.push_back(name);
      continue;
    }
    ASSERT_FALSE(open.empty());
    ASSERT_EQ("/" + open.back(), name);
    open.pop_back();
  }
  EXPECT_TRUE(open.empty());
}

TEST(Guide, AShapeThatNobodyDrawsIsAnError) {
  Json guide = guide_saying("tame");
  guide["parts"][0]["blocks"][0]["shape"] = "sculpture";
  EXPECT_THAT(error_of([&] { (void)guide_html(guide); }), HasSubstr("nothing is drawn as a \"sculpture\""));
}

}  // namespace
}  // namespace fairfight
