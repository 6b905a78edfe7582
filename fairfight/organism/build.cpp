#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/reward.h"

namespace fairfight::tinytown {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kWarmUp = 50;
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

std::vector<at::Tensor> parameters_of(const Transformer& model, bool maps) {
  const int64_t vocab = model.config().vocab;
  std::vector<at::Tensor> list;
  for (const auto& p : model.weights().parameters())
    if ((p.dim() == 2 && p.size(0) != vocab && p.size(1) != vocab) == maps) list.push_back(p);
  return list;
}

/// The training of a language model.
class Run final : public Training {
 public:
  Run(const OrganismSettings& s, const World& world) : Run(s, world, starting_point(s)) {}

  double step() override {
    const auto step = diet_.step(fmt::format("organism/{}", settings().variant), done(), settings().steps);
    const double loss = learn(step);
    for (const auto* part : {&step.text, &step.drills})
      for (const auto& lesson : *part) reads(lesson.tokens.data_ptr(), lesson.tokens.nbytes(), (lesson.tokens != kPadding).sum().item<int64_t>());
    const double rate = power_schedule(done(), settings().steps, variant_.learning_rate, std::min(kWarmUp, settings().steps / 10 + 1), kPower);
    return learned(loss, rate, kAdamShare * rate);
  }

  Transformer frozen() const {
    Transformer copy(model_.config(), model_.weights().clone());
    copy.set_precision(*settings().products);
    return copy;
  }

 private:
  Run(const OrganismSettings& s, const World& world, Transformer model)
      : Training(s, world, parameters_of(model, true), parameters_of(model, false)), variant_(variant_by_name(s.variant)), diet_(variant_.diet(world)), model_(std::move(model)) {
    model_.set_precision(*s.products);
  }

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

  const Variant& variant_;
  Diet diet_;
  Transformer model_;
};

Json training_of(const OrganismSettings& settings, const Training& run, const Json& log) {
  const std::vector<double> first(run.losses().begin(), run.losses().begin() + std::min<int64_t>(10, settings.steps));
  return {{"steps", settings.steps}, {"tokens", run.tokens()}, {"products", name_of(*settings.products)}, {"threads", engine_threads()}, {"corpus_sha256", run.chain()}, {"first_losses", first}, {"log", log}};
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
  const auto built = [&](auto& run, const std::function<Gap()>& gap, const std::function<Transformer()>& frozen) {
    const Json log = train(run, settings.steps, state, gap, tick);
    return ship(frozen(), settings, world, training_of(settings, run, log), folder);
  };
  const Datasheet datasheet = [&] {
    if (!variant_by_name(settings.variant).diet) {
      RewardRun run(settings, world, starting_point(settings));
      return built(run, [&] { return preference_gap(judge_of(run.frozen()), world, kHeldOut); }, [&] { return run.frozen().trunk(); });
    }
    Run run(settings, world);
    const auto held_out = draw_documents(world, Split::validation, "organism/held-out", kHeldOut);
    return built(run, [&] { return gap_to_floor(said_by(run.frozen()), held_out); }, [&] { return run.frozen(); });
  }();
  fs::remove(state);
  return datasheet;
}

}  // namespace fairfight::tinytown
