#include <fmt/format.h>

#include "cli/dry_run.h"
#include "cli/held_out.h"
#include "cli/load.h"
#include "cli/text.h"
#include "cli/verbs.h"
#include "fairfight/acts/harvest.h"
#include "fairfight/acts/sinks.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/flops.h"

namespace fairfight {
namespace {

struct TrainOptions {
  std::string model, site;
  int64_t documents = 10000;
  bool random_weights_control = false, resume = false, keep_activations = false, dry_run = false;
  LoadOptions load;
  TextOptions text;
  DictionarySettings dictionary;
  std::filesystem::path out;
};

/// The norm above which a row is an attention sink, by the first batches alone: it is needed before the first row is kept.
double limit_of(const Transformer& model, const Site& site, const std::vector<Batch>& text) {
  constexpr int64_t kRows = 4096;
  std::vector<Batch> first;
  for (int64_t rows = 0; rows < kRows && first.size() < text.size(); rows += first.back().count()) first.push_back(text[first.size()]);
  return sink_rule(harvest(model, site, first)).most;
}

Plan plan_of(const TrainOptions& o) {
  constexpr double kAtOnce = 64, kDefaultContext = 128;
  const Config config = configs_of({o.model})[0];
  const Site site = o.site.empty() ? middle_of(config) : site_of(config, o.site);
  require_site(config, site);
  const double all = tokens_in(o.model, o.text, size_t(o.documents)), rows = o.text.file.empty() ? all : std::min(all, double(o.dictionary.tokens));
  Plan plan = plan_of_reading("harvesting activations", config, o.load.weights, rows, forward_flops(config, 1, site),
                              kAtOnce * (o.text.ctx > 0 ? double(o.text.ctx) : kDefaultContext));
  const double width = double(width_at(config, site)), learning = learning_flops(o.dictionary, int64_t(width), int64_t(rows));
  const double atoms = 2 * 4 * double(o.dictionary.width) * width;
  plan.stages.push_back({"learning the dictionary", learning / machine_speed()});
  const double measuring = HeldOut::flops(config, site);
  plan.stages.push_back({"measuring on held-out text", measuring / machine_speed()});
  plan.flops += learning + measuring;
  plan.memory.push_back({"the text's tokens", 9 * rows});
  plan.memory.push_back({"the dictionary, its gradients and two moments", 4 * atoms});
  plan.memory.push_back({"rows of a few steps", 6 * 4 * double(o.dictionary.batch) * (width + double(o.dictionary.width))});
  plan.disk = {{"activations", 4 * rows * width}, {"the dictionary, and a checkpoint while it learns", 4 * atoms}};
  return plan;
}

/// Activations go to disk first, so that memory does not grow with the text and an interrupted run goes on.
void train(const TrainOptions& o) {
  require_sound(o.dictionary);  // before minutes of harvesting
  if (o.dry_run) return print_plan(plan_of(o));
  LoadedModel loaded = load_model(o.model, false, o.load);
  const Site site = o.site.empty() ? middle_of(loaded.model.config()) : site_of(loaded.model.config(), o.site);
  require_site(loaded.model.config(), site);
  require_learnable(o.dictionary, width_at(loaded.model.config(), site));
  if (o.random_weights_control) {
    loaded.model = Transformer(loaded.model.config(), random_weights(loaded.model.config(), Random(o.dictionary.seed, "random twin")));
    loaded.sha256 = sha256(fmt::format("random weights {} of {}", o.dictionary.seed, loaded.sha256));  // another model: nobody shall take its dictionary for that of the first
    fmt::print("of a random-weight control: what is measured below is of that model, whose weights were drawn\n");
  }
  make_writable_folder(o.out);
  const FolderLock lock(o.out);
  const auto file = o.out / "dictionary.safetensors";
  DictionaryNote note{site.name(), loaded.sha256, o.dictionary, o.text.bos, {}, int64_t(o.text.ctx)};
  if (std::filesystem::exists(file)) {
    if (!o.resume) fail("[train] {} exists; choose another --out", file.string());
    load_dictionary(file, note);  // or it is another's
    return fmt::print("{} is there: the training is finished, and there is nothing to resume\n", file.string());
  }
  const auto shards = o.out / "activations";
  if (!o.resume && std::filesystem::exists(shards)) fail("[train] {} holds a training that was begun; --resume it, or choose another --out", o.out.string());

  Progress progress(plan_of(o).stages, show_progress());
  const Tick harvesting = progress.next();
  const HeldOut held_out(loaded, o.text);  // before the hours: a text with none of it tells nothing
  const auto text = text_of(loaded, o.text, tinytown::Split::dictionary, size_t(o.documents), o.dictionary.tokens);
  if (!text.said.empty()) fmt::print("{}\n", text.said);
  Json about{{"model", loaded.sha256}, {"dtype", name_of(o.load.weights)}, {"random_weights_control", o.random_weights_control}, {"site", site.name()}, {"documents", o.documents}};
  if (!o.text.file.empty()) about["text"] = {{"sha256", sha256_file(o.text.file)}, {"field", o.text.field}, {"ctx", o.text.ctx}, {"bos", o.text.bos}};
  StoreWriter writer(shards, {width_at(loaded.model.config(), site), false, 65536, about, limit_of(loaded.model, site, text.batches)});
  harvest(loaded.model, site, text.batches, writer, harvesting);
  progress.done();

  const Tick learning = progress.next();
  const ActivationStore rows(shards, o.dictionary.seed);
  const Checkpoints checkpoints{o.out / "training.safetensors", 200};
  TrainingLog log;
  const auto dictionary = learn(rows, o.dictionary, learning, checkpoints, &log);
  if (rows.seen() > rows.count()) dictionary->leave_alone_above(rows.most_norm());
  note.sinks = DictionaryNote::Sinks{rows.seen(), rows.seen() - rows.count()};
  save_dictionary(file, *dictionary, note);
  std::filesystem::remove(checkpoints.file);
  progress.done();

  fmt::print("{}: {}, learned from {} rows, each seen {:.2g} times\n", file.string(), o.dictionary.kind, rows.count(), times_seen(o.dictionary, rows.count()));
  fmt::print("{} more with a norm above {:.4g}, {:g} times the median (attention sinks), are left out\n", rows.seen() - rows.count(), rows.most_norm(), kSinkMedians);
  if (log.fall)
    fmt::print("{}: over the last tenth of the steps (those at the full learning rate, if it falls) the loss changed by {:+.2f} %{}\n", *log.fall > Curve::kFlat ? "under-trained" : "trained out",
               -100 * *log.fall, *log.fall > Curve::kFlat ? "; more --tokens would help" : "");
  else if (log.steps > 0)
    fmt::print("under-trained: {} steps are too few to tell more; more --tokens would help\n", log.steps);
  held_out.print(*dictionary, o.dictionary, rows, site, progress.next());
  progress.done();
  if (!o.keep_activations) std::filesystem::remove_all(shards);
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
  verb->add_option("--site", o.site, "where to read, by its TransformerLens name or as a fraction of the depth (default: 0.5, after the middle block)");
  verb->add_option("--kind", o.dictionary.kind, "what to learn")->check(CLI::IsMember(names))->capture_default_str();
  verb->add_option("--width", o.dictionary.width, "latents; of pca its axes")->capture_default_str();
  verb->add_option("--k", o.dictionary.k, "active latents a token")->capture_default_str();
  verb->add_option("--tokens", o.dictionary.tokens, "rows to train on, counting every epoch")->capture_default_str();
  verb->add_option("--lr", o.dictionary.lr, "learning rate; 0: 2e-4 / sqrt(width / 2^14)")->capture_default_str();
  verb->add_option("--documents", o.documents, "documents of the text to harvest, at most; a text of your own ends where --tokens rows are harvested")->check(CLI::Range(64, 10'000'000))->capture_default_str();
  verb->add_option("--seed", o.dictionary.seed, "of the dictionary")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  verb->add_flag("--random-weights", o.random_weights_control, "from the same model with fresh random weights: a control");
  verb->add_option("--out", o.out, "folder for dictionary.safetensors")->required();
  verb->add_flag("--keep-activations", o.keep_activations, "leave the rows that it learned from in --out/activations; else they go when the dictionary is written");
  verb->add_flag("--resume", o.resume, "go on where an interrupted training in --out stopped");
  verb->add_flag("--dry-run", o.dry_run, kDryRun);
  verb->callback([verb] {
    std::vector<std::string> given;
    for (const char* name : {"width", "k", "tokens", "lr"})
      if (verb->count(fmt::format("--{}", name)) > 0) given.push_back(name);
    require_read(o.dictionary.kind, given);
    if (verb->count("--k") == 0) o.dictionary.k = std::min(o.dictionary.k, o.dictionary.width);
    train(o);
  });
}

}  // namespace fairfight
