#include "fairfight/dict/trainer.h"

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kClipNorm = 1.0;

/// s so that E‖s x‖² = d_model.
double input_scale(const at::Tensor& x) {
  const double squares = sum_of_squares(x);
  if (!std::isfinite(squares)) fail("[train] the first batch of rows holds a value that is not finite");
  if (squares == 0) fail("[train] all rows of the first batch are zero; there is nothing to learn");
  return std::sqrt(double(x.numel()) / squares);
}

}  // namespace

at::Tensor random_unit_rows(int64_t rows, int64_t d, Random random) {
  auto x = at::empty({rows, d}, at::kFloat);
  for (float *p = x.data_ptr<float>(), *end = p + x.numel(); p != end; ++p) *p = float(random.normal());
  return x / x.norm(2, 1, true);
}

at::Tensor geometric_median(const at::Tensor& x) {
  constexpr int kIterations = 100;
  constexpr double kTolerance = 1e-5;
  auto median = x.mean(0);
  for (int i = 0; i < kIterations; ++i) {
    const auto weight = 1 / (x - median).norm(2, 1).clamp_min(1e-8);
    const auto next = at::mv(x.t(), weight) / weight.sum();
    const double moved = (next - median).norm().item<double>(), size = next.norm().item<double>();
    median = next;
    if (moved <= kTolerance * size) break;
  }
  return median;
}

TopKTrainer::Parameter::Parameter(at::Tensor initial)
    : w(std::move(initial)), first(at::zeros_like(w)), second(at::zeros_like(w)) {}

TopKTrainer::TopKTrainer(const Rows& rows, const DictionarySettings& settings)
    : rows_(rows),
      settings_((require_sound(settings), settings)),
      scale_(input_scale(rows.batch(0, settings.batch))),
      encoder_(random_unit_rows(settings.width, rows.d_model(), Random(settings.seed, "dictionary/init"))),
      bias_(at::zeros({settings.width})),
      decoder_(encoder_.w.clone()),
      b_dec_(geometric_median(scaled_batch())),
      silent_(at::zeros({settings.width}, at::kLong)),
      curve_(settings.steps(), settings.steps_before_decay()),
      gradients_(settings.width, rows.d_model()) {}

at::Tensor TopKTrainer::scaled_batch() const { return rows_.batch(step_, settings_.batch).mul_(scale_); }

TopKTrainer::Report TopKTrainer::step() {
  const at::NoGradGuard no_grad;
  const auto x = scaled_batch(), input = x - b_dec_.w;
  std::vector<Competition> competitions{{settings_.k}};
  const int64_t places = settings_.aux_places(x.size(1));
  const auto dead = places > 0 ? dead_latents() : at::empty({0}, at::kInt);
  if (dead.numel() > 0) competitions.push_back({std::min(places, dead.numel()), dead});
  const auto codes = encode_top_k(input, encoder_.w, bias_.w, competitions);

  const Pull main = pull(codes[0], decoder_.w, b_dec_.w, x);
  const double count = double(x.numel());
  Report report{sum_of_squares(main.error) / count, 0, dead.numel()};
  std::vector<LossTerm> terms{{codes[0], main, 2 / count}};
  Pull auxiliary;
  if (codes.size() > 1) {
    const auto residual = -main.error;
    auxiliary = pull(codes[1], decoder_.w, at::zeros_like(b_dec_.w), residual);
    const double variance = sum_of_squares(residual - residual.mean(0));
    if (variance > 0) {
      report.auxiliary = sum_of_squares(auxiliary.error) / variance;
      terms.push_back({codes[1], auxiliary, 2 * settings_.aux_coefficient / variance});
    }
  }

  sparse_backward(terms, input, decoder_.w, gradients_);
  // The b_dec is added by the decoder and subtracted before the encoder.
  const auto b_dec_gradient = main.error.sum(0) * (2 / count) - at::mv(encoder_.w.t(), gradients_.bias);
  const double norm = std::sqrt(gradients_.squares + sum_of_squares(b_dec_gradient));
  if (!std::isfinite(report.loss) || !std::isfinite(report.auxiliary) || !std::isfinite(norm))
    fail("[train] step {}: the loss is {} and the gradient's norm {}; look for rows that are not finite, or lower lr", step_,
         report.loss, norm);
  update(gradients_, b_dec_gradient, std::min(1.0, kClipNorm / (norm + 1e-12)));
  count_firings(codes[0]);
  curve_.add(step_, report.loss);
  ++step_;
  return report;
}

