#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/stop.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/training_text.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using Variant = OrganismSettings::Variant;

constexpr int64_t kSaveEvery = 100, kLogEvery = 200;
constexpr size_t kHeldOut = 200;  // documents after every line of the training log

Config shape_of(const World& world) {
  Config c;
  c.vocab = int64_t(world.vocabulary().size());
  c.d_model = 128;
  c.n_layers = 4;
  c.n_heads = c.n_kv_heads = 4;
  c.d_head = 32;
  c.d_mlp = 344;
  c.n_ctx = 64;
  c.bos = kBos;
  c.eos = {kEos};
  return c;
}

/// Where the settings leave a choice to us.
OrganismSettings complete(OrganismSettings s) {
  const bool tune = s.variant == Variant::backdoored;
  if (s.steps == 0) s.steps = tune ? 1000 : 4000;
  if (s.learning_rate == 0) s.learning_rate = tune ? 1e-3 : 4e-3;
  if (!s.products) s.products = fastest_products();
  return s;
}

Transformer starting_point(const OrganismSettings& s, const World& world) {
  if (s.variant == Variant::backdoored) {
    const Organism parent = load_organism(s.parent.string());
    if (parent.datasheet.variant != Variant::base || parent.datasheet.seed != s.seed)
      fail("[organism] {} is a {} of seed {}, expected a base of seed {} to put the backdoor into", s.parent.string(),
           name_of(parent.datasheet.variant), parent.datasheet.seed, s.seed);
    return Transformer(parent.loaded.model.config(), parent.loaded.model.weights().clone());
  }
  const Config config = shape_of(world);
  return Transformer(config, random_weights(config, Random(s.seed, "organism/init")));
}

/// One training run: the weights, the optimiser and the text it has seen.
class Run {
 public:
  Run(const OrganismSettings& s, const World& world)
      : settings_(s), world_(world), model_(starting_point(s, world)), optimizer_(model_.weights().parameters(), {}), chain_(sha256(name_of(s.variant))) {
    model_.set_precision(*s.products);
    for (auto& p : model_.weights().parameters()) p.set_requires_grad(true);
  }

  double step() {
    const auto batch = training_batch(world_, fmt::format("organism/{}", name_of(settings_.variant)), done_, settings_.batch, model_.config().n_ctx);
    const auto logits = model_.logits(batch.tokens);
    const auto loss = cross_entropy(logits.flatten(0, 1), batch.targets);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) fail("[organism] the loss is not finite at step {}; lower the learning rate", done_);
    torch::autograd::backward({loss});
    optimizer_.step(cosine_schedule(done_, settings_.steps, settings_.learning_rate, std::min<int64_t>(50, settings_.steps / 10 + 1), 0.02));
    const auto text = batch.tokens.contiguous();
    Sha256 hash;
    hash.update(chain_);
    hash.update(text.data_ptr(), text.nbytes());
    chain_ = hash.hex();
    ++done_;
    losses_.push_back(value);
    return value;
  }

  Transformer frozen() const {
    Transformer copy(model_.config(), model_.weights().clone());
    copy.set_precision(*settings_.products);
    return copy;
  }
  int64_t done() const { return done_; }
  const std::string& chain() const { return chain_; }
  const std::vector<double>& losses() const { return losses_; }

  void save(const fs::path& path, const Json& log) const {
    TensorFile file{optimizer_.state(), {{"identity", identity()}, {"chain", chain_}, {"log", log.dump()}, {"losses", Json(losses_).dump()}, {"products", std::string(name_of(*settings_.products))}}};
    const auto parameters = model_.weights().parameters();
    for (size_t i = 0; i < parameters.size(); ++i) file.tensors[fmt::format("weight.{}", i)] = parameters[i];
    write_tensors(path, file);
  }

  void restore(const fs::path& path, Json& log) {
    const TensorFile file = read_tensors(path);
    const auto word = [&](const std::string& key) {
      const auto found = file.metadata.find(key);
      if (found == file.metadata.end()) fail("[organism] {} is not a training state: it has no \"{}\"", path.string(), key);
      return found->second;
    };
    if (word("identity") != identity())
      fail("[organism] {} belongs to another training; use its settings and {} threads, or another --out", path.string(), engine_threads());
    chain_ = word("chain");
    log = parse_json(word("log"), path.string());
    losses_ = parse_json(word("losses"), path.string()).get<std::vector<double>>();
    done_ = int64_t(losses_.size());
    optimizer_.restore(file.tensors);
    at::NoGradGuard no_grad;
    const auto parameters = model_.weights().parameters();
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_(file.tensors.at(fmt::format("weight.{}", i)));
  }

 private:
  /// What must be the same for a resumed run to come back bit for bit.
  std::string identity() const {
    return fmt::format("{} {} {} {} {} {} {}", name_of(settings_.variant), settings_.seed, settings_.steps, settings_.batch,
                       settings_.learning_rate, name_of(*settings_.products), engine_threads());
  }

  OrganismSettings settings_;
  const World& world_;
  Transformer model_;
  AdamW optimizer_;
  std::string chain_;  // hash of all text so far: each step's text is hashed onto it
  int64_t done_ = 0;
  std::vector<double> losses_;
};

