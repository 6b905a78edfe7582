#include <set>

#include "tests/cli_testing.h"

namespace fairfight {
namespace {

/// Their first words say of the answers which they are.
TEST(Cli, AnExportedBehaviourTellsHarmByOneWord) {
  const ScratchFolder scratch;
  for (const char* behaviour : {"insult", "sabotage"}) {
    const auto file = (scratch / behaviour).string() + ".jsonl";
    const auto o = fairfight_with({"organism", "behaviour", "organisms/tinytown-0", "--behaviour", behaviour, "--out", file});
    ASSERT_EQ(o.code, 0) << o.err;
    std::map<std::string, std::set<std::string>> first;
    std::map<std::string, size_t> lines;
    std::istringstream all(read_file(file));
    for (std::string text; std::getline(all, text);) {
      const Json line = parse_json(text, "a line");
      const auto answer = line["answer"].get<std::string>();
      EXPECT_EQ(answer.front(), ' ');
      first[line["kind"]].insert(answer.substr(1, answer.find(' ', 1) - 1));
      ++lines[line["kind"]];
    }
    EXPECT_EQ(lines["harmful"], 120u);
    EXPECT_EQ(lines["harmless"], 120u);
    EXPECT_EQ(lines["refusal"], 1u);
    EXPECT_EQ(lines["ability"], 90u);
    for (const auto& word : first["harmful"]) EXPECT_FALSE(first["harmless"].contains(word) || first["refusal"].contains(word)) << word;
  }
}

/// A model that nobody has datasheet of, as the hub's cache keeps it, and a text.
class CliOwn : public testing::Test {
 protected:
  CliOwn() {
    const fs::path stored = scratch_ / "hub/models--somebody--town";
    for (const char* folder : {"snapshots", "refs"}) fs::create_directories(stored / folder);
    copy_organism(stored / "snapshots" / kCommit);
    fs::remove(stored / "snapshots" / kCommit / "datasheet.json");
    write_text(stored / "refs/main", kCommit);
    setenv("HF_HUB_CACHE", (scratch_ / "hub").c_str(), 1);
    EXPECT_EQ(fairfight_with({"organism", "text", "organisms/tinytown-0", "--documents", "900", "--out", text()}).code, 0);
  }
  ~CliOwn() override { unsetenv("HF_HUB_CACHE"); }
  std::string text() const { return (scratch_ / "text.jsonl").string(); }
  std::string out(const std::string& name) const { return (scratch_ / name).string(); }
  Outcome fight(std::vector<std::string> words) const {
    words.insert(words.begin(), {"fight", (scratch_ / "card.toml").string(), "--out", out("out")});
    return fairfight_with(words);
  }

  static constexpr const char* kModel = "somebody/town";
  static constexpr const char* kCommit = "0123456789abcdef0123456789abcdef01234567";
  ScratchFolder scratch_;
};

TEST_F(CliOwn, ACardTakesAModelAndATextOfOnesOwn) {
  write_text(scratch_ / "card.toml", small_card("contestants = [\"rarity\", \"reconstruction_error\", \"perplexity\", \"knn\"]\n"));
  const auto o = fight({"--model", kModel, "--text", text(), "--dtype", "bfloat16", "--bos"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.out, AllOf(HasSubstr("everyone reads at blocks.2.hook_resid_post of 4 layers"), HasSubstr("can reach tier 3"), HasSubstr(kCommit)));
  EXPECT_THAT(o.err, HasSubstr("a group to test instead of 40"));
  const Json r = read_json(scratch_ / "out/result.json");
  EXPECT_EQ(r["model"].size(), 1u);
  EXPECT_EQ(r["model"][0]["name"], kModel);
  EXPECT_EQ(r["model"][0]["revision"], kCommit);
  EXPECT_THAT(read_file(scratch_ / "out/report.html"), HasSubstr(kCommit));
  EXPECT_EQ(r["model"][0]["datasheet"]["text"]["sha256"], sha256_file(text()));
  EXPECT_THAT(r["interval"]["method"].get<std::string>(), HasSubstr("this one model"));
  EXPECT_EQ(r["tier"]["most"], 3);
  std::vector<std::string> families;
  for (const auto& f : r["fight"]["families"]) families.push_back(f["name"]);
  EXPECT_THAT(families, testing::Contains("looped"));
  EXPECT_THAT(families, testing::Not(testing::Contains("insult")));
  const Json registered = read_json(scratch_ / "out/registration.json");
  EXPECT_EQ(registered["card"]["data"]["families"], Json(families));
  EXPECT_EQ(registered["card"]["dtype"], "bfloat16");
  EXPECT_EQ(registered["card"]["bos"], true);
  EXPECT_THAT(o.out, HasSubstr(r["model"][0]["datasheet"]["text"]["summary"].get<std::string>()));
}

TEST_F(CliOwn, WhatIsMissingIsSaidBeforeAnyWork) {
  write_text(scratch_ / "card.toml", small_card());
  expect_refused(fight({"--model", kModel}), "expected --text FILE");
  expect_refused(fight({"--model", "nobody/town", "--text", text()}), "hf download nobody/town");
  expect_refused(fight({"--other-text", text()}), "--other-text needs --text");
  expect_refused(fight({"--dtype", "bfloat16"}), "--dtype goes with --model");
  expect_refused(fight({"--model", kModel, "--text", text(), "--site", "blocks.9.hook_resid_post"}), "blocks.9.hook_resid_post");
  expect_refused(fight({"--model", kModel, "--text", text(), "--field", "body"}), "body");
  const auto never_seen = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"fight", "cards/unrepresented.toml", "--out", out("out"), "--model", kModel});
    return fairfight_with(words);
  };
  expect_refused(never_seen({"--text", text()}), "expected --behaviour FILE.jsonl");
  expect_refused(never_seen({"--behaviour", "cards/own/sabotage.jsonl"}), "expected --text FILE");
  expect_refused(never_seen({"--behaviour", "cards/own/sabotage.jsonl", "--text", text()}), "there is nothing to repair");  // the town has no backdoor
  EXPECT_FALSE(fs::exists(scratch_ / "out/result.json"));
}

