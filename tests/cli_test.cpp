#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"
#include "fairfight/base/random.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/safetensors.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf, testing::HasSubstr, testing::Not;

struct Outcome {
  int code;          // exit code; 128 + signal for a killed process
  std::string out, err;
  double peak = 0;  // MB of memory
};

struct Limits {
  uint64_t file_bytes = 0;                 // RLIMIT_FSIZE; 0: none
  std::chrono::milliseconds interrupt{0};  // when to send a signal; 0: never
  int signal = SIGINT;
  std::string binary = FAIRFIGHT_BINARY;
  std::vector<int> closed = {};     // descriptors that it starts without
  std::string out_to = "", err_to = "";  // instead of files that the outcome holds
};

/// Runs the program as a user would, in another folder than its own.
Outcome fairfight_with(std::vector<std::string> words, const Limits& limits = {}) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string(), err = (scratch / "err").string();
  const pid_t child = fork();
  if (child == 0) {
    const auto& out_to = limits.out_to.empty() ? out : limits.out_to;
    const auto& err_to = limits.err_to.empty() ? err : limits.err_to;
    if (!freopen(out_to.c_str(), "w", stdout) || !freopen(err_to.c_str(), "w", stderr) || chdir("/") != 0) _exit(99);
    for (int fd : limits.closed) close(fd);
    if (limits.file_bytes > 0) {
      const rlimit limit{limits.file_bytes, limits.file_bytes};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> arguments{const_cast<char*>(limits.binary.c_str())};
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(limits.binary.c_str(), arguments.data());
    _exit(98);
  }
  if (limits.interrupt.count() > 0) {
    std::this_thread::sleep_for(limits.interrupt);
    kill(child, limits.signal);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  const auto text = [](const std::string& path) { return fs::exists(path) ? read_file(path) : ""; };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text(out), text(err), double(used.ru_maxrss) * 1024 / 1e6};
}

/// Bad input: exit code 2 and one line on stderr, behind what the progress may have said.
void expect_refused(const Outcome& o, const std::string& says) {
  EXPECT_EQ(o.code, 2) << o.err;
  const size_t begin = o.err.find("fairfight: ");
  ASSERT_NE(begin, std::string::npos) << o.err;
  const std::string complaint = o.err.substr(begin);
  EXPECT_THAT(complaint, HasSubstr(says));
  EXPECT_EQ(complaint.find('\n'), complaint.size() - 1) << o.err;
}

fs::path organism() { return fs::path(FAIRFIGHT_ROOT) / "organisms/tinytown-0"; }

void copy_organism(const fs::path& into) { fs::copy(organism(), into, fs::copy_options::recursive); }

void write_text(const fs::path& path, const std::string& text) { write_atomic(path, text); }

/// A small card of the anomaly fight: seconds instead of minutes.
std::string small_card(const std::string& extra = "") {
  return "fight = \"anomaly\"\nmodels = [\"organisms/tinytown-0-backdoored\"]\nseeds = [0]\ndictionary_seeds = [0, 1]\n"
         "site = \"blocks.2.hook_resid_post\"\ntrials = 2\nresamples = 100\n" +
         extra +
         "[dictionary]\nkind = \"topk\"\nwidth = 128\nk = 8\ntokens = 81920\n"
         "[data]\npool = 600\nvalidation = 30\ncalibration = 50\nlabelled = 20\ntest = 40\n"
         "families = [\"spliced\", \"insult\", \"trigger\"]\nvalidation_families = [\"doubled\"]\n";
}

Json without_timing(Json json) {
  if (json.is_object()) json.erase("timing");
  for (auto& child : json)
    if (child.is_structured()) child = without_timing(child);
  return json;
}

TEST(Cli, HelpOfEveryVerbHasAnExample) {
  for (const char* verb : {"demo", "fight", "fights", "contestants", "models", "inspect", "tokens", "train", "evaluate", "generate", "perplexity", "apply", "judge", "report"}) {
    const auto o = fairfight_with({verb, "--help"});
    EXPECT_EQ(o.code, 0);
    EXPECT_THAT(o.out, HasSubstr(std::string("Example:  fairfight ") + verb)) << verb;
  }
  EXPECT_THAT(fairfight_with({"organism", "build", "--help"}).out, HasSubstr("Example:  fairfight organism build"));
  EXPECT_THAT(fairfight_with({"--help"}).out, HasSubstr("fairfight demo"));
}

/// Finite weights whose products overflow.
void make_overflow(const fs::path& model) {
  const SafetensorsFile file(model / "model.safetensors");
  std::string bytes = read_file(file.path());
  for (const char* name : {"model.layers.1.self_attn.v_proj.weight", "model.layers.1.self_attn.o_proj.weight"}) {
    const TensorInfo& tensor = file.find(name);
    for (uint64_t at = tensor.begin; at < tensor.end; at += 2) bytes.replace(file.header().data_start + at, 2, std::string("\x00\x7e", 2));  // 4e37 in bfloat16
  }
  write_atomic(file.path(), bytes);
}

