#include <fmt/format.h>

#include "cli/dry_run.h"
#include "cli/load.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "fairfight/acts/harvest.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/metrics.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

using tinytown::Split;

/// A text's cross-entropy, nats a token; nobody knows its entropy.
void evaluate_on_text(const LoadedModel& model, const TextOptions& text, size_t documents) {
  at::NoGradGuard no_grad;
  double nats = 0;
  int64_t tokens = 0;
  const SplitText held_out = text_of(model, text, Split::test, documents);
  for (const auto& batch : held_out.batches) {
    check_stop();
    nats -= token_log_probabilities(model.model.read_out(batch.tokens), batch.tokens).masked_select(batch.valid).sum(at::kDouble).item<double>();
    tokens += batch.valid.sum().item<int64_t>();
  }
  fmt::print("{}\n{} held-out tokens\ncross-entropy      {:.4f} nats a token\n", held_out.said, tokens, nats / double(tokens));
}

void evaluate_organism(const std::string& name, const LoadOptions& load, size_t documents) {
  if (load.weights != Precision::float32) fail("[evaluate] --dtype goes with --text or --dictionary: an organism's gap is measured in float32");
  const auto organism = tinytown::load_language_organism(name);
  const auto gap = tinytown::gap_to_floor(tinytown::said_by(organism.loaded.model), tinytown::draw_documents(organism.datasheet.make_world(), Split::test, "evaluate", documents));
  fmt::print("{} held-out tokens\ncross-entropy      {:.4f} nats a token\nentropy floor      {:.4f}\ngap                {:+.4f} (standard error {:.4f})\n",
             gap.tokens, gap.model, gap.floor, gap.difference, gap.standard_error);
}

void evaluate_dictionary(const LoadedModel& model, TextOptions own, const std::filesystem::path& file, size_t documents) {
  const LoadedDictionary loaded = load_dictionary(file);
  if (loaded.note.model_sha256 != model.sha256)
    fail("[evaluate] {} was learned from another model ({}..., this one is {}...)", file.string(), loaded.note.model_sha256.substr(0, 12),
         model.sha256.substr(0, 12));
  if (own.bos && !loaded.note.bos) fail("[evaluate] --bos: {} was learned from texts read as the tokenizer does; leave it out", file.string());
  own.bos = loaded.note.bos;
  const Site site = Site::parse(loaded.note.site);
  const auto text = text_of(model, own, Split::test, documents);
  const Reconstruction r = measure_reconstruction(*loaded.dictionary, MemoryRows(harvest(model.model, site, text.batches), 0), INT64_MAX);
  const Splice s = measure_splice(model.model, site, *loaded.dictionary, text.batches);
  if (!text.said.empty()) fmt::print("{}\n", text.said);
  fmt::print("{} of width {} at {}, {} held-out tokens\n", loaded.dictionary->kind(), loaded.dictionary->width(), loaded.note.site, r.rows);
  if (r.left_out > 0) fmt::print("{} more with a norm above {:.4g} are attention sinks, and left out\n", r.left_out, loaded.dictionary->most_norm());
  fmt::print("FVU                {:.4f}\nexplained variance {:.4f}\nL0                 {:.2f}\ndead               {:.1f} %\n", r.fvu, r.explained_variance(), r.l0,
             100 * r.dead);
  fmt::print("change of CE       {:+.4f} nats a token\nKL                 {:.4f} nats a token\nCE recovered       {:.4f}\n", s.delta_ce(), s.kl, s.ce_recovered());
}

Plan plan_of(const std::string& model, const LoadOptions& load, const TextOptions& text, const std::filesystem::path& dictionary, size_t documents) {
  constexpr double kAtOnce = 64 * 128;
  constexpr size_t kOneIn = 10;  // documents of a user's text are held out
  const Config config = configs_of({model})[0];
  const size_t in = text.file.empty() ? 1 : kOneIn;
  const double tokens = tokens_in(model, text, documents * in) / double(in), whole = forward_flops(config, 1);
  if (dictionary.empty()) return plan_of_reading("measuring the model", config, load.weights, tokens, whole, kAtOnce);
  const LoadedDictionary loaded = load_dictionary(dictionary);
  const double width = double(loaded.dictionary->d_model());
  Plan plan = plan_of_reading("measuring the dictionary", config, load.weights, tokens, forward_flops(config, 1, Site::parse(loaded.note.site)) + 3 * whole, kAtOnce);
  plan.memory.push_back({"the text's activations", 2 * 4 * tokens * width});
  return plan;
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto* verb = app.add_subcommand("evaluate", "Measures a model or a dictionary on held-out text; an organism against its entropy floor");
  verb->footer("Example:  fairfight evaluate --model organisms/tinytown-0 --dictionary runs/dictionary/dictionary.safetensors");
  static std::string model;
  static std::filesystem::path dictionary;
  static size_t documents = 1000;
  static bool dry_run = false;
  static LoadOptions load;
  static TextOptions text;
  verb->add_option("--model", model, "a Hugging Face folder, a model's name in its cache, or a shipped organism")->required();
  add_load_options(*verb, load);
  add_text_options(*verb, text);
  verb->add_option("--dictionary", dictionary, "what `fairfight train` wrote; without it the model itself is measured");
  verb->add_option("--documents", documents, "held-out documents")->check(CLI::Range(10, 1'000'000))->capture_default_str();
  verb->add_flag("--dry-run", dry_run, kDryRun);
  verb->callback([] {
    if (dry_run)
      print_plan(plan_of(model, load, text, dictionary, documents));
    else if (!dictionary.empty())
      evaluate_dictionary(load_model(model, false, load), text, dictionary, documents);
    else if (!text.file.empty())
      evaluate_on_text(load_model(model, false, load), text, documents);
    else
      evaluate_organism(model, load, documents);
  });
}

}  // namespace fairfight
