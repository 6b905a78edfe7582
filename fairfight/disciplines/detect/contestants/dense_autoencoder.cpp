#include <algorithm>
#include <cmath>

#include "fairfight/base/stop.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kBatch = 1024, kHeldOut = 4096;         // rows; an eighth of a small pool, at most
constexpr int64_t kLooks = 12, kPatience = 3;     // how often the held-out rows are looked at, and how long it waits
constexpr double kRate = 4e-3;

at::Tensor layer(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) { return at::addmm(b, x, w.t()); }

/// d → h → b → h → d: a ReLU after the wide layers, none after the bottleneck.
struct Network {
  std::vector<at::Tensor> p;  // weight and bias of the four layers

  Network(const std::vector<int64_t>& sizes, Random random) {
    for (size_t i = 0; i + 1 < sizes.size(); ++i) {
      auto w = at::empty({sizes[i + 1], sizes[i]});
      for (float *v = w.data_ptr<float>(), *end = v + w.numel(); v != end; ++v) *v = float(random.normal());
      p.push_back(w.mul_(std::sqrt((i % 2 ? 2.0 : 1.0) / double(sizes[i]))));
      p.push_back(at::zeros({sizes[i + 1]}));
    }
  }
  at::Tensor operator()(const at::Tensor& x) const {
    return layer(layer(layer(layer(x, p[0], p[1]).relu_(), p[2], p[3]), p[4], p[5]).relu_(), p[6], p[7]);
  }
  at::Tensor error(const at::Tensor& x) const { return ((*this)(x)-x).square().sum(1); }
};

class DenseAutoencoder final : public RowDetector {
  static constexpr int64_t kRows = 200000, kPasses = 100;  // training rows in all, and passes over a small pool, at most

 public:
  std::string_view name() const override { return "dense_autoencoder"; }
  std::string_view title() const override { return "dense autoencoder"; }
  std::string_view about() const override {
    return "‖x − x̂‖² of a d→h→b→h→d ReLU network with as many weights as the dictionary and no sparsity: Adam, at most 200,000 rows";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("bottleneck", {4, 8, 16, 32}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    at::AutoGradMode gradients(true);
    const auto& pool = corner.pool();
    const int64_t d = pool.size(1), b = settings.integer("bottleneck");
    const int64_t h = std::max<int64_t>(1, corner.dictionary_width() * d / (d + b));  // 2 h (d + b) weights: a dictionary has 2 d width
    const int64_t held = std::min(kHeldOut, pool.size(0) / 10 + 1), n = pool.size(0) - held;
    const auto mean = pool.mean(0);
    const double scale = 1 / (pool.std(0).square().mean().sqrt().item<double>() + 1e-12);
    const auto scaled = [mean, scale](const at::Tensor& x) { return (x - mean).mul_(scale); };

    Network network({d, h, b, h, d}, corner.random("weights"));
    for (auto& p : network.p) p.requires_grad_(true);
    AdamW adam(network.p, {.beta2 = 0.999, .weight_decay = 0, .clip_norm = 1e9});
    const auto outside = scaled(pool.slice(0, n));
    const int64_t batch = std::clamp<int64_t>(n / 8, 1, kBatch);
    const int64_t steps = std::max<int64_t>(kLooks, std::min(kRows, kPasses * n) / batch);
    Random random = corner.random("batches");
    std::vector<int64_t> order(static_cast<size_t>(n));
    for (size_t i = 0; i < order.size(); ++i) order[i] = int64_t(i);
    size_t next = order.size();
    double best = INFINITY;
    std::vector<at::Tensor> kept = network.p;
    for (int64_t step = 0, waited = 0; step < steps && waited < kPatience; ++step) {
      check_stop();
      if (next + size_t(batch) > order.size()) random.shuffle(std::span(order)), next = 0;
      const auto rows = scaled(pool.index_select(0, at::from_blob(order.data() + next, {batch}, at::kLong)));
      next += size_t(batch);
      network.error(rows).mean().backward();
      adam.step(cosine_schedule(step, steps, kRate, steps / 20, 0.01));
      if ((step + 1) % std::max<int64_t>(1, steps / kLooks) != 0) continue;
      at::NoGradGuard no_grad;
      const double error = network.error(outside).mean().item<double>();
      waited = error < best ? 0 : waited + 1;
      if (error < best) {
        best = error;
        kept.clear();
        for (const auto& p : network.p) kept.push_back(p.detach().clone());
      }
    }
    network.p = std::move(kept);
    const auto score = [network, scaled](const at::Tensor& x) {
      at::NoGradGuard no_grad;
      return network.error(scaled(x));
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> dense_autoencoder() { return std::make_unique<DenseAutoencoder>(); }

}  // namespace fairfight
