#include "fairfight/io/tokenizer/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/json.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::vector<ChatMessage> kHello{{"user", "Hello"}};

const fs::path kChatReference = fs::path(FAIRFIGHT_ROOT) / "fairfight/io/reference";

std::tm summer() {  // the day of make_chat_templates.py
  std::tm day{};
  day.tm_year = 124, day.tm_mon = 6, day.tm_mday = 26, day.tm_wday = 5, day.tm_yday = 207, day.tm_hour = 13, day.tm_min = 5,
  day.tm_sec = 9;
  return day;
}

/// The text must be the same; where transformers raises, there must be an error, too, and never because something is missing
/// here.
void expect_rendered(const std::string& source, const Json& chat, bool prompt, const Json& text, const std::string& name) {
  static const Json reference = read_json(kChatReference / "chat_templates.json");
  std::vector<ChatMessage> messages;
  for (const Json& m : chat) messages.push_back({m[0], m[1]});
  std::string got;
  const std::string error = error_of([&] {
    got = ChatTemplate(source, reference["tokens"].get<std::map<std::string, std::string>>(), "t", summer)
              .render(messages, prompt);
  });
  EXPECT_THAT(error, Not(HasSubstr("does not implement"))) << name << chat;
  if (text.is_null())
    EXPECT_NE(error, "") << name << chat << got;
  else
    EXPECT_EQ(got, text.get<std::string>()) << name << chat << error;
}

TEST(ChatTemplate, GivesTheTextsOfTransformers) {
  const Json reference = read_json(kChatReference / "chat_templates.json");
  ASSERT_EQ(reference["templates"].size(), 53u);
  for (const auto& [name, texts] : reference["templates"].items()) {
    const std::string source = read_file(kChatReference / "chat_templates" / (name + ".jinja"));
    for (size_t i = 0; i < texts.size(); ++i)
      for (const bool prompt : {false, true})
        expect_rendered(source, reference["chats"][i], prompt, texts[i][size_t(prompt)], name);
  }
}

TEST(ChatTemplate, IsJinja2PieceByPiece) {
  const Json reference = read_json(kChatReference / "chat_templates.json");
  ASSERT_GT(reference["snippets"].size(), 140u);
  for (const Json& snippet : reference["snippets"])
    expect_rendered(snippet[0], reference["chats"][2], true, snippet[1], snippet[0]);
}

/// Seen by AddressSanitizer: a method outlives the variable that it was taken from, and a loop may have seen itself.
TEST(ChatTemplate, AMethodHoldsItsObject) {
  const auto text = [](const std::string& source) { return ChatTemplate(source, {}, "t").render(kHello, false); };
  EXPECT_EQ(text("{{ cycler('a', 'b').next() }}"), "a");
  EXPECT_EQ(text("{% set n = namespace() %}{% for i in [1, 2] %}{% set n.f = loop.cycle %}{% endfor %}{{ n.f('a', 'b') }}"), "b");
  EXPECT_EQ(text("{% for i in [1, 2] %}{{ loop.changed(loop) }} {% endfor %}"), "True False ");
}

TEST(ChatTemplate, RefusesWhatItDoesNotImplement) {
  const auto error = [](const std::string& source) {
    return error_of([&] { ChatTemplate(source, {}, "t").render(kHello, false); });
  };
  const std::vector<std::pair<const char*, const char*>> foreign{
      {"{% import 'x' as y %}", "\"import\""},
      {"{% block a %}{% endblock %}", "\"block\""},
      {"{% autoescape true %}{% endautoescape %}", "\"autoescape\""},
      {"{{ 'a' | urlize }}", "\"urlize\""},
      {"{{ [1] | random }}", "\"random\""},
      {"{{ [{'a': 1}] | groupby('a') }}", "\"groupby\""},
      {"{{ lipsum() }}", "\"lipsum\""},
      {"{{ self }}", "\"self\""},
      {"{{ 'a'.encode() }}", "\"encode\""},
      {"{{ 'é'.isalpha() }}", "isalpha"},
      {"{{ '{:>3}'.format(1) }}", ":>3"},
      {"{{ messages | map('upper') }}", "writes an iterator"},
      {"{{ messages[0].items }}", "writes a method"},
      {"{{ ('<' | safe) + '<' }}", "safe text"},
      {"{{ 9223372036854775807 + 1 }}", "64 bits"},
      {"{{ 99999999999999999999 }}", "64 bits"},
      {"{{ 0x1f }}", "not decimal"},
      {"{{ '\\N{BULLET}' }}", "by its name"},
      {"{{ strftime_now('%f') }}", "microseconds"}};
  for (const auto& [source, names] : foreign)
    EXPECT_THAT(error(source), AllOf(HasSubstr(names), HasSubstr("[chat_template] t"),
                                     HasSubstr("fairfight does not implement this"), Not(HasSubstr("\n"))))
        << source;
}

