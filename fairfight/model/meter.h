#pragma once
#include <cstdint>
#include <memory>

namespace fairfight {

/// What was computed. FLOPs are those of products of matrices: 2 m n k for each, forward and backward, padding with it. Eigenvectors, triangular solves and element-wise
/// work are not seen, for anyone.
struct Work {
  int64_t flops = 0;
  int64_t tokens_forward = 0, tokens_backward = 0;  // that passed through a model; and of these, whose pass was recorded for gradients
  int64_t queries = 0;                              // passes of a model
  Work& operator+=(const Work& other);
  Work share(double of) const;  // what a part of it cost, by size
  bool operator==(const Work&) const = default;
};

/// Counts what this thread really computes while it lives, and what threads do that side_by_side starts for it. It stands in the dispatcher above autograd, where libtorch's
/// products come by whoever asks for them; kernels of ours report by count_flops, passes by count_pass. What a meter has counted, the one around it has counted too: nobody who
/// is metered can compute anything beside the meter.
class Meter {
 public:
  Meter() : Meter(false) {}
  ~Meter();
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  Work work() const;

  struct Counter;
  /// The innermost meter of a thread, and another thread that works for it.
  static std::shared_ptr<Counter> innermost();
  class Joined {
   public:
    explicit Joined(std::shared_ptr<Counter> counter);  // null: nobody counts
    ~Joined();
    Joined(const Joined&) = delete;

   private:
    struct Listening;
    std::unique_ptr<Listening> listening_;
  };

 private:
  friend class Memo;  // what it keeps has a price, and nobody has paid it yet
  explicit Meter(bool apart);

  std::shared_ptr<Counter> counter_, around_;
  Joined joined_;
};

/// Nothing happens where nobody counts.
void count_flops(double flops);
void count_pass(int64_t tokens, bool recorded);
/// Somebody takes what was computed once, and pays for it as if it were computed again.
void pay(const Work& work);

}  // namespace fairfight