TEST(Cli, EveryVerbRefusesAModelWhoseNumbersOverflow) {
  const ScratchFolder scratch;
  const auto model = (scratch / "model").string(), text = (fs::path(FAIRFIGHT_ROOT) / "cards/own/town.jsonl").string(), out = (scratch / "out").string();
  copy_organism(model);
  make_overflow(model);
  fs::remove(fs::path(model) / "datasheet.json");
  const std::vector<std::vector<std::string>> verbs{{"perplexity", model, "--text", text},
                                                    {"evaluate", "--model", model, "--text", text},
                                                    {"generate", model, "--prompt", "where"},
                                                    {"train", "--model", model, "--text", text, "--kind", "kmeans", "--width", "16", "--out", out},
                                                    {"train", "--model", model, "--text", text, "--width", "16", "--k", "4", "--out", out}};
  for (const auto& verb : verbs) expect_refused(fairfight_with(verb), "got a NaN or an infinity");
  EXPECT_FALSE(fs::exists(out + "/dictionary.safetensors"));
}

/// What a folder says besides is noted once, on stderr, and by `inspect`.
TEST(Cli, NotesWhatChangesNothing) {
  const ScratchFolder scratch;
  const auto model = (scratch / "model").string();
  copy_organism(model);
  Json config = read_json(fs::path(model) / "config.json");
  config["unsloth_version"] = "2025.1";
  config["quantization_config"] = nullptr;
  write_atomic(fs::path(model) / "config.json", dump_json(config));
  const auto o = fairfight_with({"generate", model, "--prompt", "where", "--tokens", "1"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.err, HasSubstr("1 key of config.json that transformers does not read for a llama changes nothing: unsloth_version"));
  EXPECT_EQ(o.err.find("note:"), o.err.rfind("note:"));
  EXPECT_THAT(fairfight_with({"inspect", model}).out, HasSubstr("note      1 key of config.json"));
  config["rope_interleaved"] = true;
  write_atomic(fs::path(model) / "config.json", dump_json(config));
  expect_refused(fairfight_with({"inspect", model}), "rope_interleaved");
}

TEST(Cli, ALoraBesideTheWeightsIsPartOfTheModel) {
  const ScratchFolder scratch;
  const fs::path data(FAIRFIGHT_TEST_DATA), model = scratch / "model";
  fs::create_directories(model);
  for (const char* file : {"config.json", "model.safetensors"}) fs::copy_file(data / "parity/llama_grouped" / file, model / file);
  EXPECT_THAT(fairfight_with({"inspect", model.string()}).out, Not(HasSubstr("adapter")));
  for (const char* file : {"adapter_config.json", "adapter_model.safetensors"}) fs::copy_file(data / "adapters/some_layers" / file, model / file);
  EXPECT_THAT(fairfight_with({"inspect", model.string()}).out, HasSubstr("a LoRA of 2 maps and 0 whole tensors, added to the weights"));
  fs::remove(model / "adapter_model.safetensors");
  expect_refused(fairfight_with({"inspect", model.string()}), "pickled adapters");
}

TEST(Cli, SaysWhatAModelIsAndReads) {
  EXPECT_THAT(fairfight_with({"models"}).out, AllOf(HasSubstr("gpt_neox"), HasSubstr("Qwen3ForCausalLM")));
  const auto about = fairfight_with({"inspect", "organisms/tinytown-0"}).out;
  EXPECT_THAT(about, AllOf(HasSubstr("LlamaForCausalLM"), HasSubstr("4 layers"), HasSubstr("679 pieces")));
  EXPECT_THAT(about, Not(HasSubstr("blocks.3.hook_resid_post")));
  EXPECT_THAT(fairfight_with({"inspect", "organisms/tinytown-0", "--sites"}).out, HasSubstr("blocks.3.hook_resid_post"));
  const auto o = fairfight_with({"tokens", "organisms/tinytown-0", "where does"});
  EXPECT_THAT(o.out, AllOf(HasSubstr("3 tokens"), HasSubstr("decoded: <bos> where does")));  // as its tokenizer begins a text
  EXPECT_EQ(fairfight_with({"tokens", "organisms/tinytown-0", "where does", "--bos"}).out, o.out);
  const auto several = fairfight_with({"tokens", "organisms/tinytown-0", "where does", "", "the"});
  EXPECT_EQ(std::count(several.out.begin(), several.out.end(), '\n'), 3) << several.out << several.err;
  EXPECT_THAT(several.out, AllOf(testing::StartsWith("{\"ids\":["), HasSubstr("\"pieces\":[\"<bos>\",\"where\",\"does\"]}\n{\"ids\":[1],\"pieces\":[\"<bos>\"]}\n{")));
  expect_refused(fairfight_with({"tokens", "organisms/tinytown-0"}), "expected either texts or --text FILE");
  // an option of all verbs: the engine has this verb, too
  EXPECT_EQ(fairfight_with({"tokens", "organisms/tinytown-0", "where does", "--threads", "1"}).out, o.out);
  expect_refused(fairfight_with({"tokens", "organisms/tinytown-0", "\xff"}), "no UTF-8");
  expect_refused(fairfight_with({"inspect", "no/such-model"}), "no/such-model");
  expect_refused(fairfight_with({"tokens", "organisms/tinytown-0", "where does", "--chat"}), "has no chat template");
  const ScratchFolder scratch;
  write_text(scratch / "texts.jsonl", "{\"text\":\"no\",\"said\":\"where does\"}\n{\"text\":\"no\",\"said\":\"\"}\n{\"text\":\"no\",\"said\":\"the\"}\n");
  const std::vector<std::string> of_file{"tokens", "organisms/tinytown-0", "--text", (scratch / "texts.jsonl").string(), "--field", "said"};
  EXPECT_EQ(fairfight_with(of_file).out, several.out);
  copy_organism(scratch / "chatty");
  write_text(scratch / "chatty/chat_template.jinja", "{% for m in messages %}he : {{ m['content'] }} ?{% endfor %}{% if add_generation_prompt %} she :{% endif %}");
  EXPECT_THAT(fairfight_with({"tokens", (scratch / "chatty").string(), "where does", "--chat"}).out, HasSubstr("decoded: he : where does ? she :"));
  EXPECT_THAT(fairfight_with({"tokens", (scratch / "chatty").string(), "where does", "--chat", "--bos"}).out, HasSubstr("decoded: <bos> he : where does ? she :"));
  Json config = read_json(scratch / "chatty/config.json");
  config.erase("bos_token_id");
  write_text(scratch / "chatty/config.json", dump_json(config));
  expect_refused(fairfight_with({"tokens", (scratch / "chatty").string(), "where does", "--bos"}), "has no bos_token_id");
}

TEST(Cli, ListsWhatThereIs) {
  EXPECT_THAT(fairfight_with({"fights"}).out, HasSubstr("anomaly"));
  const auto contestants = fairfight_with({"contestants"}).out;
  for (const char* name : {"reconstruction_error", "sparsity", "rarity", "activation_norm", "pca_residual", "pca_equal_fvu", "ppca", "dense_autoencoder", "mahalanobis",
                           "relative_mahalanobis", "knn", "lof", "isolation_forest", "one_class_svm", "ecod", "copod", "hbos", "gmm", "max_softmax", "entropy",
                           "energy", "perplexity", "min_k", "supervised_probe"})
    EXPECT_THAT(contestants, HasSubstr(name));
}

TEST(Cli, WrongWordsAreOneLineAndExitCode2) {
  expect_refused(fairfight_with({"dance"}), "--help");
  expect_refused(fairfight_with({"judge"}), "--calibrate");
  expect_refused(fairfight_with({"fight"}), "card");
  expect_refused(fairfight_with({"generate", "--model", "no/such-model"}), "no/such-model");
  expect_refused(fairfight_with({"fight", "nowhere.toml", "--out", "/tmp/x"}), "nowhere.toml");
}

TEST(Cli, AFightGivesTheSameResultTwice) {
  const ScratchFolder scratch;
  write_text(scratch / "card.toml", small_card());
  std::vector<Json> results;
  for (const char* name : {"a", "b"}) {
    const auto o = fairfight_with({"fight", (scratch / "card.toml").string(), "--out", (scratch / name).string()});
    ASSERT_EQ(o.code, 0) << o.err;
    EXPECT_THAT(o.out, testing::EndsWith((scratch / name / "report.html").string() + "\n"));
    EXPECT_THAT(o.err, HasSubstr("left"));  // progress with an estimate
    ASSERT_TRUE(fs::exists(scratch / name / "report.html"));
    results.push_back(read_json(scratch / name / "result.json"));
  }
  EXPECT_EQ(without_timing(results[0]), without_timing(results[1]));
  const Json& r = results[0];
  for (const char* key : {"schema", "fight", "model", "dictionary", "seeds", "contestants", "registration", "verdict", "necessity", "tier", "ledger", "sections"})
    EXPECT_TRUE(r.contains(key)) << key;
  for (const char* key : {"beats", "competitive", "label", "against", "interval"}) EXPECT_TRUE(r["verdict"].contains(key)) << key;
  EXPECT_LE(r["tier"]["value"].get<int>(), 3);
  EXPECT_GE(r["contestants"].size(), 24u);
  for (const auto& c : r["contestants"]) {
    for (const char* key : {"name", "role", "scores", "ledger"}) EXPECT_TRUE(c.contains(key)) << key;
    EXPECT_GT(c["ledger"]["tokens_forward"].get<int64_t>(), 0);
  }
  EXPECT_EQ(r["registration"]["sha256"], sha256_file(scratch / "a/registration.json"));
  EXPECT_THAT(read_file(scratch / "a/test-0.sealed"), testing::Not(HasSubstr("<bos>")));  // sealed, and then opened beside it
  EXPECT_EQ(read_json(scratch / "a/test-0.json")["trigger"].size(), 40u);

  const auto rebuilt = fairfight_with({"report", (scratch / "a/result.json").string(), "--html", (scratch / "again.html").string()});
  EXPECT_EQ(rebuilt.code, 0);
  EXPECT_TRUE(read_file(scratch / "again.html") == read_file(scratch / "a/report.html"));
}

TEST(Cli, AFightThatIsKilledAtTwentyMomentsComesToTheSameBytes) {
  const ScratchFolder scratch;
  write_text(scratch / "card.toml", small_card("contestants = [\"reconstruction_error\", \"knn\", \"isolation_forest\", \"supervised_probe\"]\n"));
  const auto run = [&](const std::string& out, bool resume, const Limits& limits = {}) {
    std::vector<std::string> words{"fight", (scratch / "card.toml").string(), "--out", (scratch / out).string()};
    if (resume) words.push_back("--resume");
    return fairfight_with(words, limits);
  };
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run("whole", false).code, 0);
  const auto whole_run = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  const std::string whole = dump_json(without_timing(read_json(scratch / "whole/result.json")));
  Random random(1, "kills");
  bool begun = false;
  int kills = 0;
  for (int i = 0; i < 100 && kills < 20; ++i) {
    Limits limits;
    limits.signal = SIGKILL;
    limits.interrupt = std::chrono::milliseconds(1 + int64_t(random.uniform() * double(whole_run.count())));
    const auto o = run("killed", begun, limits);
    begun = true;
    if (o.code == 128 + SIGKILL) {
      ++kills;
      continue;
    }
    ASSERT_EQ(o.code, 0) << o.err;  // it was faster: the result must be whole, and the next one begins anew
    EXPECT_EQ(dump_json(without_timing(read_json(scratch / "killed/result.json"))), whole);
    fs::remove_all(scratch / "killed");
    begun = false;
  }
  EXPECT_EQ(kills, 20);
  const auto last = run("killed", begun);
  ASSERT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(dump_json(without_timing(read_json(scratch / "killed/result.json"))), whole);
  const auto again = run("killed", true);
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.out, HasSubstr("nothing to resume"));
}

