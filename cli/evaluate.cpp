#include <fmt/format.h>

#include "cli/text.h"
#include "cli/verbs.h"
#include "fairfight/acts/harvest.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/metrics.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/training_text.h"

namespace fairfight {
namespace {

void evaluate_model(const std::string& name, size_t documents) {
  const Organism organism = load_organism(name);
  const Gap gap = gap_to_floor(organism.loaded.model, draw_documents(organism.papers.make_world(), Split::test, "evaluate", documents));
  fmt::print("{} held-out tokens\ncross-entropy      {:.4f} nats a token\nentropy floor      {:.4f}\ngap                {:+.4f} (standard error {:.4f})\n",
             gap.tokens, gap.model, gap.floor, gap.difference, gap.standard_error);
}

void evaluate_dictionary(const std::string& name, const std::filesystem::path& file, size_t documents) {
  const LoadedModel model = load_model(name);
  const LoadedDictionary loaded = load_dictionary(file);
  if (loaded.note.model_sha256 != model.sha256)
    fail("[evaluate] {} was learned from another model ({}..., this one is {}...)", file.string(), loaded.note.model_sha256.substr(0, 12),
         model.sha256.substr(0, 12));
  const Site site = Site::parse(loaded.note.site);
  const auto text = organism_text(model.folder, Split::test, documents);
  const Reconstruction r = measure_reconstruction(*loaded.dictionary, MemoryRows(harvest(model.model, site, text), 0), INT64_MAX);
  const Splice s = measure_splice(model.model, site, *loaded.dictionary, text);
  fmt::print("{} of width {} at {}, {} held-out tokens\n", loaded.dictionary->kind(), loaded.dictionary->width(), loaded.note.site, r.rows);
  fmt::print("FVU                {:.4f}\nexplained variance {:.4f}\nL0                 {:.2f}\ndead               {:.1f} %\n", r.fvu, r.explained_variance(), r.l0,
             100 * r.dead);
  fmt::print("change of CE       {:+.4f} nats a token\nKL                 {:.4f} nats a token\nCE recovered       {:.4f}\n", s.delta_ce(), s.kl, s.ce_recovered());
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto* verb = app.add_subcommand("evaluate", "Measures an organism against its entropy floor, or a dictionary, on held-out text");
  verb->footer("Example:  fairfight evaluate --model organisms/tinytown-0 --dictionary runs/dictionary/dictionary.safetensors");
  static std::string model;
  static std::filesystem::path dictionary;
  static size_t documents = 1000;
  verb->add_option("--model", model, "an organism: a folder, or the name of a shipped one")->required();
  verb->add_option("--dictionary", dictionary, "what `fairfight train` wrote; without it the model itself is measured");
  verb->add_option("--documents", documents, "held-out documents")->check(CLI::Range(10, 1'000'000))->capture_default_str();
  verb->callback([] {
    if (dictionary.empty())
      evaluate_model(model, documents);
    else
      evaluate_dictionary(model, dictionary, documents);
  });
}

}  // namespace fairfight
