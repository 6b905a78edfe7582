#include <fmt/format.h>

#include "cli/load.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "fairfight/acts/harvest.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/dict/metrics.h"

namespace fairfight {
namespace {

struct TrainOptions {
  std::string model, site;
  int64_t documents = 10000;
  bool random_twin = false, resume = false;
  LoadOptions load;
  TextOptions text;
  DictionarySettings dictionary;
  std::filesystem::path out;
};

/// Activations go to disk first, so that memory does not grow with the text and an interrupted run goes on.
void train(const TrainOptions& o) {
  require_sound(o.dictionary);  // before minutes of harvesting
  LoadedModel loaded = load_model(o.model, false, o.load);
  const Site site = o.site.empty() ? middle_of(loaded.model.config()) : Site::parse(o.site);
  require_site(loaded.model.config(), site);
  if (o.random_twin)
    loaded.model = Transformer(loaded.model.config(), random_weights(loaded.model.config(), Random(o.dictionary.seed, "random twin")));
  make_writable_folder(o.out);
  const auto file = o.out / "dictionary.safetensors";
  if (std::filesystem::exists(file)) fail("[train] {} exists; choose another --out", file.string());
  const auto shards = o.out / "activations";
  if (!o.resume && std::filesystem::exists(shards)) fail("[train] {} holds a training that was begun; --resume it, or choose another --out", o.out.string());

  Progress progress({{"harvesting activations", double(o.documents) / 800}, {"learning the dictionary", double(o.dictionary.steps()) / 25}}, show_progress());
  const Tick harvesting = progress.next();
  const auto text = text_of(loaded, o.text, Split::dictionary, size_t(o.documents), o.dictionary.tokens);
  Json about{{"model", loaded.sha256}, {"dtype", name_of(o.load.weights)}, {"random_twin", o.random_twin}, {"site", site.name()}, {"documents", o.documents}};
  if (!o.text.file.empty()) about["text"] = {{"sha256", sha256_file(o.text.file)}, {"field", o.text.field}, {"ctx", o.text.ctx}};
  StoreWriter writer(shards, {width_at(loaded.model.config(), site), false, 65536, about});
  harvest(loaded.model, site, text, writer, harvesting);
  progress.done();

  const Tick learning = progress.next();
  const ActivationStore rows(shards, o.dictionary.seed);
  const Checkpoints checkpoints{o.out / "training.safetensors", 200};
  const auto dictionary = learn(rows, o.dictionary, learning, checkpoints);
  save_dictionary(file, *dictionary, {site.name(), loaded.sha256, o.dictionary});
  std::filesystem::remove(checkpoints.file);
  progress.done();

  const Reconstruction r = measure_reconstruction(*dictionary, rows, rows.count());
  fmt::print("{}: {} rows, FVU {:.4f}, L0 {:.1f}, dead {:.1f} %\n", file.string(), r.rows, r.fvu, r.l0, 100 * r.dead);
}

}  // namespace

void add_train(CLI::App& app) {
  auto* verb = app.add_subcommand("train", "Learns a dictionary from the activations of a model");
  verb->footer("Example:  fairfight train --model organisms/tinytown-0 --width 1024 --k 8 --out runs/dictionary\n"
               "Example:  fairfight train --model my-model --text my-text.jsonl --width 4096 --k 16 --out runs/mine");
  static TrainOptions o;
  std::vector<std::string> names;
  for (const auto& kind : kinds()) names.emplace_back(kind.name);
  verb->add_option("--model", o.model, "a Hugging Face folder, a model's name in its cache, or a shipped organism")->required();
  add_load_options(*verb, o.load);
  add_text_options(*verb, o.text);
  verb->add_option("--site", o.site, "where to read, by its TransformerLens name (default: behind the middle block)");
  verb->add_option("--kind", o.dictionary.kind, "what to learn")->check(CLI::IsMember(names))->capture_default_str();
  verb->add_option("--width", o.dictionary.width, "latents")->capture_default_str();
  verb->add_option("--k", o.dictionary.k, "active latents a token")->capture_default_str();
  verb->add_option("--tokens", o.dictionary.tokens, "rows to train on, counting every epoch")->capture_default_str();
  verb->add_option("--lr", o.dictionary.lr, "learning rate; 0: 2e-4 / sqrt(width / 2^14)")->capture_default_str();
  verb->add_option("--documents", o.documents, "documents of the text to harvest, at most; a text of your own ends where --tokens rows are harvested")->check(CLI::Range(64, 10'000'000))->capture_default_str();
  verb->add_option("--seed", o.dictionary.seed, "of the dictionary")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  verb->add_flag("--random-twin", o.random_twin, "from the same model with fresh random weights: a control");
  verb->add_option("--out", o.out, "folder for dictionary.safetensors")->required();
  verb->add_flag("--resume", o.resume, "go on where an interrupted training in --out stopped");
  verb->callback([] { train(o); });
}

}  // namespace fairfight
