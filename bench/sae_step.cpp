// The time of one training step of a TopK sparse autoencoder: fairfight's sparse step against the dense one that ordinary
// tensor operations and autograd give, on the same rows and the same libtorch.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>

#include "fairfight/base/environment.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/dict/trainer.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

using namespace fairfight;

namespace {

constexpr int64_t kRows = 4096, kK = 32, kPool = 4 * kRows;

/// Rows of 20 features each, out of 4 d with a heavy-tailed frequency and size, and 5 % of noise.
at::Tensor synthetic_rows(int64_t rows, int64_t d) {
  constexpr int64_t kActive = 20;
  const int64_t features = 4 * d;
  Random random(1, "bench/rows");
  Codes codes{at::empty({rows, kActive}), at::empty({rows, kActive}, at::kInt), features};
  for (int64_t i = 0; i < rows * kActive; ++i) {
    codes.values.data_ptr<float>()[i] = float(-std::log(1 - random.uniform()));
    codes.indices.data_ptr<int32_t>()[i] = int32_t(double(features) * std::pow(random.uniform(), 2));
  }
  const auto directions = random_unit_rows(features, d, Random(1, "bench/features"));
  const auto clean = sparse_decode(codes, directions, random_unit_rows(1, d, Random(1, "bench/mean"))[0] * 3);
  return clean + 0.05 * std::sqrt(double(2 * kActive)) * random_unit_rows(rows, d, Random(1, "bench/noise"));
}

/// The same method written with plain operations: dense codes, autograd, Adam a tensor at a time.
class PlainTrainer {
 public:
  PlainTrainer(const Rows& rows, const DictionarySettings& settings, const TopKWeights& start)
      : rows_(rows), settings_(settings) {
    const auto first = rows.batch(0, settings.batch);
    scale_ = std::sqrt(double(first.numel()) / first.square().sum(at::kDouble).item<double>());
    for (const auto& w : {start.encoder, start.bias * scale_, start.decoder, start.b_dec * scale_}) {
      weights_.push_back(w.clone().requires_grad_());
      first_.push_back(at::zeros_like(w));
      second_.push_back(at::zeros_like(w));
    }
  }

  void step() {
    const auto x = rows_.batch(step_, settings_.batch) * scale_;
    const auto &encoder = weights_[0], &bias = weights_[1], &decoder = weights_[2], &b_dec = weights_[3];
    const auto [values, indices] = at::topk(at::addmm(bias, x - b_dec, encoder.t()).relu(), settings_.k, 1, true, false);
    const auto f = at::zeros({x.size(0), settings_.width}).scatter(1, indices, values);
    (f.mm(decoder) + b_dec - x).square().mean().backward();
    const at::NoGradGuard no_grad;
    auto& g = decoder.mutable_grad();
    g -= (g * decoder).sum(1, true) * decoder;
    adam_step();
    weights_[2] /= decoder.norm(2, 1, true);
    ++step_;
  }

  TopKWeights weights() const {
    const auto raw = [&](size_t i) { return weights_[i].detach(); };
    return {raw(0), raw(1) / scale_, raw(2), raw(3) / scale_};
  }

 private:
  void adam_step() {
    double squares = 0;
    for (const auto& w : weights_) squares += w.grad().square().sum(at::kDouble).item<double>();
    const double clip = std::min(1.0, 1 / std::sqrt(squares)), n = double(step_ + 1);
    for (size_t i = 0; i < weights_.size(); ++i) {
      const auto g = weights_[i].grad() * clip;
      first_[i].mul_(0.9).add_(g, 0.1);
      second_[i].mul_(0.999).addcmul_(g, g, 0.001);
      const auto size = (second_[i] / (1 - std::pow(0.999, n))).sqrt_().add_(6.25e-10);
      weights_[i].addcdiv_(first_[i], size, -settings_.lr_at(step_) / (1 - std::pow(0.9, n)));
      weights_[i].mutable_grad() = at::Tensor();
    }
  }

