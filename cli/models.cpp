#include <fmt/ranges.h>

#include <map>

#include "cli/verbs.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/site.h"

namespace fairfight {
namespace {

void describe(const std::string& name, bool all_sites) {
  const ModelFolder found = find_model(given_or_shipped(name).string());
  const Config c = read_config(found.config, (found.folder / "config.json").string());
  const Checkpoint files(found.folder, found.adapter);
  std::map<std::string_view, size_t> dtypes;
  for (const auto& tensor : files.names()) ++dtypes[name_of(files.find(tensor).dtype)];
  std::vector<std::string> kept;
  for (const auto& [dtype, count] : dtypes) kept.push_back(fmt::format("{} {}", count, dtype));
  const auto sites = sites_of(c);
  const auto memory = [&](Precision weights) { return double(memory_of(c, weights).weights) / 1e6; };
  fmt::print("{}  ({}, {})\n", found.folder.string(), c.arch, arch_by_name(c.arch).class_name);
  fmt::print("  size      {} layers, d_model {}, {} heads of {} ({} of keys and values), d_mlp {}, vocab {}, context {}\n",
             c.n_layers, c.d_model, c.n_heads, c.d_head, c.n_kv_heads, c.d_mlp, c.vocab, c.n_ctx);
  fmt::print("  weights   {} parameters in {} tensors of {} file{}; the unembedding is {}\n",
             memory_of(c, Precision::float32).parameters, fmt::join(kept, ", "), found.weights.size(),
             found.weights.size() == 1 ? "" : "s", c.tied ? "the embedding" : "its own");
  fmt::print(
      "  memory    {:.1f} MB as float32, {:.1f} MB as bfloat16, about {:.2f} MB more for every 100 tokens of a "
      "pass; {:.0f} MB are left here. What a fight or a training takes: --dry-run of that verb\n",
      memory(Precision::float32), memory(Precision::bfloat16), 100 * double(memory_of(c, Precision::float32).a_token) / 1e6,
      double(available_memory()) / 1e6);
  if (files.lora())
    fmt::print("  adapter   {}: a LoRA of {} maps and {} whole tensors, added to the weights\n", files.lora()->file().string(), files.lora()->products().size(),
               files.lora()->whole().size());
  if (!found.tokenizer)
    fmt::print("  tokenizer none: the folder has no tokenizer.json\n");
  else if (const size_t size = Tokenizer(*found.tokenizer).size(); int64_t(size) <= c.vocab)
    fmt::print("  tokenizer {} pieces\n", size);
  else
    fmt::print("  tokenizer {} pieces, {} without a row of the embedding; a text with one of them is refused\n", size, int64_t(size) - c.vocab);
  for (const auto* notes : {&found.notes, &c.notes})
    for (const auto& text : *notes) fmt::print("  note      {}\n", text);
  fmt::print("  sites     {}{}\n", sites.size(), all_sites ? "" : "; --sites lists them");
  if (all_sites)
    for (const auto& site : sites) fmt::print("    {:<42} {} wide\n", site.name(), width_at(c, site));
}

}  // namespace

void add_models(CLI::App& app) {
  auto* verb = app.add_subcommand("models", "Lists the architectures that can be loaded");
  verb->footer("Example:  fairfight models");
  verb->callback([] {
    fmt::print("model_type    class                 which, and what of their configs is honoured\n");
    for (const auto& arch : archs()) fmt::print("{:<13} {:<21} {}\n", arch.name, arch.class_name, arch.about);
  });
}

void add_inspect(CLI::App& app) {
  auto* verb = app.add_subcommand("inspect", "Says what a model is and what it takes, without loading it");
  verb->footer("Example:  fairfight inspect organisms/tinytown-0 --sites");
  static std::string name;
  static bool all_sites = false;
  verb->add_option("model,--model", name, "a Hugging Face folder, or the name of a model in its cache")->required();
  verb->add_flag("--sites", all_sites, "the names and widths of all its sites");
  verb->callback([] { describe(name, all_sites); });
}

}  // namespace fairfight
