#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/base/stop.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/dict/kind.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kInitialRounds = 16;
constexpr int64_t kInitialRowsPerCentroid = 8;

/// Directions of k-means centroids, seen from the mean. A code holds the k w_dec with the largest positive cosine to the
/// centred row. Its values are the projections on them, times the one factor a row that minimises its squared error: no
/// system of equations, and never worse than the mean alone.
class KMeans final : public AtomDictionary {
 public:
  KMeans(at::Tensor w_dec, at::Tensor b_dec, int64_t k) : AtomDictionary(w_dec, b_dec), k_(k) {}
  explicit KMeans(const Tensors& tensors) : AtomDictionary(tensors), k_(require_count(tensors, "k", 1, width())) {}

  std::string_view kind() const override { return "kmeans"; }

  Codes encode_any(const at::Tensor& x_raw) const override {
    const auto x = centered(x_raw);
    Codes codes = encode_top_k(x, w_dec(), at::zeros({width()}), {k_});
    const auto y = sparse_decode(codes, w_dec(), at::zeros_like(b_dec()));
    codes.values *= ((x * y).sum(1, true) / y.square().sum(1, true).clamp_min(1e-30));
    return codes;
  }

  Tensors parameters() const override {
    Tensors all = AtomDictionary::parameters();
    all["k"] = at::scalar_tensor(k_, at::kLong);
    return all;
  }

 private:
  int64_t k_;
};

/// Each row's nearest centroid and the squared distance to it.
struct Nearest {
  at::Tensor index, distance;
};
Nearest nearest(const at::Tensor& x, const at::Tensor& centroids) {
  const auto best = encode_top_k(x, centroids, centroids.square().sum(1) / -2, {1, {}, -INFINITY});
  return {best.indices.squeeze(1), (x.square().sum(1) - 2 * best.values.squeeze(1)).clamp_min(0)};
}

/// `count` different places with probabilities ∝ weights: the smallest of Exp(1) / weight (Efraimidis & Spirakis 2006).
at::Tensor draw(const at::Tensor& weights, int64_t count, Random& random) {
  auto lateness = at::empty_like(weights, at::kDouble);
  for (double *p = lateness.data_ptr<double>(), *end = p + lateness.numel(); p != end; ++p)
    *p = -std::log(1 - random.uniform());
  lateness /= weights.to(at::kDouble).clamp_min(1e-30);
  return std::get<1>(at::topk(lateness, count, 0, /*largest=*/false));
}

/// k-means++ (Arthur & Vassilvitskii 2007) that draws a sixteenth of the centroids at a time, so that distances are products
/// of matrices.
at::Tensor first_centroids(const at::Tensor& x, int64_t width, Random random) {
  auto distance = at::ones({x.size(0)});
  at::Tensor chosen = at::empty({0}, at::kLong);
  while (chosen.size(0) < width) {
    check_stop();
    const int64_t round = chosen.size(0) == 0 ? 1 : (width + kInitialRounds - 1) / kInitialRounds;
    const auto drawn = draw(distance, std::min(round, width - chosen.size(0)), random);
    const auto fresh = nearest(x, x.index_select(0, drawn)).distance;
    distance = chosen.size(0) == 0 ? fresh : at::minimum(distance, fresh);
    distance.index_fill_(0, drawn, 0);
    chosen = at::cat({chosen, drawn});
  }
  return x.index_select(0, chosen);
}

/// Centroids that are the means of all rows they won so far (mini-batch k-means, Sculley 2010).
class Lloyd {
 public:
  explicit Lloyd(at::Tensor centroids) : centroids_(std::move(centroids)), wins_(size_t(centroids_.size(0))) {}

  /// Returns the mean squared distance before the move.
  double step(const at::Tensor& x) {
    const auto [index, distance] = nearest(x, centroids_);
    const int64_t d = x.size(1);
    for (int64_t r = 0; r < x.size(0); ++r) {
      const int64_t j = index.data_ptr<int32_t>()[r];
      const float rate = 1 / float(++wins_[size_t(j)]), *row = x.data_ptr<float>() + r * d;
      float* centroid = centroids_.data_ptr<float>() + j * d;
      for (int64_t i = 0; i < d; ++i) centroid[i] += rate * (row[i] - centroid[i]);
    }
    return distance.mean().item<double>();
  }

  const at::Tensor& centroids() const { return centroids_; }

 private:
  at::Tensor centroids_;
  std::vector<int64_t> wins_;
};

/// A centroid on the mean has no direction: it takes that of the first coordinate.
at::Tensor directions(const at::Tensor& centroids) {
  const auto norms = centroids.norm(2, 1, true);
  auto first = at::zeros_like(centroids);
  first.select(1, 0).fill_(1);
  return at::where(norms > 0, centroids / norms, first);
}

std::unique_ptr<Dictionary> learn_kmeans(const Rows& rows, const DictionarySettings& s, const Tick& tick,
                                         const Checkpoints&, TrainingLog* log) {
  if (rows.count() < s.width)
    fail("[dictionary] kmeans: got {} rows, expected at least the width {}", rows.count(), s.width);
  const auto b_dec = mean_row(rows, s);
  const auto start = sample_rows(rows, kInitialRowsPerCentroid * s.width) - b_dec;
  Lloyd lloyd(first_centroids(start, s.width, Random(s.seed, "dictionary/kmeans")));
  Curve curve(s.steps(), s.steps());
  for (int64_t step = 0; step < s.steps(); ++step) {
    check_stop();
    const double distance = lloyd.step(rows.batch(step, s.batch) - b_dec);
    curve.add(step, distance);
    tick(double(step + 1) / double(s.steps()), fmt::format("mean squared distance {:.4g}", distance));
  }
  if (log) *log = {s.steps(), curve.fall()};
  return std::make_unique<KMeans>(directions(lloyd.centroids()), b_dec, s.k);
}

double kmeans_flops(const DictionarySettings& s, int64_t d_model, int64_t rows) {
  const double start = double(std::min(rows, kInitialRowsPerCentroid * s.width));
  return 2 * double(s.width) * double(d_model) * (start + double(s.steps()) * double(s.batch));
}

}  // namespace

extern const Kind kKMeans{"kmeans", {"width", "k", "tokens", "batch"}, learn_kmeans, rebuilt_as<KMeans>, kmeans_flops};

}  // namespace fairfight
