#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace fairfight {

/// One named stream of random numbers (xoshiro256**), seeded by SHA-256 of (master seed, name): streams of other names
/// or seeds are unrelated, so adding a consumer changes nobody else's numbers.
class Random {
 public:
  using State = std::array<uint64_t, 4>;

  Random(uint64_t master, std::string_view stream);
  explicit Random(const State& state) : state_(state) {}

  uint64_t next();
  double uniform();                               // [0, 1)
  double normal();                                // mean 0, variance 1
  size_t below(size_t n);                         // 0 .. n-1, without modulo bias; n > 0
  size_t pick(std::span<const double> weights);   // index with probability weights[i] / sum

  template <class T>
  void shuffle(std::span<T> items) {
    for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

  const State& state() const { return state_; }

 private:
  State state_;
};

}  // namespace fairfight
