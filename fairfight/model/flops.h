#pragma once
#include <ATen/core/Tensor.h>

#include <memory>

namespace fairfight {

/// What this thread really computes while it lives, to hold a ledger against: 2 m n k for each product of matrices that reaches
/// libtorch's kernels (forward, backward, of whoever), and what kernels of ours report. Eigenvectors, Cholesky and
/// element-wise work are not seen. It stands in the dispatcher above autograd, and costs nothing while there is none.
class CountedFlops {
 public:
  CountedFlops();
  ~CountedFlops();
  CountedFlops(const CountedFlops&) = delete;
  CountedFlops& operator=(const CountedFlops&) = delete;

  double products() const { return precision_; }
  double attention() const { return attention_; }  // forward passes of attention's own two products, apart: ledgers leave them out

 private:
  friend void count_product(double flops);
  friend void count_attention(double flops);

  struct Listening;
  double precision_ = 0, attention_ = 0;
  CountedFlops* outer_;
  std::unique_ptr<Listening> listening_;
};

/// A kernel of ours says what it did; nothing happens where nobody counts.
void count_product(double flops);
void count_attention(double flops);

}  // namespace fairfight
