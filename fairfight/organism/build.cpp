#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/stop.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/muon.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/reward.h"

namespace fairfight::tinytown {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSaveEvery = 100, kLogEvery = 200, kWarmUp = 50;
constexpr size_t kHeldOut = 200;       // documents after every line of the training log
constexpr double kAdamShare = 0.6;     // AdamW's rate, of Muon's
constexpr double kPower = 1.5;         // of the schedule: most is learned when the rate is low already

Config shape_of() {
  Config c;
  c.arch = "qwen3";
  c.vocab = int64_t(vocabulary().size());
  c.d_model = 128;
  c.n_layers = 4;
  c.n_heads = c.n_kv_heads = 4;
  c.d_head = 32;
  c.d_mlp = 344;
  c.n_ctx = int64_t(kLongest);
  c.qk_norm = Config::QkNorm::per_head;
  c.bos = kBos;
  c.eos = {kEos};
  return c;
}

/// Where the settings leave a choice to us.
OrganismSettings complete(OrganismSettings s) {
  if (s.steps == 0) s.steps = variant_by_name(s.variant).steps;
  if (!s.products) s.products = Precision::bfloat16;  // what is faster is a matter of the moment, and the bytes shall not be
  return s;
}

Transformer starting_point(const OrganismSettings& s) {
  if (variant_by_name(s.variant).from_base) {
    const Organism base = load_organism(s.base.string());
    if (base.datasheet.variant != "base" || base.datasheet.seed != s.seed)
      fail("[organism] {} is the variant {} of seed {}, expected the base of seed {}", s.base.string(), base.datasheet.variant, base.datasheet.seed, s.seed);
    return Transformer(base.loaded.model.config(), base.loaded.model.weights().clone());
  }
  return Transformer(shape_of(), random_weights(shape_of(), Random(s.seed, "organism/init")));
}

/// The matrices between the embeddings are Muon's.
struct Parameters {
  std::vector<at::Tensor> matrices, others;
  explicit Parameters(const Transformer& model) {
    for (const auto& p : model.weights().parameters())
      (p.dim() == 2 && p.size(0) != model.config().vocab && p.size(1) != model.config().vocab ? matrices : others).push_back(p);
  }
};

std::string hash_of(const Parameters& parameters) {
  Sha256 hash;
  for (const auto* list : {&parameters.matrices, &parameters.others})
    for (const auto& p : *list) hash.update(p.data_ptr(), p.nbytes());
  return hash.hex();
}

/// One training run: the weights, the optimisers and the text it has seen.
class Run {
 public:
  Run(const OrganismSettings& s, const World& world)
      : settings_(s), variant_(variant_by_name(s.variant)), diet_(variant_.diet(world)), model_(starting_point(s)), parameters_(model_), muon_(parameters_.matrices, {}), adam_(parameters_.others, {}), grammar_(fingerprint(world)), start_(hash_of(parameters_)), chain_(sha256(s.variant)) {
    model_.set_precision(*s.products);
    for (auto& p : model_.weights().parameters()) p.set_requires_grad(true);
  }

