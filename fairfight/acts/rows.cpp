#include "fairfight/acts/rows.h"

#include <bit>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

uint64_t mix(uint64_t x) {  // splitmix64's finaliser
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

}  // namespace

Permutation::Permutation(uint64_t count, uint64_t key)
    : count_(count), key_(key), half_bits_(unsigned(std::bit_width(count - 1) + 1) / 2) {
  if (count == 0) fail("[Permutation] got 0 items, expected at least one");
}

uint64_t Permutation::operator()(uint64_t i) const {
  const uint64_t mask = (uint64_t(1) << half_bits_) - 1;
  do {
    uint64_t left = i >> half_bits_, right = i & mask;
    for (uint64_t round = 1; round <= 4; ++round)
      left = std::exchange(right, left ^ (mix(right + key_ + round * 0x9e3779b97f4a7c15ull) & mask));
    i = left << half_bits_ | right;
  } while (i >= count_);
  return i;
}

std::vector<int64_t> shuffled_rows(int64_t count, uint64_t seed, int64_t step, int64_t rows) {
  if (count < 1 || step < 0 || rows < 0)
    fail("[Rows] got step {} of {} rows out of {}, expected none of them negative and at least one row", step, rows, count);
  std::vector<int64_t> places;
  places.reserve(size_t(rows));
  int64_t epoch = -1;
  Permutation order(1, 0);
  for (int64_t place = step * rows; place < (step + 1) * rows; ++place) {
    if (place / count != epoch) {
      epoch = place / count;
      order = Permutation(uint64_t(count), hash64(&epoch, sizeof epoch, seed));
    }
    places.push_back(int64_t(order(uint64_t(place % count))));
  }
  return places;
}

MemoryRows::MemoryRows(at::Tensor x, uint64_t seed) : x_(std::move(x)), seed_(seed) {
  if (x_.dim() != 2 || x_.size(0) < 1 || x_.scalar_type() != at::kFloat)
    fail("[MemoryRows] got a tensor with {} dimensions of {}, expected [count, d_model] of float32 with at least one row",
         x_.dim(), c10::toString(x_.scalar_type()));
}

at::Tensor MemoryRows::batch(int64_t step, int64_t rows) const {
  const auto places = shuffled_rows(count(), seed_, step, rows);
  return x_.index_select(0, at::tensor(places, at::kLong));
}

at::Tensor sample_rows(const Rows& from, int64_t rows) { return from.batch(0, std::min(rows, from.count())); }

}  // namespace fairfight