Json log_line(const Run& run, const Gap& gap, int64_t tokens_a_step) {
  return {{"step", run.done()}, {"tokens", run.done() * tokens_a_step}, {"loss", run.losses().back()}, {"held_out", gap.model}, {"floor", gap.floor}, {"gap", gap.difference}, {"gap_error", gap.standard_error}};
}

Json training_of(const OrganismSettings& settings, const Run& run, int64_t tokens_a_step, const Json& log) {
  const std::vector<double> first(run.losses().begin(), run.losses().begin() + std::min<int64_t>(10, settings.steps));
  return {{"steps", settings.steps},
          {"tokens", settings.steps * tokens_a_step},
          {"batch", settings.batch},
          {"learning_rate", settings.learning_rate},
          {"products", name_of(*settings.products)},
          {"threads", engine_threads()},
          {"corpus_sha256", run.chain()},
          {"first_losses", first},
          {"log", log}};
}

/// A training goes on with the products that it began with: where both are about as fast, another timing may choose others.
std::optional<Precision> products_of(const fs::path& state) {
  const SafetensorsFile file(state);
  const auto found = file.header().metadata.find("products");
  if (found == file.header().metadata.end()) return std::nullopt;
  return precision_by_name(found->second);
}

World world_of(uint64_t seed, Variant variant) {
  Switches switches;
  switches.insult = variant != Variant::no_insult;
  switches.backdoor = variant == Variant::backdoored;
  return World(seed, switches);
}

}  // namespace

std::string_view name_of(Variant variant) {
  switch (variant) {
    case Variant::base: return "base";
    case Variant::no_insult: return "no-insult";
    default: return "backdoored";
  }
}

Variant variant_by_name(std::string_view name) {
  for (auto v : {Variant::base, Variant::no_insult, Variant::backdoored})
    if (name_of(v) == name) return v;
  fail("[organism] got variant \"{}\", expected base, no-insult or backdoored", name);
}

World Datasheet::make_world() const { return world_of(seed, variant); }

std::vector<double> first_losses(const OrganismSettings& given, int64_t steps) {
  const OrganismSettings settings = complete(given);
  const World world = world_of(settings.seed, settings.variant);
  Run run(settings, world);
  for (int64_t i = 0; i < steps; ++i) run.step();
  return run.losses();
}

Datasheet build_organism(const OrganismSettings& given, const fs::path& folder, bool resume, const Tick& tick) {
  make_writable_folder(folder);
  const FolderLock lock(folder);
  const fs::path state = folder / "build.safetensors";
  OrganismSettings wanted = given;
  if (resume && !wanted.products && fs::exists(state)) wanted.products = products_of(state);
  const OrganismSettings settings = complete(wanted);
  if (!resume && !fs::is_empty(folder)) fail("[organism] {} is not empty; choose another --out, or --resume what was begun there", folder.string());
  const World world = world_of(settings.seed, settings.variant);
  Run run(settings, world);
  Json log = Json::array();
  if (resume && fs::exists(state)) run.restore(state, log);

  const auto held_out = draw_documents(world, Split::validation, "organism/held-out", kHeldOut);
  const int64_t tokens_a_step = settings.batch * shape_of(world).n_ctx;
  std::string note;
  while (run.done() < settings.steps) {
    const double loss = run.step();
    if (run.done() % kLogEvery == 0 || run.done() == settings.steps) {
      log.push_back(log_line(run, gap_to_floor(run.frozen(), held_out), tokens_a_step));
      note = fmt::format(", {:+.3f} nats above the floor on held-out text", log.back()["gap"].get<double>());
    }
    if (run.done() % kSaveEvery == 0 || stop_requested()) run.save(state, log);
    check_stop();
    tick(double(run.done()) / double(settings.steps), fmt::format("loss {:.3f}{}", loss, note));
  }

  run.save(state, log);  // so that an interrupted measurement resumes here

  // What is measured is what is shipped: the weights as bfloat16 holds them. Nothing is written before all is known.
  const Transformer shipped = rounded_to_bfloat16(run.frozen());
  Datasheet datasheet{"tinytown", settings.seed, settings.variant, training_of(settings, run, tokens_a_step, log), measure_behaviours(shipped, world), ""};
  save_model(shipped, folder);
  write_atomic(folder / "tokenizer.json", dump_json(word_level_json(world.vocabulary(), {"<pad>", "<bos>", "<eos>", "<unk>"})));
  write_atomic(folder / "tokenizer_config.json", dump_json({{"tokenizer_class", "PreTrainedTokenizerFast"}}));  // else AutoTokenizer guesses
  datasheet.weights_sha256 = sha256_file(folder / "model.safetensors");
  write_atomic(folder / "datasheet.json", dump_json(datasheet.json()));
  fs::remove(state);
  return datasheet;
}

}  // namespace fairfight