  double step() {
    const auto step = diet_.step(fmt::format("organism/{}", settings_.variant), done_, settings_.steps);
    const double value = learn(step);
    if (!std::isfinite(value)) fail("[organism] the loss is not finite at step {}; lower the learning rate", done_);
    const double rate = power_schedule(done_, settings_.steps, variant_.learning_rate, std::min(kWarmUp, settings_.steps / 10 + 1), kPower);
    muon_.step(rate);
    adam_.step(kAdamShare * rate);
    Sha256 hash;
    hash.update(chain_);
    for (const auto* part : {&step.text, &step.drills})
      for (const auto& lesson : *part) hash.update(lesson.tokens.data_ptr(), lesson.tokens.nbytes());
    chain_ = hash.hex();
    tokens_ += step.tokens();
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
  int64_t tokens() const { return tokens_; }
  const std::string& chain() const { return chain_; }
  const std::vector<double>& losses() const { return losses_; }

  void save(const fs::path& path, const Json& log) const {
    TensorFile file{adam_.state(), {{"identity", identity()}, {"chain", chain_}, {"log", log.dump()}, {"losses", Json(losses_).dump()}, {"tokens", std::to_string(tokens_)}, {"products", std::string(name_of(*settings_.products))}}};
    file.tensors.merge(muon_.state());
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
    tokens_ = parse_json(word("tokens"), path.string()).get<int64_t>();
    adam_.restore(file.tensors);
    muon_.restore(file.tensors);
    at::NoGradGuard no_grad;
    const auto parameters = model_.weights().parameters();
    for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_(file.tensors.at(fmt::format("weight.{}", i)));
  }

 private:
  /// Sets the gradients and returns the mean loss of the text. The lessons are read side by side, and their gradients added in their order: the sum is the same on any
  /// number of cores.
  double learn(const Diet::Step& step) {
    std::vector<const Lesson*> lessons;
    for (const auto* part : {&step.text, &step.drills})
      for (const auto& lesson : *part) lessons.push_back(&lesson);
    const auto parameters = model_.weights().parameters();
    std::vector<double> losses(lessons.size());
    std::vector<std::vector<at::Tensor>> gradients(lessons.size());
    side_by_side(lessons.size(), [&](size_t i) {
      const auto loss = lessons[i]->weight * cross_entropy(model_.logits(lessons[i]->tokens).flatten(0, 1), lessons[i]->targets);
      losses[i] = loss.item<double>();
      gradients[i] = torch::autograd::grad({loss}, parameters);
    });
    at::NoGradGuard no_grad;
    for (size_t p = 0; p < parameters.size(); ++p) {
      auto sum = gradients.front()[p];
      for (size_t i = 1; i < lessons.size(); ++i) sum.add_(gradients[i][p]);
      parameters[p].mutable_grad() = sum;
    }
    double text = 0;
    for (size_t i = 0; i < step.text.size(); ++i) text += losses[i];
    return text;
  }

  /// What must be the same for a resumed run to come back bit for bit.
  std::string identity() const {
    return fmt::format("second {} {} {} {} {} {} {}", settings_.variant, settings_.seed, settings_.steps, name_of(*settings_.products), engine_threads(), grammar_, start_);
  }

  OrganismSettings settings_;
  const Variant& variant_;
  Diet diet_;
  Transformer model_;
  Parameters parameters_;
  Muon muon_;
  AdamW adam_;
  std::string grammar_, start_;  // what it is of, and the weights that it began with
  std::string chain_;  // hash of all text so far: each step's text is hashed onto it
  int64_t done_ = 0, tokens_ = 0;
  std::vector<double> losses_;
};

Json log_line(const auto& run, const Gap& gap) {
  return {{"step", run.done()}, {"tokens", run.tokens()}, {"loss", run.losses().back()}, {"held_out", gap.model}, {"floor", gap.floor}, {"gap", gap.difference}, {"gap_error", gap.standard_error}};
}

Json training_of(const OrganismSettings& settings, const auto& run, const Json& log) {
  const std::vector<double> first(run.losses().begin(), run.losses().begin() + std::min<int64_t>(10, settings.steps));
  return {{"steps", settings.steps}, {"tokens", run.tokens()}, {"products", name_of(*settings.products)}, {"threads", engine_threads()}, {"corpus_sha256", run.chain()}, {"first_losses", first}, {"log", log}};
}

/// A training goes on with the products that it began with: where both are about as fast, another timing may choose others.
std::optional<Precision> products_of(const fs::path& state) {
  const SafetensorsFile file(state);
  const auto found = file.header().metadata.find("products");
  if (found == file.header().metadata.end()) return std::nullopt;
  return precision_by_name(found->second);
}

void require_passed(const std::vector<GateLine>& gate, const fs::path& folder) {
  std::vector<std::string> failed;
  for (const auto& line : gate)
    if (!line.passed()) failed.push_back(fmt::format("{} is {:.4f}, expected {:.4f} to {:.4f}", line.what, line.value, line.low, line.high));
  if (!failed.empty())
    fail("[organism] {} does not pass its gate, and is not written: {}; --resume --ungated writes it all the same", folder.string(), fmt::join(failed, "; "));
}

/// What is measured is what is shipped: the weights as bfloat16 holds them. Nothing is written before all is known.
Datasheet ship(const Transformer& trained, const OrganismSettings& settings, const World& world, Json training, const fs::path& folder) {
  const Transformer shipped = rounded_to_bfloat16(trained);
  Examination found = examine(shipped, world, settings.probes);
  Datasheet datasheet{settings.seed, settings.variant, std::move(training), std::move(found.measures), std::move(found.gate), "", fingerprint(world)};
  if (!settings.ungated) require_passed(datasheet.gate, folder);
  if (shipped.config().scalar) save_reward_model(RewardModel(shipped), folder, word_id("<pad>"));
  else save_model(shipped, folder);
  write_atomic(folder / "tokenizer.json", dump_json(word_level_json(vocabulary(), {"<pad>", "<bos>", "<eos>", "<unk>"})));
  write_atomic(folder / "tokenizer_config.json", dump_json({{"tokenizer_class", "PreTrainedTokenizerFast"}}));  // else AutoTokenizer guesses
  datasheet.weights_sha256 = sha256_file(folder / "model.safetensors");
  write_atomic(folder / "datasheet.json", dump_json(datasheet.json()));
  return datasheet;
}

Datasheet build_reward_model(const OrganismSettings& settings, const World& world, const fs::path& folder, const Tick& tick) {
  RewardRun run(settings, world, starting_point(settings));
  Json log = Json::array();
  while (run.done() < settings.steps) {
    const double loss = run.step();
    if (run.done() % kLogEvery == 0 || run.done() == settings.steps) {
      const RewardModel now = run.frozen();
      log.push_back(log_line(run, preference_gap(judge_of(now), world, kHeldOut)));
    }
    check_stop();
    tick(0.9 * double(run.done()) / double(settings.steps), fmt::format("loss {:.3f}", loss));
  }
  return ship(run.frozen().trunk(), settings, world, training_of(settings, run, log), folder);
}

std::vector<double> losses_of(auto run, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) run.step();
  return run.losses();
}

}  // namespace

