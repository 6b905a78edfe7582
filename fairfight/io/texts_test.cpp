#include "fairfight/io/texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> read(TextFormat format, const std::string& bytes, std::string_view field = "text", size_t at_most = SIZE_MAX) {
  std::istringstream in(bytes);
  std::vector<std::string> texts;
  for (auto& text : read_texts(in, format, "x", field, at_most)) texts.push_back(std::move(text.text));
  return texts;
}
std::vector<std::string> texts_of(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  for (auto& text : read_texts(path)) texts.push_back(std::move(text.text));
  return texts;
}
std::string error(TextFormat format, const std::string& bytes, std::string_view field = "text") {
  return error_of([&] { read(format, bytes, field); });
}
constexpr auto kPlain = TextFormat::plain, kLines = TextFormat::json_lines, kCsv = TextFormat::csv;

TEST(Texts, APlainFileIsOneTextToTheByte) {
  EXPECT_THAT(read(kPlain, "one\n\n two\r\n"), ElementsAre("one\n\n two\r\n"));
  EXPECT_THAT(read(kPlain, "\xef\xbb\xbfGröße"), ElementsAre("Größe"));
  EXPECT_THAT(read(kPlain, "\n"), ElementsAre("\n"));
  EXPECT_EQ(error(kPlain, ""), "[texts] x: got no text, expected one at least");
  EXPECT_THAT(error(kPlain, "good\nbad \xff\n"), HasSubstr("[texts] x:2: got bytes that are not UTF-8"));
  EXPECT_THAT(error(kPlain, std::string("\xff\xfe"
                                        "a\0",
                                        4)),
              HasSubstr("x:1: got bytes that are not UTF-8 but UTF-16 by their mark, expected UTF-8; convert the file (iconv -f UTF-16 -t UTF-8)"));
}

TEST(Texts, JsonLinesAreTheStringOfAField) {
  const std::string lines = "\xef\xbb\xbf{\"text\":\"a\\nb\",\"n\":1}\r\n\n \t\r\n{\"other\":[{}],\"text\":\"\"}\n{\"text\":\"\\ud83d\\ude00\",\"title\":\"t\"}";
  EXPECT_THAT(read(kLines, lines), ElementsAre("a\nb", "", "😀"));
  EXPECT_THAT(read(kLines, "{\"a\":\"1\",\"b\":\"2\"}\n{\"b\":\"3\"}", "b"), ElementsAre("2", "3"));
}

TEST(Texts, AJsonListIsReadByItsItems) {
  EXPECT_THAT(read(kLines, "\n [\n{\"text\":\"a\"},\r\n {\"text\":\n\"b\"}]\n"), ElementsAre("a", "b"));
  EXPECT_THAT(read(kLines, "[{\"text\":\"a\"},{\"text\":\"b\"}]", "text", 1), ElementsAre("a"));
  EXPECT_THAT(error(kLines, "[{\"text\":\"a\"},\n{\"other\":\"b\"}]"), HasSubstr("x: item 2: got no such field"));
  EXPECT_THAT(error(kLines, "[{\"text\":\"a\"}, 1]"), HasSubstr("x: item 2: got a JSON value that is no object"));
  EXPECT_THAT(error(kLines, "[]"), HasSubstr("got no text"));
  EXPECT_THAT(error(kLines, "[{\"text\":\"a\"}]\n{\"text\":\"b\"}"), HasSubstr("x: "));
}

TEST(Texts, OldMacsEndLinesWithACarriageReturn) {
  EXPECT_THAT(read(kCsv, "n,text\r1,a\r2,\"b\rc\"\r"), ElementsAre("a", "b\rc"));
  EXPECT_THAT(read(kCsv, "n,text\r1,a\r2,b"), ElementsAre("a", "b"));
  EXPECT_THAT(read(kLines, "{\"text\":\"a\"}\r{\"text\":\"b\"}\r"), ElementsAre("a", "b"));
  EXPECT_THAT(error(kCsv, "n,text\r1,a\r2"), HasSubstr("x:3: got 1 values"));
  EXPECT_THAT(read(kPlain, "a\rb\r"), ElementsAre("a\rb\r"));
}

TEST(Texts, ABadJsonLineIsNamed) {
  const std::string good = "{\"text\":\"a\"}\n\n";
  EXPECT_EQ(error(kLines, good + "{\"title\":\"a\",\"n\":1}"), "[texts] x:3: got no such field, expected a string \"text\"; name another field (its strings: title)");
  EXPECT_THAT(error(kLines, good + "{\"text\":1}"), AllOf(HasSubstr("x:3: got another kind of value"), HasSubstr("expected a string \"text\"")));
  EXPECT_THAT(error(kLines, good + "\"a\""), HasSubstr("x:3: got a JSON value that is no object"));
  EXPECT_THAT(error(kLines, good + "{\"text\":\"a"), HasSubstr("x:3: "));
  EXPECT_THAT(error(kLines, good + "{\"text\":\"a\"} x"), HasSubstr("x:3: "));
  EXPECT_THAT(error(kLines, good + "{\"text\":\"a\",\"text\":\"b\"}"), HasSubstr("twice"));
  EXPECT_THAT(error(kLines, good + "{\"text\":\"\xc3\"}"), HasSubstr("x:3: got bytes that are not UTF-8"));
  EXPECT_THAT(error(kLines, good + "{\"text\":\"\\ud800\"}"), HasSubstr("x:3: "));
  EXPECT_THAT(error(kLines, good + std::string(1'000'000, '[')), HasSubstr("x:3: nested deeper"));
  EXPECT_THAT(error(kLines, "\n\n"), HasSubstr("got no text"));
}