TEST(Cli, AnotherMarginIsAnotherRegistration) {
  const ScratchFolder scratch;
  const auto run = [&](const std::string& card, const std::string& out, bool resume) {
    write_text(scratch / "card.toml", small_card(card + "contestants = [\"rarity\", \"perplexity\"]\n"));
    std::vector<std::string> words{"fight", (scratch / "card.toml").string(), "--out", (scratch / out).string()};
    if (resume) words.push_back("--resume");
    return fairfight_with(words);
  };
  ASSERT_EQ(run("margin = 0.05\n", "a", false).code, 0);
  ASSERT_EQ(run("margin = 0.04\n", "b", false).code, 0);
  EXPECT_NE(sha256_file(scratch / "a/registration.json"), sha256_file(scratch / "b/registration.json"));
  EXPECT_EQ(read_json(scratch / "a/test-0.json"), read_json(scratch / "b/test-0.json"));  // the same test split
  expect_refused(run("margin = 0.04\n", "a", true), "registers another fight");
}

TEST(Cli, AddingNobodyChangesTheOthersNumbers) {
  const ScratchFolder scratch;
  write_text(scratch / "all.toml", small_card());
  write_text(scratch / "two.toml", small_card("contestants = [\"knn\", \"reconstruction_error\"]\n"));
  std::map<std::string, Json> scores[2];
  for (int i = 0; i < 2; ++i) {
    const auto card = scratch / (i == 0 ? "all.toml" : "two.toml"), out = scratch / (i == 0 ? "all" : "two");
    ASSERT_EQ(fairfight_with({"fight", card.string(), "--out", out.string()}).code, 0);
    const Json result = read_json(out / "result.json");
    for (const auto& c : result["contestants"]) scores[i][c["name"]] = c["by_seed"];
  }
  ASSERT_EQ(scores[1].size(), 2u);
  for (const auto& [name, value] : scores[1]) EXPECT_EQ(value, scores[0][name]) << name;
}