void TopKTrainer::update(SparseGradients& gradients, const at::Tensor& b_dec_gradient, double clip) {
  const auto adam = [&](const at::Tensor& gradient, Parameter& of, bool unit_rows) {
    adam_rows(settings_.lr_at(step_), clip, step_ + 1, gradient, of.first, of.second, of.w, unit_rows);
  };
  adam(gradients.encoder, encoder_, false);
  adam(gradients.bias, bias_, false);
  adam(gradients.decoder, decoder_, true);
  adam(b_dec_gradient, b_dec_, false);
}

at::Tensor TopKTrainer::dead_latents() const {
  return at::nonzero(silent_ >= settings_.dead_after()).squeeze(1).to(at::kInt);
}

void TopKTrainer::count_firings(const Codes& codes) {
  silent_ += codes.values.size(0);
  const float* values = codes.values.data_ptr<float>();
  const int32_t* indices = codes.indices.data_ptr<int32_t>();
  int64_t* silent = silent_.data_ptr<int64_t>();
  for (int64_t i = 0; i < codes.values.numel(); ++i)
    if (values[i] > 0) silent[indices[i]] = 0;
}

TopKWeights TopKTrainer::weights() const {
  // TopK(ReLU(.)) is homogeneous: with both biases divided by the scale the same matrices work on raw rows.
  return {encoder_.w.clone(), bias_.w / scale_, decoder_.w.clone(), b_dec_.w / scale_};
}

std::string TopKTrainer::identity() const {
  Json json = to_json(settings_);
  json["rows"] = rows_.count();
  json["d_model"] = rows_.d_model();
  return json.dump();
}

Tensors TopKTrainer::state() const {
  Tensors state{
      {"silent", silent_}, {"curve", curve_.sums()}, {"scale", at::scalar_tensor(scale_, at::kDouble)}, {"step", at::scalar_tensor(step_, at::kLong)}};
  const std::pair<const char*, const Parameter*> parameters[] = {
      {"encoder", &encoder_}, {"bias", &bias_}, {"decoder", &decoder_}, {"b_dec", &b_dec_}};
  for (const auto& [name, p] : parameters) {
    state[name] = p->w;
    state[fmt::format("{}.first", name)] = p->first;
    state[fmt::format("{}.second", name)] = p->second;
  }
  return state;
}

void TopKTrainer::save(const std::filesystem::path& path) const {
  write_tensors(path, {state(), {{"format", "fairfight.training"}, {"run", identity()}}});
}

void TopKTrainer::restore(const std::filesystem::path& path) {
  const auto file = read_tensors(path);
  const auto run = file.metadata.find("run");
  if (run == file.metadata.end() || run->second != identity())
    fail("[train] {}: a checkpoint of another run, not of {}; remove it to start anew", path.string(), identity());
  for (auto& [name, mine] : state()) {
    const auto saved = require_tensor(file.tensors, name, mine.scalar_type(), mine.sizes(), path.string());
    mine.copy_(saved);
  }
  scale_ = file.tensors.at("scale").item<double>();
  step_ = file.tensors.at("step").item<int64_t>();
}

TopKWeights train_top_k(const Rows& rows, const DictionarySettings& settings, const Tick& tick,
                        const Checkpoints& checkpoints, TrainingLog* log) {
  TopKTrainer trainer(rows, settings);
  const bool kept = !checkpoints.file.empty();
  if (kept && std::filesystem::exists(checkpoints.file)) trainer.restore(checkpoints.file);
  while (trainer.steps_done() < settings.steps()) {
    const auto report = trainer.step();
    const int64_t done = trainer.steps_done();
    const bool stop = stop_requested();  // asked once: a stop is answered only after a save
    if (kept && (done % checkpoints.every_steps == 0 || stop)) trainer.save(checkpoints.file);
    tick(double(done) / double(settings.steps()), fmt::format("loss {:.4f}, {} dead", report.loss, report.dead));
    if (stop) check_stop();
  }
  if (log) *log = {settings.steps(), trainer.curve().fall()};
  return trainer.weights();
}

}  // namespace fairfight