  const Rows& rows_;
  const DictionarySettings& settings_;
  double scale_;
  int64_t step_ = 0;
  std::vector<at::Tensor> weights_, first_, second_;
};

double fvu(const TopKWeights& w, const at::Tensor& x, int64_t k) {
  const at::NoGradGuard no_grad;
  const auto codes = encode_top_k(x - w.b_dec, w.encoder, w.bias, {k});
  const auto error = x - sparse_decode(codes, w.decoder, w.b_dec);
  return (error.square().sum(at::kDouble) / (x - x.mean(0)).square().sum(at::kDouble)).item<double>();
}

template <class Work>
double milliseconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> x) {
  std::nth_element(x.begin(), x.begin() + int64_t(x.size() / 2), x.end());
  return x[x.size() / 2];
}

void measure(int64_t d, int64_t width, int64_t rounds, int64_t fvu_steps) {
  DictionarySettings s;
  s.width = width;
  s.k = kK;
  s.batch = kRows;
  s.tokens = kRows * std::max(rounds + 1, fvu_steps);
  s.aux_coefficient = 0;
  const MemoryRows rows(synthetic_rows(kPool, d), 1);
  TopKTrainer sparse(rows, s);
  PlainTrainer plain(rows, s, sparse.weights());
  std::vector<double> sparse_ms, plain_ms;
  for (int64_t i = 0; i < std::max(rounds + 1, fvu_steps); ++i) {
    const double a = milliseconds([&] { sparse.step(); }), b = milliseconds([&] { plain.step(); });
    if (i == 0 || i > rounds) continue;  // the first step touches fresh memory
    sparse_ms.push_back(a);
    plain_ms.push_back(b);
  }
  const double a = median(sparse_ms), b = median(plain_ms);
  fmt::print("{:>5} {:>7} {:>11.1f} {:>11.1f} {:>7.2f}", d, width, a, b, b / a);
  if (fvu_steps > 0) {
    const double mine = fvu(sparse.weights(), rows.all(), kK), theirs = fvu(plain.weights(), rows.all(), kK);
    fmt::print(" {:>11.5f} {:>11.5f} {:>9.3f} %", mine, theirs, 100 * (mine / theirs - 1));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  settle_environment(argv);
  CLI::App app{"Times a training step of a TopK sparse autoencoder, sparse against dense."};
  int64_t rounds = 7, fvu_steps = 0, d_model = 0, width = 0;
  int threads = 0;
  app.add_option("--rounds", rounds, "timed steps of each, interleaved")->check(CLI::PositiveNumber);
  app.add_option("--fvu-steps", fvu_steps, "train both for so many steps and compare their FVU");
  auto* d_option = app.add_option("--d", d_model, "only this d_model ...")->check(CLI::PositiveNumber);
  auto* width_option = app.add_option("--width", width, "... and this width")->check(CLI::Range(kK, int64_t(1) << 20));
  d_option->needs(width_option);
  width_option->needs(d_option);
  app.add_option("--threads", threads, "0: all cores");
  CLI11_PARSE(app, argc, argv);
  try {
    start_engine(threads);
    fmt::print("{}; {} rows a step, k {}, median of {}\n", describe_machine(), kRows, kK, rounds);
    fmt::print("{:>5} {:>7} {:>11} {:>11} {:>7}", "d", "width", "sparse ms", "plain ms", "ratio");
    if (fvu_steps > 0) fmt::print(" {:>11} {:>11} {:>11}", "sparse FVU", "plain FVU", "difference");
    fmt::print("\n");
    if (width > 0) {
      measure(d_model, width, rounds, fvu_steps);
      return 0;
    }
    for (const auto& [d, n] : {std::pair<int64_t, int64_t>{128, 1024}, {512, 8192}, {768, 16384}})
      measure(d, n, rounds, fvu_steps);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