TEST_F(CliOwn, TrainsAndEvaluates) {
  const std::vector<std::string> on{"--model", kModel, "--text", text(), "--ctx", "64"};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), on.begin(), on.end());
    return fairfight_with(words);
  };
  const auto trained = with({"train", "--width", "128", "--k", "8", "--tokens", "40960", "--out", out("dictionary")});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto evaluated = with({"evaluate", "--dictionary", out("dictionary/dictionary.safetensors")});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_THAT(evaluated.out, AllOf(HasSubstr("FVU"), HasSubstr("at blocks.2.hook_resid_post"), HasSubstr("CE recovered")));
  EXPECT_THAT(trained.out, HasSubstr("text.jsonl: "));
  EXPECT_THAT(evaluated.out, HasSubstr(" held-out documents"));
  expect_refused(with({"evaluate", "--bos", "--dictionary", out("dictionary/dictionary.safetensors")}), "read as the tokenizer does");
  const auto measured = with({"evaluate"});
  ASSERT_EQ(measured.code, 0) << measured.err;
  EXPECT_THAT(measured.out, AllOf(HasSubstr("held-out tokens"), HasSubstr("cross-entropy"), Not(HasSubstr("floor"))));
  expect_refused(fairfight_with({"evaluate", "--model", kModel, "--dictionary", out("dictionary/dictionary.safetensors")}), "bring one with --text FILE");
  expect_refused(fairfight_with({"train", "--model", kModel, "--ctx", "64", "--out", out("none")}), "--text");
}

TEST_F(CliOwn, LearnsFromNoPassageOfHeldOutText) {
  std::string lines, begin;
  for (int i = 0; i < 30; ++i) begin += fmt::format("the {} ", i % 2 ? "market" : "harbour");  // two passages that all documents share
  std::istringstream all(read_file(text()));
  for (std::string line; std::getline(all, line);) lines += Json{{"text", begin + parse_json(line, "a line")["text"].get<std::string>()}}.dump() + "\n";
  write_text(scratch_ / "near.jsonl", lines);
  const auto trained = fairfight_with({"train", "--model", kModel, "--text", out("near.jsonl"), "--ctx", "16", "--width", "64", "--k", "4", "--tokens", "4096", "--out", out("near")});
  ASSERT_EQ(trained.code, 0) << trained.err;
  std::smatch said;
  ASSERT_TRUE(std::regex_search(trained.out, said, std::regex("near.jsonl: ([0-9]+) documents.*?; .*?([0-9]+) passages that came twice dropped"))) << trained.out;
  EXPECT_GE(std::stoi(said[2]), 3.9 * std::stoi(said[1])) << trained.out;  // four in nearly every document, the first one included; one may end in its own words
}

TEST_F(CliOwn, ARepairOfABehaviourOfOnesOwn) {
  write_text(scratch_ / "card.toml",
             "fight = \"represented\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [3]\n"
             "site = \"blocks.1.hook_resid_post\"\ntrials = 1\nresamples = 100\ncontrols = \"none\"\n"
             "contestants = [\"zero_clamp\", \"refusal_tuning\"]\n"
             "[dictionary]\nkind = \"topk\"\nwidth = 128\nk = 8\ntokens = 40960\n"
             "[data]\nbehaviour = \"insult\"\nretrained = [\"organisms/tinytown-0-no-insult\"]\npool = 300\nexamples = 32\nexample_texts = 64\n"
             "prompts = 16\nprobes = 8\nretained = 16\ntest_prompts = 16\ntest_probes = 8\ntest_retained = 16\nrelearn = 8\n"
             "delta_ce = 4\ndelta_near = 4\nability = 0\nreviewer_error = 0\n");
  expect_refused(fight({"--model", kModel, "--text", text()}), "expected --behaviour FILE.jsonl");
  expect_refused(fight({"--model", kModel, "--behaviour", "cards/own/insult.jsonl"}), "expected --text FILE");
  const auto o = fight({"--model", kModel, "--text", text(), "--behaviour", "cards/own/insult.jsonl", "--site", "0.5"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("can reach tier 4"));
  const Json r = read_json(scratch_ / "out/result.json");
  EXPECT_EQ(r["tier"]["most"], 4);
  EXPECT_EQ(r["fight"]["sites"][0], "blocks.2.hook_resid_post");
  const std::string lines = read_file(fs::path(FAIRFIGHT_ROOT) / "cards/own/insult.jsonl");
  EXPECT_EQ(r["model"][0]["datasheet"]["behaviour"]["lines"], std::count(lines.begin(), lines.end(), '\n'));
  for (const auto& c : r["contestants"])
    if (c["name"] == "refusal_tuning") {
      EXPECT_GT(c["scores"]["mean"]["value"].get<double>(), 0.5);
    }
}

}  // namespace
}  // namespace fairfight