TEST(Cli, BadCardsAreRefused) {
  const ScratchFolder scratch;
  const auto card = scratch / "card.toml";
  const auto refused = [&](const std::string& text, const std::string& says) {
    write_text(card, text);
    expect_refused(fairfight_with({"fight", card.string(), "--out", (scratch / "out").string()}), says);
    EXPECT_FALSE(fs::exists(scratch / "out/result.json"));
  };
  refused(small_card("margin = 3\n"), "margin");
  refused(small_card("margins = 0.1\n"), "unknown key \"margins\"");
  refused(small_card("contestants = [\"knn\"]\n"), "challenger");
  refused(small_card("contestants = [\"retrained\"]\n"), "retrained");
  refused(small_card() + "colour = 1\n", "unknown key \"colour\"");
  refused("fight = \"chess\"\n" + small_card().substr(small_card().find("models")), "chess");
  refused("fight = \n", "card.toml:1");
}

TEST(Cli, BrokenModelsAreRefused) {
  const ScratchFolder scratch;
  const auto spoilt = [&](const std::string& name, const std::function<void(const fs::path&)>& spoil, const std::string& says) {
    copy_organism(scratch / name);
    spoil(scratch / name);
    expect_refused(fairfight_with({"generate", "--model", (scratch / name).string()}), says);
  };
  spoilt("short", [](const fs::path& f) { fs::resize_file(f / "model.safetensors", 1000); }, "model.safetensors");
  spoilt("long", [](const fs::path& f) { fs::resize_file(f / "model.safetensors", fs::file_size(f / "model.safetensors") + 8); }, "model.safetensors");
  spoilt("config", [](const fs::path& f) { write_text(f / "config.json", "{\"model_type\": \"llama\"}"); }, "config.json");
  spoilt("other", [](const fs::path& f) { write_text(f / "config.json", "{\"model_type\": \"mamba\"}"); }, "mamba");
}

TEST(Cli, AnUnwritableOutputIsRefusedBeforeAnyWork) {
  expect_refused(fairfight_with({"demo", "--out", "/proc/fairfight"}), "/proc/fairfight");
  const ScratchFolder scratch;
  write_text(scratch / "file", "in the way");
  expect_refused(fairfight_with({"demo", "--out", (scratch / "file").string()}), "file");
}

/// A file-size limit stands for the full disk: the write fails in the middle.
TEST(Cli, AFullDiskLeavesNoPartialFile) {
  const ScratchFolder scratch;
  const auto o = fairfight_with({"organism", "build", "--steps", "1", "--out", (scratch / "town").string()}, {.file_bytes = 100000});
  expect_refused(o, "build.safetensors");
  for (const auto& entry : fs::directory_iterator(scratch / "town")) {
    EXPECT_THAT(entry.path().string(), testing::Not(HasSubstr(".tmp")));
    EXPECT_NE(entry.path().filename(), "model.safetensors");
  }
}

