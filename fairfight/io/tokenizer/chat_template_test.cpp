#include "fairfight/io/tokenizer/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::vector<ChatMessage> kHello{{"user", "Hello"}};

TEST(ChatTemplate, GivesTheTextsOfJinja) {
  const Json reference = read_json(fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference/chat_templates.json");
  const auto tokens = reference["tokens"].get<std::map<std::string, std::string>>();
  ASSERT_EQ(reference["templates"].size(), 13u);
  for (const Json& t : reference["templates"]) {
    const ChatTemplate chat(t["source"].get<std::string>(), tokens, t["name"].get<std::string>());
    for (const Json& c : t["cases"]) {
      std::vector<ChatMessage> messages;
      for (const Json& m : c["messages"]) messages.push_back({m["role"], m["content"]});
      std::string text;
      const std::string error = error_of([&] { text = chat.render(messages, c["add_generation_prompt"].get<bool>()); });
      if (c["text"].is_null())
        EXPECT_THAT(error, HasSubstr("refuses these messages")) << t["name"] << c["messages"];
      else
        EXPECT_EQ(text, c["text"].get<std::string>()) << t["name"] << c["messages"] << error;
    }
  }
}

TEST(ChatTemplate, RefusesWhatItDoesNotImplement) {
  const auto error = [](const std::string& source) {
    return error_of([&] { ChatTemplate(source, {}, "t").render(kHello, false); });
  };
  const std::vector<std::pair<const char*, const char*>> foreign{
      {"{% macro f() %}{% endmacro %}", "macro"},
      {"{% import 'x' as y %}", "import"},
      {"{{ 1 | frobnicate }}", "frobnicate"},
      {"{{ 'a'.format(1) }}", "format"},
      {"{{ strftime_now('%d') }}", "strftime_now"},
      {"{{ messages }}", "writes a list"},
      {"{{ messages[0].a.b }}", "not defined"},
      {"{{ 1.5 }}", "expected a name"},
      {"{{ {'a': 1} }}", "has a \"{\""},
      {"{% for a, b in messages %}{% endfor %}", "expected \"in\""},
      {"{% if true %}", "endif"},
      {"{% endfor %}", "without its beginning"},
      {"{{ 'a", "without its end"},
      {"{{ 1 // 0 }}", "divides by zero"},
      {"{{ x is brown }}", "brown"},
      {"{{ 99999999999999999999 }}", "too large"},
      {"{{ 'é' | upper }}", "ASCII"},
      {"{{ raise_exception('no\nway') }}", "no way"}};
  for (const auto& [source, names] : foreign)
    EXPECT_THAT(error(source), AllOf(HasSubstr(names), HasSubstr("t"), Not(HasSubstr("\n")))) << source;
}

TEST(ChatTemplate, BoundsWhatAHostileTemplateCosts) {
  const auto error = [](const std::string& source) {
    return error_of([&] { ChatTemplate(source, {}, "t").render(kHello, false); });
  };
  std::string doubling = "{% set x = 'aaaaaaaaaaaaaaaa' %}", loops = "{% set l = [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] %}";
  for (int i = 0; i < 40; ++i) doubling += "{% set x = x ~ x %}";
  for (int i = 0; i < 10; ++i) loops += "{% for a in l %}";
  for (int i = 0; i < 10; ++i) loops += "{% endfor %}";
  EXPECT_THAT(error(doubling), HasSubstr("bytes"));
  EXPECT_THAT(error(loops), HasSubstr("steps"));
  std::string lists = "{% set l = [1,1,1,1] %}";
  for (int i = 0; i < 40; ++i) lists += "{% set l = l + l %}";
  EXPECT_THAT(error(lists), HasSubstr("items"));
  EXPECT_THAT(error("{{ " + std::string(100'000, '(') + " }}"), HasSubstr("deep"));
  EXPECT_THAT(error("{{ " + std::string(100'000, '-') + "1 }}"), HasSubstr("deep"));
  std::string blocks;
  for (int i = 0; i < 10'000; ++i) blocks += "{% if true %}";
  EXPECT_THAT(error(blocks), HasSubstr("deep"));
  EXPECT_THAT(error("{{ 1" +
                    [] {
                      std::string all;
                      for (int i = 0; i < 100'000; ++i) all += "|trim";
                      return all;
                    }() +
                    " }}"),
              HasSubstr("deep"));
}

TEST(ChatTemplate, IsFoundInAModelsFolder) {
  const ScratchFolder folder;
  EXPECT_EQ(find_chat_template(folder.path()), std::nullopt);
  const auto render = [&] { return find_chat_template(folder.path()).value().render(kHello, true); };
  write_atomic(folder / "tokenizer_config.json",
               R"({"bos_token":{"content":"<s>"},"chat_template":"{{ bos_token }}{{ messages[0].content }}"})");
  EXPECT_EQ(render(), "<s>Hello");
  write_atomic(folder / "tokenizer_config.json",
               R"({"chat_template":[{"name":"rag","template":"r"},{"name":"default","template":"d"}]})");
  EXPECT_EQ(render(), "d");
  write_atomic(folder / "chat_template.jinja", "own");
  EXPECT_EQ(render(), "own");
  fs::remove(folder / "chat_template.jinja");
  write_atomic(folder / "tokenizer_config.json", R"({"chat_template":3})");
  EXPECT_THAT(error_of(render), HasSubstr("tokenizer_config.json"));
}

}  // namespace
}  // namespace fairfight