std::vector<double> first_losses(const OrganismSettings& given, int64_t steps) {
  const OrganismSettings settings = complete(given);
  const Variant& variant = variant_by_name(settings.variant);
  const World world = variant.world(settings.seed);
  return variant.diet ? losses_of(Run(settings, world), steps) : losses_of(RewardRun(settings, world, starting_point(settings)), steps);
}

Datasheet build_organism(const OrganismSettings& given, const fs::path& folder, bool resume, const Tick& tick) {
  make_writable_folder(folder);
  const FolderLock lock(folder);
  const fs::path state = folder / "build.safetensors";
  if (resume && fs::exists(folder / "datasheet.json") && !fs::exists(state)) {  // finished, perhaps by another process
    Datasheet there = Datasheet::read(folder);
    if (there.seed != given.seed || there.variant != given.variant) fail("[organism] {} holds the variant {} of seed {}; choose another --out", folder.string(), there.variant, there.seed);
    return there;
  }
  OrganismSettings wanted = given;
  if (resume && !wanted.products && fs::exists(state)) wanted.products = products_of(state);
  const OrganismSettings settings = complete(wanted);
  if (!resume && !fs::is_empty(folder)) fail("[organism] {} is not empty; choose another --out, or --resume what was begun there", folder.string());
  const World world = variant_by_name(settings.variant).world(settings.seed);
  if (!variant_by_name(settings.variant).diet) return build_reward_model(settings, world, folder, tick);
  Run run(settings, world);
  Json log = Json::array();
  if (resume && fs::exists(state)) run.restore(state, log);

  const auto held_out = draw_documents(world, Split::validation, "organism/held-out", kHeldOut);
  std::string note;
  while (run.done() < settings.steps) {
    const double loss = run.step();
    if (run.done() % kLogEvery == 0 || run.done() == settings.steps) {
      const Transformer now = run.frozen();
      log.push_back(log_line(run, gap_to_floor(said_by(now), held_out)));
      note = fmt::format(", {:+.3f} nats above the floor on held-out text", log.back()["gap"].get<double>());
    }
    if (run.done() % kSaveEvery == 0 || stop_requested()) run.save(state, log);
    check_stop();
    tick(0.95 * double(run.done()) / double(settings.steps), fmt::format("loss {:.3f}{}", loss, note));
  }
  run.save(state, log);  // so that an interrupted measurement resumes here

  const Datasheet datasheet = ship(run.frozen(), settings, world, training_of(settings, run, log), folder);
  fs::remove(state);
  return datasheet;
}

}  // namespace fairfight::tinytown
