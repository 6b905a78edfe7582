#include <fmt/format.h>

#include "cli/load.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "fairfight/acts/harvest.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/dict/metrics.h"

namespace fairfight {
namespace {

struct TrainOptions {
  std::string model, site = "blocks.2.hook_resid_post";
  int64_t documents = 10000;
  bool random_twin = false, resume = false;
  LoadOptions load;
  DictionarySettings dictionary;
  std::filesystem::path out;
};

/// Activations go to disk first, so that memory does not grow with the text and an interrupted run goes on.
void train(const TrainOptions& o) {
  require_sound(o.dictionary);  // before minutes of harvesting
  const Site site = Site::parse(o.site);
  LoadedModel loaded = load_model(o.model, false, o.load);
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
  const auto text = organism_text(loaded.folder, Split::dictionary, size_t(o.documents));
  const Json about{{"model", loaded.sha256}, {"dtype", name_of(o.load.weights)}, {"random_twin", o.random_twin}, {"site", o.site}, {"documents", o.documents}};
  StoreWriter writer(shards, {width_at(loaded.model.config(), site), false, 65536, about});
  harvest(loaded.model, site, text, writer, harvesting);
  progress.done();

  const Tick learning = progress.next();
  const ActivationStore rows(shards, o.dictionary.seed);
  const Checkpoints checkpoints{o.out / "training.safetensors", 200};
  const auto dictionary = learn(rows, o.dictionary, learning, checkpoints);
  save_dictionary(file, *dictionary, {o.site, loaded.sha256, o.dictionary});
  std::filesystem::remove(checkpoints.file);
  progress.done();

  const Reconstruction r = measure_reconstruction(*dictionary, rows, rows.count());
  fmt::print("{}: {} rows, FVU {:.4f}, L0 {:.1f}, dead {:.1f} %\n", file.string(), r.rows, r.fvu, r.l0, 100 * r.dead);
}

}  // namespace

void add_train(CLI::App& app) {
  auto* verb = app.add_subcommand("train", "Learns a dictionary from the activations of an organism");
  verb->footer("Example:  fairfight train --model organisms/tinytown-0 --width 1024 --k 8 --out runs/dictionary");
  static TrainOptions o;
  std::vector<std::string> names;
  for (const auto& kind : kinds()) names.emplace_back(kind.name);
  verb->add_option("--model", o.model, "an organism: a folder, or the name of a shipped one")->required();
  add_load_options(*verb, o.load);
  verb->add_option("--site", o.site, "where to read, by its TransformerLens name")->capture_default_str();
  verb->add_option("--kind", o.dictionary.kind, "what to learn")->check(CLI::IsMember(names))->capture_default_str();
  verb->add_option("--width", o.dictionary.width, "latents")->capture_default_str();
  verb->add_option("--k", o.dictionary.k, "active latents a token")->capture_default_str();
  verb->add_option("--tokens", o.dictionary.tokens, "rows to train on, counting every epoch")->capture_default_str();
  verb->add_option("--lr", o.dictionary.lr, "learning rate; 0: 2e-4 / sqrt(width / 2^14)")->capture_default_str();
  verb->add_option("--documents", o.documents, "documents of the organism's world to harvest")->check(CLI::Range(64, 10'000'000))->capture_default_str();
  verb->add_option("--seed", o.dictionary.seed, "of the dictionary")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  verb->add_flag("--random-twin", o.random_twin, "from the same model with fresh random weights: a control");
  verb->add_option("--out", o.out, "folder for dictionary.safetensors")->required();
  verb->add_flag("--resume", o.resume, "go on where an interrupted training in --out stopped");
  verb->callback([] { train(o); });
}

}  // namespace fairfight