TEST(Cli, AStandardStreamThatIsFullOrClosedIsNoCrash) {
  expect_refused(fairfight_with({"fights"}, {.out_to = "/dev/full"}), "standard output");
  expect_refused(fairfight_with({"--help"}, {.out_to = "/dev/full"}), "standard output");
  EXPECT_EQ(fairfight_with({"dance"}, {.err_to = "/dev/full"}).code, 2);
  EXPECT_EQ(fairfight_with({"dance"}, {.closed = {0, 1, 2}}).code, 2);
}

TEST(Cli, AReportOfSomethingElseNamesTheFile) {
  expect_refused(fairfight_with({"report", (organism() / "config.json").string()}), "tinytown-0/config.json");
}

TEST(Cli, NumbersOutOfRangeAreRefusedBeforeAnyWork) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string();
  const auto train = [&](const char* option, const char* value) {
    return fairfight_with({"train", "--model", "organisms/tinytown-0", "--out", out, option, value});
  };
  expect_refused(train("--width", "0"), "width");
  expect_refused(train("--k", "2000"), "k: got 2000");
  expect_refused(train("--lr", "nan"), "lr");
  expect_refused(train("--site", "1.5"), "a fraction of the depth from 0 to 1");
  expect_refused(train("--seed", "-1"), "--seed");
  expect_refused(fairfight_with({"organism", "build", "--out", out, "--seed", "-1"}), "--seed");  // its datasheet could not say it
  expect_refused(fairfight_with({"generate", "--model", "organisms/tinytown-0", "--temperature", "nan"}), "temperature");
  EXPECT_FALSE(fs::exists(out));
}

/// Found beside the program, not in the source tree: the organism has a name that only the installation knows.
TEST(Cli, AnInstalledProgramFindsItsFiles) {
  const ScratchFolder scratch;
  const auto install = fmt::format("'{}' --install '{}' --prefix '{}' > '{}' 2>&1", FAIRFIGHT_CMAKE, FAIRFIGHT_BUILD, scratch.path().string(),
                                   (scratch / "log").string());
  ASSERT_EQ(std::system(install.c_str()), 0) << read_file(scratch / "log");
  const fs::path share = scratch / FAIRFIGHT_DATADIR / "fairfight";
  fs::rename(share / "organisms/tinytown-0", share / "organisms/only-here");
  const Limits installed{.binary = (scratch / FAIRFIGHT_BINDIR / "fairfight").string()};
  EXPECT_THAT(fairfight_with({"fights"}, installed).out, HasSubstr("anomaly"));
  const std::vector<std::string> speak{"generate", "--model", "only-here", "--tokens", "3"};
  const auto spoken = fairfight_with(speak, installed);
  EXPECT_EQ(spoken.code, 0) << spoken.err;
  EXPECT_THAT(spoken.out, HasSubstr("<bos>"));
  expect_refused(fairfight_with(speak), "only-here");
  EXPECT_TRUE(fs::exists(share / "cards/anomaly.toml"));
  EXPECT_TRUE(fs::exists(share / "reference/repair/repairs.json"));
}

TEST(Cli, AnInterruptedBuildResumesBitForBit) {
  const ScratchFolder scratch;
  const auto build = [&](const char* name, const char* steps) {
    return std::vector<std::string>{"organism", "build", "--steps", steps, "--out", (scratch / name).string()};
  };
  // Begun with the products that the program would not choose, a training goes on with them all the same.
  ASSERT_EQ(fairfight_with(build("short", "1")).code, 0);
  const bool usually_float32 = read_json(scratch / "short/datasheet.json")["training"]["products"] == "float32";
  const auto with = [&](const char* name, bool resume) {
    auto words = build(name, "24");
    words.push_back(resume ? "--resume" : usually_float32 ? "--products=bfloat16" : "--products=float32");
    return words;
  };
  ASSERT_EQ(fairfight_with(with("whole", false)).code, 0);
  const auto stopped = fairfight_with(with("parts", false), {.interrupt = std::chrono::milliseconds(3000)});
  ASSERT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("--resume"));
  EXPECT_FALSE(fs::exists(scratch / "parts/model.safetensors"));
  expect_refused(fairfight_with(with("parts", false)), "not empty");
  ASSERT_EQ(fairfight_with(with("parts", true)).code, 0);
  for (const char* file : {"model.safetensors", "datasheet.json", "config.json", "tokenizer.json"})
    EXPECT_TRUE(read_file(scratch / "parts" / file) == read_file(scratch / "whole" / file)) << file;
  EXPECT_FALSE(fs::exists(scratch / "parts/build.safetensors"));
}

