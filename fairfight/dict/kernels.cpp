#include "fairfight/dict/kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fairfight/base/error.h"
#include "fairfight/base/simd.h"
#include "fairfight/model/matmul.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

const float* in(const at::Tensor& t) { return t.data_ptr<float>(); }
float* out(const at::Tensor& t) { return t.data_ptr<float>(); }

Codes empty_codes(int64_t rows, int64_t k, int64_t width) {
  return {at::zeros({rows, k}, at::kFloat), at::zeros({rows, k}, at::kInt), width};
}

// ---- top k ---------------------------------------------------------------------------------------------------------

constexpr int64_t kLanes = 16;

/// A row is cut into groups of `depth` entries that lie kLanes apart. maxima[g] = the greatest entry of group g; NaN loses
/// every comparison.
FAIRFIGHT_SIMD void group_maxima(int64_t groups, int64_t depth, const float* x, float* maxima) {
  for (int64_t g = 0; g < groups; g += kLanes) {
    const float* block = x + g * depth;
    float best[kLanes];
    std::fill(best, best + kLanes, kLowest);
    for (int64_t i = 0; i < depth; ++i)
#pragma omp simd
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const float value = block[i * kLanes + lane];
        best[lane] = value > best[lane] ? value : best[lane];
      }
    std::copy(best, best + kLanes, maxima + g);
  }
}

/// A bound, as high as some bisection finds it, that at least k of the n values reach; `low` where it finds none.
FAIRFIGHT_SIMD float bound_reached_by(int64_t k, int64_t n, const float* values, float low) {
  float high = low;
  for (int64_t i = 0; i < n; ++i) high = values[i] > high ? values[i] : high;
  for (int round = 0; round < 16; ++round) {
    const float middle = low + (high - low) / 2;
    int32_t reached = 0;
#pragma omp simd reduction(+ : reached)
    for (int64_t i = 0; i < n; ++i) reached += values[i] >= middle;
    (reached >= k ? low : high) = middle;
    if (reached >= k && reached <= k + k / 8) break;
  }
  return low;
}

/// The k greatest of a row. Each of the k greatest maxima of groups is an entry of the row: a bound that k of the maxima
/// reach is reached by the k greatest entries too, and by few others; they stand in groups whose maxima reach it.
class TopK {
 public:
  TopK(int64_t width, int64_t k, float floor) : width_(width), k_(k), floor_(floor) {
    while (depth_ < 64 && width / (2 * depth_) >= 4 * k) depth_ *= 2;
    maxima_.resize(size_t(width / (depth_ * kLanes) * kLanes));
  }

  void operator()(const float* x, float* values, int32_t* indices) {
    found_.clear();
    const auto groups = int64_t(maxima_.size());
    if (groups < k_) {
      collect(0, 1, width_, x, kLowest);
    } else {
      group_maxima(groups, depth_, x, maxima_.data());
      const float low = std::isfinite(floor_) ? floor_ : *std::min_element(maxima_.begin(), maxima_.end());
      const float least = bound_reached_by(k_, groups, maxima_.data(), low);
      for (int64_t g = 0; g < groups; ++g)
        if (maxima_[size_t(g)] >= least) collect(g / kLanes * kLanes * depth_ + g % kLanes, kLanes, depth_, x, least);
      collect(groups * depth_, 1, width_ - groups * depth_, x, least);
      std::sort(found_.begin(), found_.end(), [](const Entry& a, const Entry& b) { return a.place < b.place; });
    }
    keep_greatest(values, indices);
  }

 private:
  struct Entry {
    float value;
    int32_t place;
  };

  /// Those of some entries that reach `least` and exceed the floor.
  void collect(int64_t from, int64_t stride, int64_t count, const float* x, float least) {
    for (int64_t i = 0, place = from; i < count; ++i, place += stride)
      if (x[place] >= least && x[place] > floor_) found_.push_back({x[place], int32_t(place)});
  }

  void keep_greatest(float* values, int32_t* indices) {
    float cut = kLowest;
    int64_t equals = k_;  // of those that equal the cut, so many are kept: the first ones
    if (int64_t(found_.size()) > k_) {
      ranked_ = found_;
      std::nth_element(ranked_.begin(), ranked_.begin() + (k_ - 1), ranked_.end(), [](const Entry& a, const Entry& b) { return a.value > b.value; });
      cut = ranked_[size_t(k_ - 1)].value;
      for (int64_t i = 0; i < k_; ++i) equals -= ranked_[size_t(i)].value > cut;
    }
    int64_t kept = 0;
    for (const auto& [value, place] : found_) {
      if (kept == k_) break;
      if (value < cut || (value == cut && equals-- <= 0)) continue;
      values[kept] = value;
      indices[kept++] = place;
    }
    std::fill(values + kept, values + k_, 0.0f);
    std::fill(indices + kept, indices + k_, 0);
  }

