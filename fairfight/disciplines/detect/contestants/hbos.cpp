#include <algorithm>
#include <cmath>

#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kFloor = 0.1, kTolerance = 0.5;  // PyOD's alpha and tol

/// Equal bins between a coordinate's extremes and −log2(density + floor) in each; the density is that of the coordinate
/// divided by its standard deviation, or the floor would mean another thing for every model.
struct Histogram {
  std::vector<double> edges, surprise;  // bins + 1, bins
  double worst = 0;

  Histogram(const float* values, int64_t n, int64_t stride, double deviation, int64_t bins) {
    double low = values[0], high = values[0];
    for (int64_t i = 0; i < n; ++i) low = std::min(low, double(values[i * stride])), high = std::max(high, double(values[i * stride]));
    if (low == high) low -= 0.5, high += 0.5;
    for (int64_t i = 0; i < bins; ++i) edges.push_back(low + double(i) * ((high - low) / double(bins)));
    edges.push_back(high);
    std::vector<double> counts(static_cast<size_t>(bins));
    for (int64_t i = 0; i < n; ++i) {  // bins [a, b); the last one holds its end too
      const double v = values[i * stride];
      auto bin = std::min(int64_t((v - low) / (high - low) * double(bins)), bins - 1);
      while (bin > 0 && v < edges[size_t(bin)]) --bin;
      while (bin < bins - 1 && v >= edges[size_t(bin) + 1]) ++bin;
      ++counts[size_t(bin)];
    }
    const double unit = deviation > 0 ? deviation : 1;
    for (size_t i = 0; i < counts.size(); ++i)
      surprise.push_back(-std::log2(counts[i] / double(n) / (edges[i + 1] - edges[i]) * unit + kFloor));
    worst = *std::max_element(surprise.begin(), surprise.end());
  }

  double operator()(double v) const {
    const double slack = kTolerance * (edges[1] - edges[0]);
    if (v <= edges.front()) return edges.front() - v <= slack ? surprise.front() : worst;
    if (v > edges.back()) return v - edges.back() <= slack ? surprise.back() : worst;
    return surprise[size_t(std::lower_bound(edges.begin(), edges.end(), v) - edges.begin()) - 1];
  }
};

class Hbos final : public RowDetector {
 public:
  std::string_view name() const override { return "hbos"; }
  std::string_view title() const override { return "HBOS"; }
  std::string_view about() const override {
    return "Σ over coordinates of −log2(histogram's density + 0.1), in standard deviations (Goldstein & Dengel 2012, as PyOD)";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("bins", {10, 30, 100}); }

  RowFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto pool = corner.pool().contiguous();
    const int64_t n = pool.size(0), d = pool.size(1), bins = settings.integer("bins");
    const auto deviations = pool.std(0, /*unbiased=*/false).to(at::kDouble);
    const auto histograms = std::make_shared<std::vector<Histogram>>();
    for (int64_t c = 0; c < d; ++c) histograms->emplace_back(pool.data_ptr<float>() + c, n, d, deviations[c].item<double>(), bins);
    const auto score = [histograms, d](const at::Tensor& rows) {
      const auto x = rows.contiguous();
      auto scores = at::zeros({x.size(0)}, at::kDouble);
      at::parallel_for(0, x.size(0), 64, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r)
          for (int64_t c = 0; c < d; ++c) scores.data_ptr<double>()[r] += (*histograms)[size_t(c)](x.data_ptr<float>()[r * d + c]);
      });
      return scores;
    };
    return score;
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> hbos() { return std::make_unique<Hbos>(); }

}  // namespace fairfight