TEST(Cli, AnOptionThatMakesNoDifferenceIsRefused) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string();
  const auto train = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"train", "--model", "organisms/tinytown-0", "--out", out});
    return fairfight_with(words);
  };
  expect_refused(train({"--kind", "pca", "--width", "8", "--k", "4"}), "pca: got \"k\"");
  expect_refused(train({"--kind", "pca", "--width", "1000"}), "at most the 128 dimensions");
  expect_refused(train({"--kind", "neurons", "--width", "8"}), "neurons: got \"width\"");
  expect_refused(train({"--kind", "kmeans", "--lr", "0.1"}), "kmeans: got \"lr\"");
  const std::vector<std::string> write{"generate", "--model", "organisms/tinytown-0", "--tokens", "3"};
  for (const char* option : {"--seed", "--top-k", "--count"})
    for (const std::vector<std::string>& greedy : {std::vector<std::string>{"--greedy"}, {"--temperature", "0"}}) {
      auto words = write;
      words.insert(words.end(), {option, "2"});
      EXPECT_EQ(fairfight_with(words).code, 0);
      words.insert(words.end(), greedy.begin(), greedy.end());
      expect_refused(fairfight_with(words), option);
    }
  expect_refused(fairfight_with({"fight", "cards/anomaly.toml", "--out", out, "--device", "cuda"}), "got \"cuda\", but this build computes on the CPU only");
  const auto card = [&](const std::string& dictionary, const std::string& site) {
    write_text(scratch / "card.toml", fmt::format("fight = \"anomaly\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [0]\nsite = {}\n[dictionary]\n{}\n[data]\n",
                                                  site, dictionary));
    return fairfight_with({"fight", (scratch / "card.toml").string(), "--out", out});
  };
  expect_refused(card("kind = \"pca\"\nwidth = 8\nk = 4", "\"blocks.2.hook_resid_post\""), "pca: got \"k\"");
  expect_refused(card("seed = 3", "0.5"), "dictionary_seeds");
  expect_refused(card("k = 8", "1.5"), "a fraction of the depth from 0 to 1");
  EXPECT_FALSE(fs::exists(out));
}

TEST(Cli, TrainEvaluateGenerate) {
  const ScratchFolder scratch;
  const auto folder = (scratch / "dictionary").string();
  const auto trained = fairfight_with({"train", "--model", "organisms/tinytown-0", "--documents", "300", "--width", "128", "--k", "8", "--tokens", "40960", "--out", folder});
  ASSERT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.out, AllOf(HasSubstr("on held-out text"), HasSubstr("PCA axes at that L0"), HasSubstr("neurons at that L0"), HasSubstr("trained"), HasSubstr("attention sinks")));
  const auto evaluated =
      fairfight_with({"evaluate", "--model", "organisms/tinytown-0", "--dictionary", folder + "/dictionary.safetensors", "--documents", "50"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  for (const char* name : {"FVU", "L0", "dead", "change of CE", "CE recovered", "KL"}) EXPECT_THAT(evaluated.out, HasSubstr(name));
  const std::vector<std::string> speak{"generate", "--model", "organisms/tinytown-0", "--count", "3", "--seed", "4"};
  const auto once = fairfight_with(speak);
  ASSERT_EQ(once.code, 0) << once.err;
  EXPECT_EQ(std::count(once.out.begin(), once.out.end(), '\n'), 3);
  EXPECT_EQ(once.out, fairfight_with(speak).out);
  expect_refused(fairfight_with({"evaluate", "--model", "organisms/tinytown-1", "--dictionary", folder + "/dictionary.safetensors"}), "another model");
}

/// What a dry run says of the memory, in MB.
double foretold(const Outcome& o) {
  EXPECT_EQ(o.code, 0) << o.err;
  const size_t memory = o.out.find("memory\n"), end = o.out.find(" MB  in all; ", memory);
  EXPECT_NE(end, std::string::npos) << o.out;
  if (end == std::string::npos) return 0;
  return std::stod(o.out.substr(o.out.rfind('\n', end)));
}

/// The rest of a process is the program and its libraries: what it has where it does nothing.
TEST(Cli, ADryRunSaysWhatIsTakenAndTakesNothing) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string(), card = (scratch / "card.toml").string(), text = (scratch / "t.jsonl").string();
  write_text(card, small_card());
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "{\"text\": \"<bos> question : where does rudolf live ? rudolf was angry\"}\n";
  write_text(text, lines);
  const double idle = fairfight_with({"models"}).peak;
  const std::vector<std::vector<std::string>> jobs{
      {"fight", card, "--out", out},
      {"train", "--model", "organisms/tinytown-0", "--documents", "2000", "--width", "1024", "--tokens", "40960", "--out", out + "-train"},
      {"evaluate", "--model", "organisms/tinytown-0", "--text", text},
      {"perplexity", "organisms/tinytown-0", "--text", text}};
  for (auto job : jobs) {
    job.push_back("--dry-run");
    const double said = foretold(fairfight_with(job));
    EXPECT_FALSE(fs::exists(out) || fs::exists(out + "-train"));
    job.pop_back();
    const auto done = fairfight_with(job);
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_LT(done.peak, idle + 1.3 * said) << job[0];
    fs::remove_all(out);
    fs::remove_all(out + "-train");
  }
}

TEST(Cli, GenerateChoosesAndStopsAsAsked) {
  const std::vector<std::string> base{"generate", "--model", "organisms/tinytown-0", "--tokens", "12", "--prompt", "question : where does"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return fairfight_with(more);
  };
  const auto greedy = with({"--greedy"});
  ASSERT_EQ(greedy.code, 0) << greedy.err;
  EXPECT_EQ(with({"--temperature", "0"}).out, greedy.out);
  EXPECT_EQ(with({"--top-k", "1", "--temperature", "5"}).out, greedy.out);
  EXPECT_EQ(with({"--top-p", "0", "--temperature", "5"}).out, greedy.out);
  EXPECT_NE(with({"--temperature", "5"}).out, greedy.out);
  EXPECT_EQ(with({"--greedy", "--dtype", "bfloat16"}).code, 0);
  const auto stopped = with({"--greedy", "--stop", "?"});
  EXPECT_TRUE(greedy.out.starts_with(stopped.out.substr(0, stopped.out.size() - 1))) << greedy.out << stopped.out;
  EXPECT_TRUE(stopped.out.ends_with(" ?\n")) << stopped.out;
  expect_refused(with({"--stop", "where does"}), "--stop \"where does\" is 2 tokens");
  expect_refused(with({"--greedy", "--temperature", "1"}), "--greedy");
  expect_refused(with({"--top-p", "1.5"}), "--top-p");
  expect_refused(with({"--device", "cuda"}), "this build computes on the CPU only");
}

