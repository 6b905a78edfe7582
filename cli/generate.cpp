#include "fairfight/model/generate.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/load.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include "fairfight/methods/patched.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {
namespace {

struct Options {
  std::string model, prompt;
  int64_t tokens = 60, seed = 0, count = 1;
  Sampling sampling{0.8};
  std::vector<std::string> stops;
  bool chat = false, greedy = false, bos = false;
  LoadOptions load{.hash = false};
};

/// The ends that the folder names, and those that the user does: each is one token.
std::vector<int64_t> read_stops(const LoadedModel& loaded, const Tokenizer& tokenizer, const std::vector<std::string>& wanted) {
  std::vector<int64_t> stops = loaded.model.config().eos;
  if (const auto file = loaded.folder / "generation_config.json"; std::filesystem::exists(file)) {  // chat models end their turns there
    const Json settings = read_json(file);
    Fields fields(settings, file.string());
    if (fields.has("eos_token_id") && fields.any("eos_token_id").is_array())
      for (const int64_t id : fields.integers("eos_token_id", 0, INT32_MAX)) stops.push_back(id);
    else if (fields.has("eos_token_id") && !fields.any("eos_token_id").is_null())
      stops.push_back(fields.integer("eos_token_id", 0, INT32_MAX));
  }
  for (const auto& text : wanted) {
    const auto piece = tokenizer.find(text);
    const auto ids = piece ? std::vector<int32_t>{*piece} : tokenizer.encode(text);
    if (ids.size() != 1) fail("[generate] --stop \"{}\" is {} tokens, expected one; `fairfight tokens` shows the pieces", text, ids.size());
    stops.push_back(ids.front());
  }
  return stops;
}

void write(const Options& o) {
  const PatchedModel patched = load_patched(o.model, o.load);
  const LoadedModel& loaded = patched.loaded;
  const Config& config = loaded.model.config();
  const Reading read = reading_of(loaded, o.bos);
  const Tokenizer& tokenizer = read.tokenizer();
  std::vector<int32_t> ids = read_prompt(read, loaded.folder, o.prompt, o.chat);
  if (ids.empty() && config.bos >= 0) ids.push_back(int32_t(config.bos));  // the beginning of a document, where no tokenizer says what that is
  if (ids.empty()) fail("[generate] {}: got an empty prompt, and neither its tokenizer nor its config.json says how a document begins; give a --prompt", loaded.folder.string());
  const std::vector<std::vector<int32_t>> prompts(size_t(o.count), ids);
  const auto stops = read_stops(loaded, tokenizer, o.stops);
  const Sampling sampling = o.greedy ? Sampling{} : o.sampling;
  const Random random(uint64_t(o.seed), "generate");
  const auto texts = generate(loaded.model, prompts, o.tokens, sampling, stops, random, patched.hooks);
  for (const auto& text : texts) fmt::print("{}\n", tokenizer.decode(text));
}

}  // namespace

void add_generate(CLI::App& app) {
  auto* verb = app.add_subcommand("generate", "Lets a model continue a text");
  verb->footer("Example:  fairfight generate --model organisms/tinytown-0 --prompt \"question : where does\"");
  static Options o;
  verb->add_option("model,--model", o.model, "a Hugging Face folder, patched or not, or the name of a shipped organism")->required();
  verb->add_option("--prompt", o.prompt, "the text to go on from (default: the beginning of a document)");
  verb->add_flag("--chat", o.chat, "the prompt is a user's message, in the model's own chat template");
  add_bos_option(*verb, o.bos);
  verb->add_option("--tokens", o.tokens, "at most so many more")->check(CLI::Range(1, 100000))->capture_default_str();
  auto* temperature = verb->add_option("--temperature", o.sampling.temperature, "0: always the most likely token");
  temperature->check(CLI::Range(0.0, 100.0))->capture_default_str();
  verb->add_flag("--greedy", o.greedy, "temperature 0")->excludes(temperature);
  verb->add_option("--top-k", o.sampling.top_k, "draw from so many, the most likely ones (default: all)")->check(CLI::Range(1, 1 << 30));
  verb->add_option("--top-p", o.sampling.top_p, "draw from the most likely ones that have this probability together")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_option("--stop", o.stops, "a token to end at, beside those that the model's folder names; may be given more than once");
  verb->add_option("--count", o.count, "how many continuations")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--seed", o.seed, "of the sampling")->capture_default_str();
  add_load_options(*verb, o.load);
  verb->callback([verb] {
    if (o.greedy || o.sampling.temperature == 0)  // nothing is drawn
      for (const char* name : {"--top-k", "--top-p", "--seed", "--count"})
        if (verb->count(name) > 0) fail("[generate] {}: makes no difference where always the most likely token is taken; leave it out, or sample", name);
    write(o);
  });
}

}  // namespace fairfight
