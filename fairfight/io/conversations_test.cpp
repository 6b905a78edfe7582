#include "fairfight/io/conversations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/texts.h"

namespace fairfight {
namespace {

using testing::AllOf, testing::HasSubstr;

/// A model's folder, as far as its template goes.
void write_template(const ScratchFolder& folder, const std::string& source, const Json& tokens = Json::object()) {
  write_atomic(folder / "tokenizer_config.json", dump_json(tokens));
  write_atomic(folder / "chat_template.jinja", source);
}

TEST(Conversations, AreWhatTransformersWrites) {
  const Json reference = read_json(std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/io/reference/conversations.json");
  ASSERT_EQ(reference["templates"].size(), 4u);
  for (const Json& t : reference["templates"]) {
    const ScratchFolder folder;
    write_template(folder, t["source"].get<std::string>(), reference["tokens"]);
    const Conversations chat(folder.path());
    for (const Json& c : t["cases"]) {
      EXPECT_EQ(chat.whole(c["messages"], "x:1"), c["whole"].get<std::string>()) << t["name"] << c["messages"];
      EXPECT_EQ(chat.open(c["messages"], "x:1"), c["open"].get<std::string>()) << t["name"] << c["messages"];
    }
  }
}

TEST(Conversations, WhatIsNoneIsNamedWithItsLine) {
  const ScratchFolder folder, silent;
  write_template(folder, "{% for m in messages %}{% if m['role'] != 'user' %}{{ raise_exception('users only') }}{% endif %}{{ m['content'] | upper }}{% endfor %}");
  const Conversations chat(folder.path());
  const auto error = [&](const char* messages) { return error_of([&] { chat.open(Json::parse(messages), "x:7"); }); };
  for (const char* none : {"[]", "\"hello\"", "{}"}) EXPECT_THAT(error(none), AllOf(HasSubstr("x:7"), HasSubstr("no list of messages"))) << none;
  EXPECT_THAT(error("[1]"), HasSubstr("x:7: got a message that is no object"));
  EXPECT_THAT(error(R"([{"role": "user"}])"), AllOf(HasSubstr("x:7"), HasSubstr("content")));
  EXPECT_THAT(error(R"([{"role": "user", "content": ["a"]}])"), AllOf(HasSubstr("x:7"), HasSubstr("content")));
  EXPECT_THAT(error(R"([{"role": "user", "content": "a", "tool_calls": []}])"), AllOf(HasSubstr("x:7"), HasSubstr("tool_calls")));
  EXPECT_THAT(error(R"([{"role": "system", "content": "a"}])"), AllOf(HasSubstr("x:7"), HasSubstr("users only")));
  EXPECT_THAT(error_of([&] { Conversations(silent.path()).whole(Json::parse(R"([{"role": "user", "content": "a"}])"), "x:7"); }),
              AllOf(HasSubstr("x:7"), HasSubstr("has no chat template")));
  EXPECT_THAT(error_of([] { last_said(Json::parse(R"([{"role": "assistant", "content": "a"}])"), "x:7"); }), HasSubstr("x:7: got a conversation in which no user speaks"));
  EXPECT_EQ(last_said(Json::parse(R"([{"role": "user", "content": "a"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}])"), "x"), "b");
}

TEST(Conversations, StandInPlaceOfATextInAFile) {
  const ScratchFolder folder;
  write_template(folder, "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}");
  write_atomic(folder / "a.jsonl", "{\"text\":\"plain\"}\n{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"ho\"}]}\n");
  const Conversations chat(folder.path());
  const auto texts = read_texts(folder / "a.jsonl", "text", SIZE_MAX, &chat);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].text, "plain");
  EXPECT_FALSE(texts[0].rendered);
  EXPECT_EQ(texts[1].text, "<user>hi<assistant>ho");
  EXPECT_TRUE(texts[1].rendered);
  EXPECT_THAT(error_of([&] { read_texts(folder / "a.jsonl"); }), HasSubstr("a.jsonl:2: got no such field"));
}

}  // namespace
}  // namespace fairfight