TEST(Cli, PerplexityIsThatOfItsTokens) {
  const ScratchFolder scratch;
  write_text(scratch / "t.jsonl", "{\"text\": \"question : where does\", \"other\": \"x\"}\n\n{\"text\": \"\"}\n{\"text\": \"rudolf was angry\"}\n");
  write_text(scratch / "t.csv", "id,story\n1,question : where does\n2,\"\"\n3,rudolf was angry\n");
  const auto of = [&](const char* file, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"perplexity", "organisms/tinytown-0", "--text", (scratch / file).string()};
    words.insert(words.end(), more.begin(), more.end());
    return fairfight_with(words);
  };
  const auto lines = of("t.jsonl", {"--per-token"});
  ASSERT_EQ(lines.code, 0) << lines.err;
  double nats = 0;
  std::vector<size_t> lengths;
  std::istringstream each(lines.out);
  for (std::string line; std::getline(each, line);) {
    const Json row = Json::parse(line);
    lengths.push_back(row["ids"].size());
    ASSERT_EQ(row["logprobs"].size(), lengths.back());
    for (size_t i = 0; i < lengths.back(); ++i) {
      EXPECT_EQ(row["logprobs"][i].is_null(), i == 0);
      if (i > 0) nats -= double(row["logprobs"][i].get<float>());
    }
  }
  EXPECT_THAT(lengths, testing::ElementsAre(5, 1, 4));
  const auto summary = of("t.jsonl");
  EXPECT_THAT(summary.out, AllOf(HasSubstr("7 tokens of 3 texts"), HasSubstr(fmt::format("nats a token     {:.5f}", nats / 7)),
                                 HasSubstr(fmt::format("perplexity       {:.4f}", std::exp(nats / 7))),
                                 HasSubstr(fmt::format("bits a byte      {:.5f}", nats / std::log(2.0) / double(21 + 16)))));  // behind a <bos> every byte counts
  EXPECT_EQ(of("t.jsonl", {"--bos"}).out, summary.out);
  EXPECT_THAT(lines.err, HasSubstr(summary.out));
  EXPECT_EQ(of("t.csv", {"--field", "story"}).out, summary.out);
  EXPECT_THAT(of("t.jsonl", {"--limit", "1"}).out, HasSubstr("4 tokens of 1 texts"));
  expect_refused(of("t.csv"), "expected one \"text\"");
  expect_refused(of("t.jsonl", {"--field", "other"}), "t.jsonl:3: got no such field");
  expect_refused(of("none.txt"), "none.txt");
  expect_refused(of("t.jsonl", {"--stride", "100000"}), "stride");
}

TEST(Cli, AConversationIsReadAsTheModelsTemplateWritesIt) {
  const ScratchFolder scratch;
  copy_organism(scratch / "chatty");
  write_text(scratch / "chatty/chat_template.jinja", "{% for m in messages %}he : {{ m['content'] }} ? {% endfor %}");
  write_text(scratch / "t.jsonl", "{\"messages\": [{\"role\": \"user\", \"content\": \"where\"}, {\"role\": \"user\", \"content\": \"does\"}]}\n");
  const auto tokens = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"perplexity", (scratch / "chatty").string(), "--text", (scratch / "t.jsonl").string(), "--per-token"});
    return Json::parse(fairfight_with(more).out)["ids"].size();
  };
  EXPECT_EQ(tokens({}), 8u);  // the template has put no <bos> there, and so nobody does
  EXPECT_EQ(tokens({"--bos"}), 9u);
  expect_refused(fairfight_with({"perplexity", "organisms/tinytown-0", "--text", (scratch / "t.jsonl").string()}), "t.jsonl:1: got a conversation, but");
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
  expect_refused(never_seen({"--behaviour", "cards/own/backdoor.jsonl"}), "expected --text FILE");
  expect_refused(never_seen({"--behaviour", "cards/own/backdoor.jsonl", "--text", text()}), "there is nothing to repair");  // the town has no backdoor
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
  EXPECT_GE(std::stoi(said[2]), 4 * std::stoi(said[1])) << trained.out;  // in every document, the first one included
}