  int64_t width_, k_, depth_ = 1;
  float floor_;
  std::vector<float> maxima_;
  std::vector<Entry> found_, ranked_;
};

/// Rows [0, x.size(0)) of x become rows [at, ...) of `codes`.
void top_k_rows(const at::Tensor& x, float floor, int64_t at, Codes& codes) {
  const int64_t width = x.size(1), k = codes.values.size(1);
  float* values = out(codes.values) + at * k;
  int32_t* indices = codes.indices.data_ptr<int32_t>() + at * k;
  at::parallel_for(0, x.size(0), 16, [&](int64_t from, int64_t to) {
    TopK select(width, k, floor);
    for (int64_t r = from; r < to; ++r) select(in(x) + r * width, values + r * k, indices + r * k);
  });
}

/// The same among some columns only: they are copied side by side, and the winners renamed.
void top_k_among(const at::Tensor& x, const at::Tensor& among, float floor, int64_t at, Codes& codes) {
  const int64_t width = x.size(1), m = among.size(0), k = codes.values.size(1);
  const int32_t* columns = among.data_ptr<int32_t>();
  float* values = out(codes.values) + at * k;
  int32_t* indices = codes.indices.data_ptr<int32_t>() + at * k;
  at::parallel_for(0, x.size(0), 16, [&](int64_t from, int64_t to) {
    TopK select(m, k, floor);
    std::vector<float> side(static_cast<size_t>(m));
    for (int64_t r = from; r < to; ++r) {
      for (int64_t j = 0; j < m; ++j) side[size_t(j)] = in(x)[r * width + columns[j]];
      select(side.data(), values + r * k, indices + r * k);
      for (int64_t i = r * k; i < (r + 1) * k; ++i) indices[i] = values[i] != 0 ? columns[indices[i]] : 0;
    }
  });
}

// ---- rows of floats ------------------------------------------------------------------------------------------------

FAIRFIGHT_SIMD void decode_rows(int64_t from, int64_t to, int64_t k, int64_t d, const float* values, const int32_t* indices,
                                const float* w_dec, const float* b_dec, float* y) {
  for (int64_t r = from; r < to; ++r) {
    float* row = y + r * d;
    for (int64_t j = 0; j < d; ++j) row[j] = b_dec[j];
    for (int64_t i = r * k; i < (r + 1) * k; ++i) {
      const float value = values[i];
      if (value == 0) continue;
      const float* atom = w_dec + indices[i] * d;
#pragma omp simd
      for (int64_t j = 0; j < d; ++j) row[j] += value * atom[j];
    }
  }
}

FAIRFIGHT_SIMD void pull_rows(int64_t from, int64_t to, int64_t k, int64_t d, const float* values, const int32_t* indices,
                              const float* w_dec, const float* target, float* error, float* pulls) {
  for (int64_t r = from; r < to; ++r) {
    float* e = error + r * d;
    const float* t = target + r * d;
#pragma omp simd
    for (int64_t j = 0; j < d; ++j) e[j] -= t[j];
    for (int64_t i = r * k; i < (r + 1) * k; ++i) {
      const float* atom = w_dec + indices[i] * d;
      float dot = 0;
#pragma omp simd reduction(+ : dot)
      for (int64_t j = 0; j < d; ++j) dot += e[j] * atom[j];
      pulls[i] = values[i] == 0 ? 0 : dot;
    }
  }
}

void require_indices(const Codes& codes, const at::Tensor& w_dec) {
  if (codes.indices.numel() == 0) return;
  const auto [low, high] = at::aminmax(codes.indices);
  if (low.item<int32_t>() < 0 || high.item<int32_t>() >= w_dec.size(0))
    fail("[decode] got latent indices from {} to {}, expected 0 to {}", low.item<int32_t>(), high.item<int32_t>(),
         w_dec.size(0) - 1);
}

// ---- backward ------------------------------------------------------------------------------------------------------

/// One active latent of one row, with its share of the gradients.
struct Firing {
  int32_t row;
  float value, pull;
};

/// The firings of a loss term, sorted by latent (and by row within one): latent j owns [first[j], first[j + 1]).
struct ByLatent {
  std::vector<int64_t> first;
  std::vector<Firing> firings;
  const float* error;

