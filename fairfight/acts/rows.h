#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace fairfight {

/// Activation rows in a fixed shuffled order. Batch `step` is a pure function of the step, so a stopped job resumes by its
/// step alone; an epoch visits every row once, each epoch in another order.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual int64_t count() const = 0;
  virtual int64_t d_model() const = 0;
  virtual at::Tensor batch(int64_t step, int64_t rows) const = 0;  // [rows, d_model] float32
};

/// Rows that lie in memory: x is [count, d_model].
class MemoryRows final : public Rows {
 public:
  MemoryRows(at::Tensor x, uint64_t seed);
  int64_t count() const override { return x_.size(0); }
  int64_t d_model() const override { return x_.size(1); }
  at::Tensor batch(int64_t step, int64_t rows) const override;
  const at::Tensor& all() const { return x_; }

 private:
  at::Tensor x_;
  uint64_t seed_;
};

/// A pseudo-random permutation of 0 .. count-1 without a table: a Feistel network on the next even number of bits, walked
/// until it falls inside the range (Black & Rogaway 2002, cycle walking).
class Permutation {
 public:
  Permutation(uint64_t count, uint64_t key);
  uint64_t operator()(uint64_t i) const;

 private:
  uint64_t count_, key_;
  unsigned half_bits_;
};

/// The rows that batch `step` of `rows` rows visits: places step * rows ... of the endless sequence of shuffled epochs.
std::vector<int64_t> shuffled_rows(int64_t count, uint64_t seed, int64_t step, int64_t rows);

/// Rows 0 .. rows-1 of the shuffled order: a sample without repetition; at most all of them.
at::Tensor sample_rows(const Rows& from, int64_t rows);

}  // namespace fairfight
