#include "fairfight/organism/training.h"

#include <fmt/format.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight::tinytown {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSaveEvery = 100, kLogEvery = 200;
constexpr double kShare = 0.95;  // of the time is training; the rest is what is measured then

std::string hash_of(const std::vector<at::Tensor>& parameters) {
  Sha256 hash;
  for (const auto& p : parameters) hash.update(p.data_ptr(), p.nbytes());
  return hash.hex();
}

Json log_line(const Training& run, const Gap& gap) {
  return {{"step", run.done()}, {"tokens", run.tokens()}, {"loss", run.losses().back()}, {"held_out", gap.model}, {"floor", gap.floor}, {"gap", gap.difference}, {"gap_error", gap.standard_error}};
}

}  // namespace

Training::Training(const OrganismSettings& settings, const World& world, std::vector<at::Tensor> matrices, std::vector<at::Tensor> others)
    : settings_(settings), grammar_(fingerprint(world)), parameters_(matrices), muon_(matrices, {}), adam_(others, {}), chain_(sha256(settings.variant)) {
  parameters_.insert(parameters_.end(), others.begin(), others.end());
  start_ = hash_of(parameters_);
  for (auto& p : parameters_) p.set_requires_grad(true);
}

void Training::reads(const void* tokens, size_t bytes, int64_t count) {
  if (!hash_) hash_.emplace().update(chain_);
  hash_->update(tokens, bytes);
  tokens_ += count;
}

double Training::learned(double loss, double muon_rate, double adam_rate) {
  if (!std::isfinite(loss)) fail("[organism] the loss is not finite at step {}; lower the learning rate", done());
  muon_.step(muon_rate);
  adam_.step(adam_rate);
  chain_ = hash_->hex();
  hash_.reset();
  losses_.push_back(loss);
  return loss;
}

std::string Training::identity() const {
  return fmt::format("{} {} {} {} {} {} {}", settings_.variant, settings_.seed, settings_.steps, name_of(*settings_.products), engine_threads(), grammar_, start_);
}

void Training::save(const fs::path& path, const Json& log) const {
  TensorFile file{adam_.state(), {{"identity", identity()}, {"chain", chain_}, {"log", log.dump()}, {"losses", Json(losses_).dump()}, {"tokens", std::to_string(tokens_)}, {"products", std::string(name_of(*settings_.products))}}};
  file.tensors.merge(muon_.state());
  for (size_t i = 0; i < parameters_.size(); ++i) file.tensors[fmt::format("weight.{}", i)] = parameters_[i];
  write_tensors(path, file);
}

void Training::restore(const fs::path& path, Json& log) {
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
  tokens_ = parse_json(word("tokens"), path.string()).get<int64_t>();
  adam_.restore(file.tensors);
  muon_.restore(file.tensors);
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) parameters_[i].copy_(file.tensors.at(fmt::format("weight.{}", i)));
}

Json train(Training& run, int64_t steps, const fs::path& state, const std::function<Gap()>& examine, const Tick& tick) {
  Json log = Json::array();
  if (fs::exists(state)) run.restore(state, log);
  std::string note;
  try {
    for (;;) {
      const int64_t done = run.done();
      if (done > 0 && (done % kLogEvery == 0 || done == steps) && (log.empty() || log.back()["step"] != done)) {
        log.push_back(log_line(run, examine()));
        note = fmt::format(", {:+.3f} nats above the floor on held-out text", log.back()["gap"].get<double>());
      }
      if (done >= steps) break;
      if (done > 0 && done % kSaveEvery == 0) run.save(state, log);
      check_stop();
      const double loss = run.step();
      tick(kShare * double(run.done()) / double(steps), fmt::format("loss {:.3f}{}", loss, note));
    }
  } catch (const Interrupted&) {  // wherever the stop was noticed, a step is done or not begun
    run.save(state, log);
    throw;
  }
  run.save(state, log);  // so that an interrupted measurement resumes here
  return log;
}

std::optional<Precision> products_of(const fs::path& state) {
  const SafetensorsFile file(state);
  const auto found = file.header().metadata.find("products");
  if (found == file.header().metadata.end()) return std::nullopt;
  return precision_by_name(found->second);
}

}  // namespace fairfight::tinytown
