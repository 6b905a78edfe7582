#include "fairfight/base/random.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

#include "fairfight/base/hash.h"

namespace fairfight {

Random::Random(uint64_t master, std::string_view stream) {
  const std::string digest = sha256(fmt::format("{}/{}", master, stream));
  for (size_t i = 0; i < state_.size(); ++i)
    std::from_chars(digest.data() + 16 * i, digest.data() + 16 * (i + 1), state_[i], 16);
}

uint64_t Random::next() {
  auto& s = state_;
  const uint64_t result = std::rotl(s[1] * 5, 7) * 9;
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

double Random::uniform() { return double(next() >> 11) * 0x1.0p-53; }

double Random::normal() {
  // Box-Muller, one of the pair: no hidden state, so a stream is its four words.
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

size_t Random::below(size_t n) {
  const uint64_t limit = n * (UINT64_MAX / n);
  uint64_t value;
  do value = next();
  while (value >= limit);
  return value % n;
}

size_t Random::pick(std::span<const double> weights) {
  double sum = 0;
  for (double w : weights) sum += w;
  double at = uniform() * sum;
  for (size_t i = 0; i + 1 < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace fairfight