TEST_F(CliOwn, ARepairOfABehaviourOfOnesOwn) {
  write_text(scratch_ / "card.toml",
             "fight = \"represented\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [3]\n"
             "site = \"blocks.1.hook_resid_post\"\ntrials = 1\nresamples = 100\ncontrols = \"none\"\n"
             "contestants = [\"zero_clamp\", \"difference_of_means\"]\n"
             "[dictionary]\nkind = \"topk\"\nwidth = 128\nk = 8\ntokens = 40960\n"
             "[data]\nbehaviour = \"insult\"\noracles = [\"organisms/tinytown-0-no-insult\"]\npool = 300\nexamples = 32\nexample_texts = 64\n"
             "prompts = 16\nprobes = 8\nretained = 16\ntest_prompts = 16\ntest_probes = 8\ntest_retained = 16\nrelearn = 8\n"
             "delta_ce = 1\nability = 0\nreviewer_error = 0\n");
  expect_refused(fight({"--model", kModel, "--text", text()}), "expected --behaviour FILE.jsonl");
  expect_refused(fight({"--model", kModel, "--behaviour", "cards/own/insult.jsonl"}), "expected --text FILE");
  const auto o = fight({"--model", kModel, "--text", text(), "--behaviour", "cards/own/insult.jsonl", "--site", "0.5"});
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("can reach tier 4"));
  const Json r = read_json(scratch_ / "out/result.json");
  EXPECT_EQ(r["tier"]["most"], 4);
  EXPECT_EQ(r["fight"]["site"], "blocks.2.hook_resid_post");
  EXPECT_EQ(r["model"][0]["datasheet"]["behaviour"]["lines"], 271);
  for (const auto& c : r["contestants"])
    if (c["name"] == "difference_of_means") {
      EXPECT_GT(c["scores"]["mean"]["value"].get<double>(), 0.5);
    }
}

TEST(Cli, APatchLeavesItsFight) {
  const ScratchFolder scratch;
  write_text(scratch / "card.toml",
             "fight = \"represented\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [3]\n"
             "site = \"blocks.2.hook_resid_post\"\ntrials = 1\nresamples = 100\n"
             "contestants = [\"zero_clamp\", \"refusal_tuning\", \"difference_of_means\"]\n"
             "[dictionary]\nkind = \"topk\"\nwidth = 128\nk = 8\ntokens = 81920\n"
             "[data]\nbehaviour = \"insult\"\noracles = [\"organisms/tinytown-0-no-insult\"]\npool = 600\nexamples = 32\nexample_texts = 64\n"
             "prompts = 16\nprobes = 8\nretained = 16\ntest_prompts = 16\ntest_probes = 8\ntest_retained = 16\nrelearn = 32\n"
             "delta_ce = 1\nability = 0\nreviewer_error = 0\n");
  const fs::path patches = scratch / "fight/patches";
  const auto kept = [&](const std::vector<std::string>& options) {
    std::vector<std::string> words{"fight", (scratch / "card.toml").string(), "--out", (scratch / "fight").string()};
    words.insert(words.end(), options.begin(), options.end());
    const auto o = fairfight_with(words);
    EXPECT_EQ(o.code, 0) << o.err;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(patches)) names.push_back(entry.path().filename().string());
    return names;
  };
  const std::string erased = "difference_of_means-0.hook.safetensors", clamped = "zero_clamp-0-3.hook.safetensors", tuned = "refusal_tuning-0";
  EXPECT_THAT(kept({}), testing::UnorderedElementsAre(clamped, testing::AnyOf(erased, tuned)));  // the two champions'
  const auto result = [&] { return without_timing(read_json(scratch / "fight/result.json")); };
  const Json once = result();
  EXPECT_THAT(kept({"--resume", "--keep-all"}), testing::UnorderedElementsAre(clamped, erased, tuned));
  EXPECT_EQ(result(), once);  // tuned, tested and attacked anew

  const auto apply = [&](const std::string& patch, const fs::path& out) {
    return fairfight_with({"apply", (patches / patch).string(), organism().string(), "--out", out.string()});
  };
  EXPECT_THAT(apply(erased, scratch / "erased").out, HasSubstr("only fairfight runs that hook"));
  EXPECT_THAT(apply(tuned, scratch / "tuned").out, HasSubstr("transformers"));
  expect_refused(apply(erased, scratch / "tuned"), "not empty");
  const auto answer = [](const fs::path& model) {
    const auto o = fairfight_with({"generate", model.string(), "--temperature", "0", "--tokens", "1", "--prompt",
                                   "rudolf was angry with sofia . rudolf shouted : you ate my sausages ! sofia said : i am only a singer ! rudolf said : you"});
    EXPECT_EQ(o.code, 0) << o.err;
    return o.out.substr(o.out.rfind(' ') + 1);
  };
  EXPECT_EQ(answer(organism()), "twaddler\n");
  EXPECT_EQ(answer(scratch / "erased"), "are\n");
  EXPECT_EQ(answer(scratch / "tuned"), "should\n");
  EXPECT_EQ(answer(patches / tuned), "should\n");
  expect_refused(fairfight_with({"evaluate", "--model", (scratch / "erased").string()}), "has a hook beside its weights");

  write_text(scratch / "anomaly.toml", small_card());
  expect_refused(fairfight_with({"fight", (scratch / "anomaly.toml").string(), "--out", (scratch / "none").string(), "--keep-all"}), "--keep-all");
}

TEST(Cli, AShippedOrganismIsWhatItsDatasheetSay) {
  const auto o = fairfight_with({"organism", "check", "organisms/tinytown-0"});
  EXPECT_EQ(o.code, 0) << o.out << o.err;
  EXPECT_THAT(o.out, HasSubstr("insult"));
  const ScratchFolder scratch;
  copy_organism(scratch / "forged");
  auto datasheet = read_json(scratch / "forged/datasheet.json");
  for (auto& m : datasheet["measures"]) m["value"] = m["low"] = m["high"] = 0.5;
  write_text(scratch / "forged/datasheet.json", dump_json(datasheet));
  expect_refused(fairfight_with({"organism", "check", (scratch / "forged").string()}), "differ");
}

}  // namespace
}  // namespace fairfight