  ByLatent(const LossTerm& term, int64_t width) : first(size_t(width) + 1), error(in(term.pull.error)) {
    const int64_t slots = term.codes.values.numel(), k = term.codes.values.size(1);
    const float *values = in(term.codes.values), *pulls = in(term.pull.pulls);
    const int32_t* indices = term.codes.indices.data_ptr<int32_t>();
    for (int64_t i = 0; i < slots; ++i) first[size_t(indices[i]) + 1] += values[i] != 0;
    for (size_t j = 1; j < first.size(); ++j) first[j] += first[j - 1];
    firings.resize(size_t(first.back()));
    auto next = first;
    const auto scale = float(term.scale);
    for (int64_t i = 0; i < slots; ++i)
      if (values[i] != 0)
        firings[size_t(next[size_t(indices[i])]++)] = {int32_t(i / k), scale * values[i], scale * pulls[i]};
  }
};

/// decoder += value * error, encoder += pull * x over some firings; returns the sum of the pulls, the bias' gradient.
FAIRFIGHT_SIMD float gather_firings(const Firing* firing, const Firing* end, int64_t d, const float* x, const float* error,
                                    float* encoder, float* decoder) {
  float bias = 0;
  for (; firing != end; ++firing) {
    const float *e = error + firing->row * d, *input = x + firing->row * d;
    const float value = firing->value, pull = firing->pull;
#pragma omp simd
    for (int64_t j = 0; j < d; ++j) {
      decoder[j] += value * e[j];
      encoder[j] += pull * input[j];
    }
    bias += pull;
  }
  return bias;
}

/// decoder -= (decoder . atom) atom; returns ‖encoder‖² + ‖decoder‖².
FAIRFIGHT_SIMD double project(int64_t d, const float* atom, const float* encoder, float* decoder) {
  float along = 0, squares = 0;
#pragma omp simd reduction(+ : along)
  for (int64_t j = 0; j < d; ++j) along += decoder[j] * atom[j];
#pragma omp simd reduction(+ : squares)
  for (int64_t j = 0; j < d; ++j) {
    decoder[j] -= along * atom[j];
    squares += decoder[j] * decoder[j] + encoder[j] * encoder[j];
  }
  return squares;
}

FAIRFIGHT_SIMD void square_rows(int64_t from, int64_t to, int64_t d, const float* x, double* squares) {
  for (int64_t r = from; r < to; ++r) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t j = r * d; j < (r + 1) * d; ++j) sum += x[j] * x[j];
    squares[r] = double(sum);
  }
}

// ---- Adam ----------------------------------------------------------------------------------------------------------

FAIRFIGHT_SIMD void unit_norm(int64_t d, float* w) {
  float squares = 0;
#pragma omp simd reduction(+ : squares)
  for (int64_t j = 0; j < d; ++j) squares += w[j] * w[j];
  const float inverse = 1 / std::sqrt(squares);
#pragma omp simd
  for (int64_t j = 0; j < d; ++j) w[j] *= inverse;
}

}  // namespace

Codes top_k(const at::Tensor& x, int64_t k, float floor) {
  Codes codes = empty_codes(x.size(0), k, x.size(1));
  top_k_rows(x.contiguous(), floor, 0, codes);
  return codes;
}

std::vector<Codes> encode_top_k(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b,
                                std::span<const Competition> competitions) {
  constexpr int64_t kTileFloats = 8 << 20;  // 32 MiB: enough rows for an efficient product, even of a wide dictionary
  const int64_t rows = x.size(0), width = w.size(0), tile_rows = std::clamp<int64_t>(kTileFloats / width, 16, 4096);
  std::vector<Codes> codes;
  for (const auto& c : competitions) codes.push_back(empty_codes(rows, c.k, width));
  auto tile = at::empty({std::min(tile_rows, rows), width}, at::kFloat);
  for (int64_t r = 0; r < rows; r += tile_rows) {
    auto part = tile.narrow(0, 0, std::min(tile_rows, rows - r));
    part.copy_(b.expand_as(part));
    map_rows(x.narrow(0, r, part.size(0)), w, part, 1);
    for (size_t i = 0; i < codes.size(); ++i) {
      const auto& [k, among, floor] = competitions[i];
      if (among.defined())
        top_k_among(part, among, floor, r, codes[i]);
      else
        top_k_rows(part, floor, r, codes[i]);
    }
  }
  return codes;
}

Codes encode_top_k(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b, const Competition& competition) {
  return encode_top_k(x, w, b, std::span(&competition, 1))[0];
}

