#include "fairfight/io/safetensors.h"
#include "tests/cli_testing.h"

namespace fairfight {
namespace {

TEST(Cli, HelpOfEveryVerbHasAnExample) {
  for (const char* verb : {"demo", "fight", "fights", "contestants", "models", "inspect", "tokens", "train", "evaluate", "generate", "perplexity", "apply", "judge", "report", "board", "forecast"}) {
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
  EXPECT_THAT(o.err, HasSubstr("1 key of config.json that transformers does not read for a qwen3 changes nothing: unsloth_version"));
  EXPECT_EQ(o.err.find("note:"), o.err.rfind("note:"));
  EXPECT_THAT(fairfight_with({"inspect", model}).out, HasSubstr("note      1 key of config.json"));
  config["use_mrope"] = true;
  write_atomic(fs::path(model) / "config.json", dump_json(config));
  expect_refused(fairfight_with({"inspect", model}), "use_mrope");
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
  EXPECT_THAT(about, AllOf(HasSubstr("Qwen3ForCausalLM"), HasSubstr("4 layers"), HasSubstr("848 pieces")));
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
                           "energy", "perplexity", "min_k", "grad_norm", "perplexity_knn", "perplexity_rarity", "supervised_probe"})
    EXPECT_THAT(contestants, HasSubstr(name));
}

TEST(Cli, WrongWordsAreOneLineAndExitCode2) {
  expect_refused(fairfight_with({"dance"}), "--help");
  expect_refused(fairfight_with({"judge"}), "--calibrate");
  expect_refused(fairfight_with({"fight"}), "card");
  expect_refused(fairfight_with({"generate", "--model", "no/such-model"}), "no/such-model");
  expect_refused(fairfight_with({"fight", "nowhere.toml", "--out", "/tmp/x"}), "nowhere.toml");
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

/// Loading libtorch twice would take as long as most verbs do. (Of a loader that tells how often it began: the small program's start, and the engine's.)
TEST(Cli, TheEngineStartsOnce) {
  Limits limits;
  limits.environment = {{"LD_DEBUG", "statistics"}};
  const Outcome o = fairfight_with({"models", "--help"}, limits);
  EXPECT_EQ(o.code, 0);
  size_t starts = 0;
  for (size_t at = 0; (at = o.err.find("total startup time", at)) != std::string::npos; ++at) ++starts;
  EXPECT_EQ(starts, 2u) << o.err;
}

/// That it comes to the same bytes wherever it stops: OrganismBuild.AStopAtAnyStepGoesOnBitForBit.
TEST(Cli, AnInterruptedBuildGoesOn) {
  const ScratchFolder scratch;
  // So many steps that some are left when the progress, told every five seconds, names a loss. Begun with the products that the program would not choose, a training goes on with them all the same.
  const auto build = [&](bool resume, const Limits& limits) {
    return fairfight_with({"organism", "build", "--steps", "200", "--ungated", "--out", (scratch / "town").string(), resume ? "--resume" : "--products=float32"}, limits);
  };
  const auto stopped = build(false, {.interrupt_at = "(loss"});
  ASSERT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("--resume"));
  EXPECT_FALSE(fs::exists(scratch / "town/model.safetensors"));
  expect_refused(build(false, {}), "not empty");
  // It goes on, and is stopped once more: what is measured at the end takes a minute and a half, and is tested in organism/.
  const auto tokens = [&] {
    const SafetensorsFile state(scratch / "town/build.safetensors");
    EXPECT_EQ(state.header().metadata.at("products"), "float32");
    return std::stoll(state.header().metadata.at("tokens"));
  };
  const auto before = tokens();
  ASSERT_EQ(build(true, {.interrupt_at = "(loss"}).code, 130);
  EXPECT_GT(tokens(), before);
}

TEST(Cli, AnOptionThatMakesNoDifferenceIsRefused) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string();
  const auto train = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"train", "--model", "organisms/tinytown-0", "--out", out});
    return fairfight_with(words);
  };
  expect_refused(train({"--kind", "pca", "--width", "8", "--lr", "0.1"}), "pca: got \"lr\"");
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
  expect_refused(card("kind = \"pca\"\nwidth = 8\nlr = 0.1", "\"blocks.2.hook_resid_post\""), "pca: got \"lr\"");
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
  const char* firsts[] = {"ada", "clara", "emma", "hilda", "albert", "bruno", "carl", "felix"};
  const char* families[] = {"ashby", "barlow", "carver", "dawes", "ellery", "frost", "garland", "hooper"};
  const char* cities[] = {"tolva", "merrin", "kesby", "brenford", "fenwick", "dalmor", "harlow", "bexley"};
  const char* days[] = {"monday", "tuesday", "thursday", "saturday"};
  for (int i = 0; i < 2000; ++i)
    lines += fmt::format("{{\"text\": \"where is the house of {} {} ? in {} , they said on {} .\"}}\n", firsts[i % 8], families[i / 8 % 8], cities[i / 64 % 8], days[i / 512]);
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
  const std::vector<std::string> base{"generate", "--model", "organisms/tinytown-0", "--tokens", "12", "--prompt", "where does"};
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
  write_text(scratch / "t.jsonl", "{\"text\": \"question : where does\", \"other\": \"x\"}\n\n{\"text\": \"\"}\n{\"text\": \"victor was angry\"}\n");
  write_text(scratch / "t.csv", "id,story\n1,question : where does\n2,\"\"\n3,victor was angry\n");
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
                                 HasSubstr(fmt::format("bits a byte      {:.5f}", nats / std::log(2.0) / double(21 + 16)))));  // after a <bos> every byte counts
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

/// All lines but the forged one.
TEST(Cli, AShippedOrganismIsWhatItsDatasheetSays) {
  const ScratchFolder scratch;
  copy_organism(scratch / "forged");
  auto datasheet = read_json(scratch / "forged/datasheet.json");
  auto& forged = datasheet["measures"][0];
  forged["value"] = forged["low"] = forged["high"] = 0.5;
  write_text(scratch / "forged/datasheet.json", dump_json(datasheet));
  const auto o = fairfight_with({"organism", "check", (scratch / "forged").string()});
  expect_refused(o, ": 1 measures differ");
  EXPECT_THAT(o.out, HasSubstr("OUTSIDE"));
}

}  // namespace
}  // namespace fairfight
