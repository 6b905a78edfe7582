#include <functional>

#include "fairfight/io/cost_testing.h"
#include "fairfight/io/hostile_testing.h"
#include "fairfight/io/tokenizer.h"

namespace fairfight {
namespace {

std::string tokenizer_json(const std::string& vocab, const std::string& added = "") {
  return R"({"version":"1.0","added_tokens":[)" + added + R"(],"pre_tokenizer":{"type":"WhitespaceSplit"},)" +
         R"("model":{"type":"WordLevel","unk_token":"u","vocab":)" + vocab + "}}";
}

std::string with_part(const std::string& part) {
  return R"({"version":"1.0","added_tokens":[],"model":{"type":"WordLevel","unk_token":"u","vocab":{"a":0}},)" + part + "}";
}

std::string bpe_json(const std::string& vocab, const std::string& merges) {
  return R"({"version":"1.0","model":{"type":"BPE","vocab":)" + vocab + R"(,"merges":)" + merges + "}}";
}

std::string added_token(const std::string& id, const std::string& content) {
  return fmt::format(
      R"({{"id":{},"content":"{}","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}})",
      id, content);
}

class HostileTokenizer : public HostileTest {};
TEST_P(HostileTokenizer, IsRefused) {
  ASSERT_EQ(Tokenizer::parse(tokenizer_json(R"({"a":0,"<e>":1})", added_token("1", "<e>")), "x").size(), 2u);
  ASSERT_EQ(Tokenizer::parse(bpe_json(R"({"a":0,"b":1,"ab":2})", R"(["a b"])"), "x").encode("ab").size(), 1u);
  expect_refused("tokenizer.json", [](const std::filesystem::path& path) { Tokenizer{path}; });
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileTokenizer,
    testing::Values(
        Hostile{"Empty", ""}, Hostile{"List", "[]"}, Hostile{"NoWords", tokenizer_json("{}")},
        Hostile{"WordsAreAList", tokenizer_json(R"(["a","b"])")},
        Hostile{"IdTwice", tokenizer_json(R"({"a":0,"b":0})"), "\"b\""},
        Hostile{"WordTwice", tokenizer_json(R"({"a":0,"a":1})"), "\"a\""},
        Hostile{"IdFarAway", tokenizer_json(R"({"a":0,"b":2000000})"), "\"b\""},
        Hostile{"HugeId", tokenizer_json(R"({"a":18446744073709551615})"), "\"a\""},
        Hostile{"IdWrapsTo0", tokenizer_json(R"({"a":4294967296})"), "\"a\""},
        Hostile{"NegativeId", tokenizer_json(R"({"a":-1})"), "\"a\""},
        Hostile{"FractionalId", tokenizer_json(R"({"a":0.0})"), "\"a\""},
        Hostile{"EmptyAddedToken", tokenizer_json(R"({"":0,"a":1})", added_token("0", "")), "added token"},
        Hostile{"AddedTokenElsewhere", tokenizer_json(R"({"a":0,"b":1})", added_token("1", "a")), "\"a\""},
        Hostile{"AddedTokenOutside", tokenizer_json(R"({"a":0})", added_token("9", "<e>")), "\"<e>\""},
        Hostile{"AddedTokenInAHole", tokenizer_json(R"({"a":0,"b":2})", added_token("1", "<e>")), "\"<e>\""},
        Hostile{"AddedTokenTwice", tokenizer_json(R"({"a":0})", added_token("0", "a") + "," + added_token("0", "a")),
                "\"a\""},
        Hostile{"AddedTokenNegative", tokenizer_json(R"({"a":0})", added_token("-1", "a"))},
        Hostile{"AddedTokenIsText", tokenizer_json(R"({"a":0})", R"("a")")},
        Hostile{"MergeOfWhatIsNotThere", bpe_json(R"({"a":0})", R"(["a b"])"), "\"b\""},
        Hostile{"MergeToWhatIsNotThere", bpe_json(R"({"a":0,"b":1})", R"(["a b"])"), "\"ab\""},
        Hostile{"MergeOfThree", bpe_json(R"({"a":0,"b":1,"ab":2})", R"(["a b a"])"), "merge 0"},
        Hostile{"MergeIsANumber", bpe_json(R"({"a":0})", "[1]"), "merges"},
        Hostile{"NoMerges", R"({"version":"1.0","model":{"type":"BPE","vocab":{"a":0}}})", "merges"},
        Hostile{"NoModel", R"({"version":"1.0","added_tokens":[]})", "model"},
        Hostile{"ModelIsAList", R"({"version":"1.0","model":[]})", "model"},
        Hostile{"PartTwice", with_part(R"("decoder":null,"decoder":null)"), "decoder"},
        Hostile{"PartIsAText", with_part(R"("decoder":"ByteLevel")"), "decoder"},
        Hostile{"PartWithoutType", with_part(R"("normalizer":{})"), "type"},
        Hostile{"DeepPart", with_part(R"("normalizer":)" + std::string(100'000, '[')), "levels"},
        Hostile{"HugePart", with_part(R"("normalizer":")" + std::string(3'000'000, 'a') + "\""), "bytes"},
        Hostile{"PartInAPart",
                with_part(R"("decoder":{"type":"Sequence","decoders":[{"type":"Sequence","decoders":[{"type":"CTC"}]}]})"),
                "CTC"},
        Hostile{"TooManyParts",
                with_part(R"("decoder":{"type":"Sequence","decoders":[)" +
                          [] {
                            std::string many = R"({"type":"Fuse"})";
                            for (int i = 0; i < 100; ++i) many += R"(,{"type":"Fuse"})";
                            return many;
                          }() +
                          "]}"),
                "decoders"},
        Hostile{"TextBehind", tokenizer_json(R"({"a":0})") + "{}", "nothing more"}),
    name_of_hostile);

/// tokenizer.json files of some 30 MB, as large as real ones get: what is refused costs little, and so does what is right.
std::string filled(const std::string& start, const std::function<std::string(size_t)>& unit, const std::string& end) {
  std::string text = start;
  for (size_t i = 0; text.size() < 30'000'000; ++i) text += (i ? "," : "") + unit(i);
  return text + end;
}

class HugeTokenizers : public testing::TestWithParam<Huge> {};
TEST_P(HugeTokenizers, CostLittle) {
  const ScratchFolder folder;
  const std::filesystem::path path = folder / "tokenizer.json";
  write_atomic(path, GetParam().text());
  // beside the file the tables of merges, whose number is limited
  expect_little(path, [&] { Tokenizer{path}; }, GetParam().says, {.mb = 80, .seconds = 3});
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HugeTokenizers,
    testing::Values(
        Huge{"Deep", [] { return std::string(30'000'000, '['); }, "an object"},
        Huge{"DeepModel", [] { return R"({"version":"1.0","model":)" + std::string(30'000'000, '['); }, "64 levels"},
        Huge{"OnePiece", [] { return tokenizer_json("{\"" + std::string(30'000'000, 'a') + "\":0}"); }, ""},
        Huge{"OneUnknownKey", [] { return "{\"" + std::string(30'000'000, 'a') + "\":0}"; }, "version"},
        Huge{"Words",
             [] {
               return filled(R"({"version":"1.0","model":{"type":"WordLevel","unk_token":"u","vocab":{)", [](size_t i) { return fmt::format("\"piece number {}\":{}", i, i); }, "}}}");
             },
             ""},
        Huge{"PiecesWithScores",
             [] {
               return filled(R"({"version":"1.0","model":{"type":"Unigram","unk_id":0,"vocab":[)", [](size_t i) { return fmt::format("[\"piece {}\",-10.123456789012345]", i); }, "]}}");
             },
             ""},
        Huge{"Merges",
             [] {
               return filled(R"({"version":"1.0","model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[)", [](size_t) { return std::string("\"a b\""); }, "]}}");
             },
             "merges"},
        Huge{"AddedTokens",
             [] {
               return filled(
                   R"({"version":"1.0","model":{"type":"WordLevel","unk_token":"u","vocab":{"a":0}},"added_tokens":[)",
                   [](size_t i) { return added_token(std::to_string(i + 1), fmt::format("<{}>", i)); }, "]}");
             },
             "added tokens"}),
    name_of_huge);

}  // namespace
}  // namespace fairfight