at::Tensor sparse_decode(const Codes& codes, const at::Tensor& w_dec, const at::Tensor& b_dec) {
  require_indices(codes, w_dec);
  const auto values = codes.values.contiguous(), indices = codes.indices.contiguous();
  const int64_t rows = values.size(0), k = values.size(1), d = w_dec.size(1);
  count_flops(2.0 * double(rows * k * d));
  auto y = at::empty({rows, d}, at::kFloat);
  at::parallel_for(0, rows, 16, [&](int64_t from, int64_t to) {
    decode_rows(from, to, k, d, in(values), indices.data_ptr<int32_t>(), in(w_dec), in(b_dec), out(y));
  });
  return y;
}

Pull pull(const Codes& codes, const at::Tensor& w_dec, const at::Tensor& b_dec, const at::Tensor& target) {
  const int64_t rows = codes.values.size(0), k = codes.values.size(1), d = w_dec.size(1);
  count_flops(4.0 * double(rows * k * d));
  Pull result{at::empty({rows, d}, at::kFloat), at::empty({rows, k}, at::kFloat)};
  const float* values = in(codes.values);
  const int32_t* indices = codes.indices.data_ptr<int32_t>();
  at::parallel_for(0, rows, 16, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {  // row by row: the second visit finds the w_dec in cache
      decode_rows(r, r + 1, k, d, values, indices, in(w_dec), in(b_dec), out(result.error));
      pull_rows(r, r + 1, k, d, values, indices, in(w_dec), in(target), out(result.error), out(result.pulls));
    }
  });
  return result;
}

SparseGradients::SparseGradients(int64_t width, int64_t d)
    : encoder(at::empty({width, d}, at::kFloat)),
      decoder(at::empty({width, d}, at::kFloat)),
      bias(at::empty({width}, at::kFloat)) {}

void sparse_backward(std::span<const LossTerm> terms, const at::Tensor& x, const at::Tensor& w_dec,
                     SparseGradients& gradients) {
  const int64_t width = w_dec.size(0), d = w_dec.size(1);
  std::vector<ByLatent> sorted;
  for (const auto& term : terms) {
    sorted.emplace_back(term, width);
    count_flops(4.0 * double(sorted.back().firings.size()) * double(d));
  }
  std::vector<double> squares(static_cast<size_t>(width));
  at::parallel_for(0, width, 8, [&](int64_t from, int64_t to) {
    std::fill(out(gradients.encoder) + from * d, out(gradients.encoder) + to * d, 0.0f);
    std::fill(out(gradients.decoder) + from * d, out(gradients.decoder) + to * d, 0.0f);
    for (int64_t j = from; j < to; ++j) {
      float *encoder = out(gradients.encoder) + j * d, *decoder = out(gradients.decoder) + j * d, bias = 0;
      for (const auto& term : sorted) {
        const Firing* firings = term.firings.data();
        bias += gather_firings(firings + term.first[size_t(j)], firings + term.first[size_t(j) + 1], d, in(x), term.error,
                               encoder, decoder);
      }
      out(gradients.bias)[j] = bias;
      squares[size_t(j)] = project(d, in(w_dec) + j * d, encoder, decoder) + double(bias) * bias;
    }
  });
  gradients.squares = 0;
  for (const double s : squares) gradients.squares += s;
}

double sum_of_squares(const at::Tensor& x_in) {
  const auto x = x_in.contiguous();
  const int64_t d = x.size(-1), rows = d > 0 ? x.numel() / d : 0;
  std::vector<double> squares(static_cast<size_t>(rows));
  at::parallel_for(0, rows, 256, [&](int64_t from, int64_t to) { square_rows(from, to, d, in(x), squares.data()); });
  return std::accumulate(squares.begin(), squares.end(), 0.0);
}

void adam_rows(double rate, double scale, int64_t step, const at::Tensor& g, at::Tensor& m, at::Tensor& v, at::Tensor& w, bool unit_rows) {
  // Below PyTorch's epsilon of 1e-8: a mean over rows and dimensions makes the gradient of a rare latent as small (Gao et al. 2024).
  const AdamStep adam_step(rate, 0.9f, 0.999f, 6.25e-10f, scale, step);
  const int64_t d = w.size(-1), rows = w.numel() / d;
  count_flops(12.0 * double(w.numel()));
  at::parallel_for(0, rows, std::max<int64_t>(1, 16384 / d), [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) {
      adam(adam_step, r * d, (r + 1) * d, in(g), out(m), out(v), out(w));
      if (unit_rows) unit_norm(d, out(w) + r * d);
    }
  });
}

}  // namespace fairfight
