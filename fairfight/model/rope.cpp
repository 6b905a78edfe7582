#include "fairfight/model/rope.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using std::numbers::pi;

/// Llama 3.1: long waves are stretched, short ones stay, those between are mixed by how often they turn in the old context.
double llama3(const Rope& r, double frequency) {
  const double turns = double(r.trained_ctx) * frequency / (2 * pi);
  if (turns < r.low) return frequency / r.factor;
  if (turns > r.high) return frequency;
  const double keep = (turns - r.low) / (r.high - r.low);
  return (1 - keep) * frequency / r.factor + keep * frequency;
}

/// YaRN (arXiv:2309.00071): which pair turns `rotations` times in the old context.
double pair_that_turns(const Rope& r, double rotations, double dims) {
  return dims * std::log(double(r.trained_ctx) / (rotations * 2 * pi)) / (2 * std::log(r.theta));
}

void yarn(const Rope& r, std::vector<double>& f, int64_t dims) {
  double from = pair_that_turns(r, r.high, double(dims)), to = pair_that_turns(r, r.low, double(dims));
  if (r.truncate) from = std::floor(from), to = std::ceil(to);
  from = std::max(from, 0.0);
  to = std::min(to, double(dims - 1));
  if (from == to) to += 0.001;
  for (size_t i = 0; i < f.size(); ++i) {
    const double stretch = std::clamp((double(i) - from) / (to - from), 0.0, 1.0);
    f[i] = f[i] / r.factor * stretch + f[i] * (1 - stretch);
  }
}

Angles empty_angles(int64_t rows, const std::vector<double>& f) {
  return {at::empty({rows, int64_t(f.size())}, at::kFloat), at::empty({rows, int64_t(f.size())}, at::kFloat)};
}

void rotate(Angles& a, int64_t row, const std::vector<double>& f, int64_t position, double gain) {
  float *cosine = a.cosine.data_ptr<float>() + row * int64_t(f.size()), *sine = a.sine.data_ptr<float>() + row * int64_t(f.size());
  for (size_t i = 0; i < f.size(); ++i) {
    const double angle = double(float(position) * float(f[i]));
    cosine[i] = float(std::cos(angle)) * float(gain);
    sine[i] = float(std::sin(angle)) * float(gain);
  }
}

}  // namespace

std::vector<double> frequencies(const Rope& r, int64_t d_head, int64_t pos) {
  const int64_t dims = int64_t(double(d_head) * r.part), pairs = (dims + 1) / 2;
  double theta = r.theta;
  if (r.scaling == Rope::Scaling::dynamic) {
    const double stretch = r.factor * double(std::max(pos, r.trained_ctx)) / double(r.trained_ctx) - (r.factor - 1);
    theta *= std::pow(stretch, double(dims) / double(dims - 2));
  }
  std::vector<double> f;
  for (int64_t i = 0; i < pairs; ++i) f.push_back(double(1 / float(std::pow(theta, double(float(2 * i) / float(dims))))));
  const auto& factors = pos > r.trained_ctx ? r.long_factors : r.short_factors;
  switch (r.scaling) {
    case Rope::Scaling::none:
    case Rope::Scaling::dynamic:
      break;
    case Rope::Scaling::linear:
      for (auto& x : f) x /= r.factor;
      break;
    case Rope::Scaling::llama3:
      for (auto& x : f) x = llama3(r, x);
      break;
    case Rope::Scaling::yarn:
      yarn(r, f, dims);
      break;
    case Rope::Scaling::longrope:
      for (size_t i = 0; i < f.size(); ++i) f[i] /= factors[i];
      break;
  }
  return f;
}

bool hang_on_length(const Rope& r) { return r.scaling == Rope::Scaling::dynamic || r.scaling == Rope::Scaling::longrope; }

Angles angles(const Rope& rope, int64_t d_head, int64_t pos, const std::vector<int64_t>& lengths) {
  std::map<std::vector<double>, Angles> known;
  std::vector<at::Tensor> cosines, sines;
  for (const int64_t length : lengths) {
    const auto f = frequencies(rope, d_head, length);
    auto& a = known[f];
    if (!a.cosine.defined()) {
      a = empty_angles(pos, f);
      for (int64_t p = 0; p < pos; ++p) rotate(a, p, f, p, rope.gain);
    }
    cosines.push_back(a.cosine);
    sines.push_back(a.sine);
  }
  if (known.size() == 1) return known.begin()->second;
  return {at::stack(cosines), at::stack(sines)};
}

Angles last_angles(const Rope& rope, int64_t d_head, const std::vector<int64_t>& lengths) {
  auto f = frequencies(rope, d_head, lengths.front());
  Angles a = empty_angles(int64_t(lengths.size()), f);
  for (size_t t = 0; t < lengths.size(); ++t) {
    if (hang_on_length(rope)) f = frequencies(rope, d_head, lengths[t]);
    rotate(a, int64_t(t), f, lengths[t] - 1, rope.gain);
  }
  return a;
}

}  // namespace fairfight