TEST(ChatTemplate, SaysInOneLineWhatIsWrong) {
  const auto error = [](const std::string& source) {
    return error_of([&] { ChatTemplate(source, {}, "t").render(kHello, false); });
  };
  const std::vector<std::pair<const char*, const char*>> wrong{
      {"{{ 1 | frobnicate }}", "no filter \"frobnicate\""},
      {"{{ x is brown }}", "no test \"brown\""},
      {"{{ messages[0].a.b }}", "not defined: a dict has no \"a\""},
      {"{{ nobody.b }}", "\"nobody\" is not defined"},
      {"{% if true %}", "endif"},
      {"{% endfor %}", "without its beginning"},
      {"{{ 'a", "without an end"},
      {"{# a", "without its end"},
      {"{{ 1 // 0 }}", "divides by zero"},
      {"{{ raise_exception('no\nway') }}", "refuses these messages: no way"}};
  for (const auto& [source, why] : wrong)
    EXPECT_THAT(error(source), AllOf(HasSubstr(why), HasSubstr("[chat_template] t"), Not(HasSubstr("\n")))) << source;
}

TEST(ChatTemplate, HasTheDayOfItsClock) {
  const auto day = ChatTemplate("{{ strftime_now('%Y') }}", {}, "t").render(kHello, false);
  EXPECT_GE(std::stoi(day), 2024);  // by default that of the machine
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
  EXPECT_THAT(
      error("{% set l = [] %}{% set ns = namespace(l=l) %}{% for i in range(1000) %}{% set ns.l = [ns.l] %}{% endfor %}"),
      HasSubstr("deep"));
  EXPECT_THAT(error("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}"), HasSubstr("deep"));
  EXPECT_THAT(error("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"), HasSubstr("deep"));
  EXPECT_THAT(error("{% set ns = namespace() %}{% set ns.me = ns %}{% macro f() %}{% endmacro %}{% set ns.f = f %}{{ 'x' * "
                    "9999999 }}"),
              HasSubstr("bytes"));
  EXPECT_THAT(error("{{ [1] * 9999999 }}"), HasSubstr("items"));
  EXPECT_THAT(error("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"), HasSubstr("steps"));
  EXPECT_THAT(error("{{ " + std::string(100'000, '(') + "1" + std::string(100'000, ')') + " }}"), HasSubstr("deep"));
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
  write_atomic(folder / "tokenizer_config.json", R"({"chat_template":{"default":"of a dict"}})");
  EXPECT_EQ(render(), "of a dict");
  write_atomic(folder / "chat_template.json", R"({"chat_template":"of a processor"})");
  EXPECT_EQ(render(), "of a dict");
  write_atomic(folder / "tokenizer_config.json", "{}");
  EXPECT_EQ(render(), "of a processor");
  fs::create_directory(folder / "additional_chat_templates");
  write_atomic(folder / "additional_chat_templates/rag.jinja", "r");
  EXPECT_THAT(error_of(render),
              HasSubstr("none of which is named \"default\""));  // the config's does not count beside files
  write_atomic(folder / "chat_template.jinja", "own");
  EXPECT_EQ(render(), "own");
  fs::remove(folder / "chat_template.jinja");
  fs::remove_all(folder / "additional_chat_templates");
  for (const char* config : {R"({"chat_template":3})", R"({"chat_template":[{"template":"no name"}]})",
                             R"({"chat_template":[{"name":"default"}]})"}) {
    write_atomic(folder / "tokenizer_config.json", config);
    EXPECT_THAT(error_of(render), HasSubstr("tokenizer_config.json")) << config;
  }
}

// As transformers 5.x has them: PreTrainedTokenizerBase.special_tokens_map of a tokenizer that is loaded from such files.
TEST(ChatTemplate, HasTheSpecialTokensOfItsFolder) {
  const ScratchFolder folder;
  const auto rendered = [&](const std::string& config) {
    write_atomic(folder / "tokenizer_config.json", config);
    write_atomic(folder / "chat_template.jinja",
                 "{{ bos_token }},{{ eos_token }},{{ pad_token is defined }},{{ boi_token }},{{ image_token }},{{ "
                 "add_bos_token is defined }}");
    return find_chat_template(folder.path()).value().render(kHello, true);
  };
  const std::string tokens =
      R"("bos_token":{"__type":"AddedToken","content":"<s>"},"eos_token":"</s>","pad_token":null,"add_bos_token":true,"boi_token":"<i>","extra_special_tokens":{"image_token":"<img>"})";
  EXPECT_EQ(rendered("{" + tokens + "}"), "<s>,</s>,False,<i>,<img>,False");
  write_atomic(folder / "special_tokens_map.json", R"({"eos_token":{"content":"<e>","lstrip":false},"pad_token":"<p>"})");
  EXPECT_EQ(rendered("{" + tokens + "}"), "<s>,<e>,True,<i>,<img>,False");
  EXPECT_EQ(rendered("{" + tokens + R"(,"added_tokens_decoder":{}})"), "<s>,</s>,False,<i>,<img>,False");
  EXPECT_EQ(rendered(R"({"extra_special_tokens":["<a>"],"bos_token":"b"})"), "b,<e>,True,,,False");
}

}  // namespace
}  // namespace fairfight