/// The values that Python's csv module reads of the same bytes (newline='', strict=True).
TEST(Texts, CsvIsThatOfRfc4180) {
  const std::string table =
      "id,\"text\",\"a \"\"b\"\"\"\r\n"
      "1,plain,\r\n"
      "\r\n"
      "2,\"a, \"\"quoted\"\"\r\n\ntext\",x\r\n"
      "3,\"\",y\n"
      "4, Größe ,z";
  EXPECT_THAT(read(kCsv, table), ElementsAre("plain", "a, \"quoted\"\r\n\ntext", "", " Größe "));
  EXPECT_THAT(read(kCsv, table, "id"), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(read(kCsv, table, "a \"b\""), ElementsAre("", "x", "y", "z"));
  EXPECT_THAT(read(kCsv, "\xef\xbb\xbftext\nalone\n\"\"\n"), ElementsAre("alone", ""));
}

TEST(Texts, ABadRecordIsNamed) {
  EXPECT_EQ(error(kCsv, "id,title\n1,a\n"), "[texts] x:1: got the columns id, title, expected one \"text\"; name another field");
  EXPECT_THAT(error(kCsv, "text,text\na,b\n"), HasSubstr("expected one \"text\""));
  EXPECT_THAT(error(kCsv, "id,text\n1,a, b\n"), HasSubstr("x:2: got 3 values, expected 2"));
  EXPECT_THAT(error(kCsv, "id,text\n1\n"), HasSubstr("x:2: got 1 values, expected 2"));
  EXPECT_THAT(error(kCsv, "id,text\n1,\"a\n2,b\n"), HasSubstr("x:3: got a quoted value that begins in line 2 and never ends"));
  EXPECT_THAT(error(kCsv, "text\na\"b\n"), HasSubstr("x:2: got a quote inside"));
  EXPECT_THAT(error(kCsv, "text\n\"a\"b\n"), HasSubstr("x:2: got a quote inside"));
  EXPECT_THAT(error(kCsv, "text\na\n\xe9\n"), HasSubstr("x:3: got bytes that are not UTF-8"));
  EXPECT_THAT(error(kCsv, ""), HasSubstr("expected one \"text\""));
  EXPECT_THAT(error(kCsv, "text\n"), HasSubstr("got no text"));
}

TEST(Texts, EndsBehindTheLastThatIsAskedFor) {
  EXPECT_THAT(read(kLines, "{\"text\":\"a\"}\n{\"text\":\"b\"}\nbroken", "text", 2), ElementsAre("a", "b"));
  EXPECT_THAT(read(kCsv, "text\na\nb\nc,d", "text", 2), ElementsAre("a", "b"));
  EXPECT_TRUE(read(kCsv, "text\na\n", "text", 0).empty());
}

TEST(Texts, AFileIsReadByItsEnding) {
  const ScratchFolder folder;
  const auto file = [&](const char* name, std::string_view bytes) {
    write_atomic(folder / name, bytes);
    return folder / name;
  };
  EXPECT_THAT(texts_of(file("a.txt", "{\"text\":\"a\"}")), ElementsAre("{\"text\":\"a\"}"));
  EXPECT_THAT(texts_of(file("a.jsonl", "{\"text\":\"a\"}")), ElementsAre("a"));
  EXPECT_THAT(texts_of(file("a.csv", "b,text\n1,a")), ElementsAre("a"));
  const auto refusal = [](const std::filesystem::path& path) { return error_of([&] { read_texts(path); }); };
  EXPECT_THAT(texts_of(file("a.json", "[{\"text\":\"a\"},\n{\"text\":\"b\"}]")), ElementsAre("a", "b"));
  EXPECT_THAT(refusal(file("a.xml", "")), HasSubstr("got the ending \".xml\", expected .txt, .jsonl (JSON Lines), .json (a list of objects) or .csv"));
  EXPECT_THAT(refusal(file("pointer.jsonl", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n")), AllOf(HasSubstr("pointer.jsonl"), HasSubstr("git lfs pull")));
  EXPECT_THAT(refusal(folder / "none.txt"), HasSubstr("none.txt: No such file"));
  std::filesystem::create_directory(folder / "folder.txt");
  EXPECT_THAT(refusal(folder / "folder.txt"), HasSubstr("got a folder"));

  std::vector<std::string> seen;
  read_json_lines(file("b.jsonl", "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n"), [&](const Json& object, const std::string& where) {
    seen.push_back(where.substr(where.rfind('/') + 1) + " " + object["a"].dump());
    return seen.size() < 2;
  });
  EXPECT_THAT(seen, ElementsAre("b.jsonl:1 1", "b.jsonl:3 2"));
}

}  // namespace
}  // namespace fairfight
