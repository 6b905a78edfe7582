#include "fairfight/model/generate.h"

#include <fmt/format.h>

#include "cli/prompt.h"
#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/methods/patched.h"

namespace fairfight {

void add_generate(CLI::App& app) {
  auto* verb = app.add_subcommand("generate", "Lets a model continue a text");
  verb->footer("Example:  fairfight generate --model organisms/tinytown-0 --prompt \"question : where does\"");
  static std::string name, prompt;
  static int64_t tokens = 60, seed = 0, count = 1;
  static double temperature = 0.8;
  static bool chat = false;
  verb->add_option("model,--model", name, "a Hugging Face folder, patched or not, or the name of a shipped organism")->required();
  verb->add_option("--prompt", prompt, "the text to go on from (default: the beginning of a document)");
  verb->add_flag("--chat", chat, "the prompt is a user's message, in the model's own chat template");
  verb->add_option("--tokens", tokens, "at most so many more")->check(CLI::Range(1, 100000))->capture_default_str();
  verb->add_option("--temperature", temperature, "0: always the most likely token")->check(CLI::Range(0.0, 100.0))->capture_default_str();
  verb->add_option("--count", count, "how many continuations")->check(CLI::Range(1, 1000))->capture_default_str();
  verb->add_option("--seed", seed, "of the sampling")->capture_default_str();
  verb->callback([] {
    const PatchedModel patched = load_patched(name);
    const LoadedModel& loaded = patched.loaded;
    const Tokenizer tokenizer(loaded.folder / "tokenizer.json");
    if (int64_t(tokenizer.size()) > loaded.model.config().vocab)
      fail("[generate] {}: the tokenizer has {} pieces, the model only {}", loaded.folder.string(), tokenizer.size(), loaded.model.config().vocab);
    std::vector<int32_t> ids = read_prompt(tokenizer, loaded.folder, prompt, chat);
    const auto bos = int32_t(loaded.model.config().bos);
    if (bos >= 0 && (ids.empty() || ids.front() != bos)) ids.insert(ids.begin(), bos);  // not every file says that it comes first
    const std::vector<std::vector<int32_t>> prompts(size_t(count), ids);
    const auto logits = [&](const at::Tensor& t) { return patched.logits(t); };
    const Config& config = loaded.model.config();
    for (const auto& text : generate(logits, config.n_ctx, prompts, tokens, temperature, config.eos, Random(uint64_t(seed), "generate")))
      fmt::print("{}\n", tokenizer.decode(text));
  });
}

}  // namespace fairfight
