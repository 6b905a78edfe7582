#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/acts/rows.h"
#include "fairfight/base/progress.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// How well x̂ stands for x, over a whole set of rows, summed in float64.
struct Reconstruction {
  double fvu;   // Σ‖x - x̂‖² / Σ‖x - mean‖², the mean over the same rows: the fraction of variance unexplained
  double l0;    // mean number of values that are not 0 in a row
  double dead;  // fraction of latents that fire in none of these rows
  int64_t rows;
  int64_t left_out = 0;  // attention sinks, of which the dictionary says nothing: not among the rows

  /// 1 - FVU. Not 1 - Σ var(x - x̂) / Σ var(x): that one forgives a constant error, which the model would feel.
  double explained_variance() const { return 1 - fvu; }
};

/// Adds rows batch by batch; so a set need not be in memory.
class ReconstructionMeter {
 public:
  explicit ReconstructionMeter(const Dictionary& dictionary);
  void add(const at::Tensor& x);  // [rows, d_model]
  Reconstruction result() const;  // error: no rows, or no variance

 private:
  const Dictionary& dictionary_;
  at::Tensor shift_, sum_;  // [d_model] float64: sums are of x - shift, so that a mean far from 0 costs no digits
  at::Tensor fired_;        // [width] bool
  double squares_ = 0, error_ = 0;
  int64_t rows_ = 0, left_out_ = 0, active_ = 0;
};

/// On the first `count` rows of the shuffled order (at most one epoch).
Reconstruction measure_reconstruction(const Dictionary& dictionary, const Rows& rows, int64_t count,
                                      const Tick& tick = no_tick);

/// What it does to the model that x̂ replaces x at a site, in nats a token. Replaced are the valid positions that are no sinks of the dictionary's; counted are
/// those predictions that a valid position makes of a valid token. So <bos> and padding are neither replaced nor counted.
struct Splice {
  double ce;       // mean cross-entropy of the model as it is
  double ce_with;  // with x̂ at the site
  double ce_zero;  // with 0 at the site
  double kl;       // mean KL(p ‖ p_with)
  int64_t positions;

  double delta_ce() const { return ce_with - ce; }
  /// (ce_zero - ce_with) / (ce_zero - ce): near 1 for almost anything where zeros cost much; read delta_ce.
  double ce_recovered() const { return (ce_zero - ce_with) / (ce_zero - ce); }
};

Splice measure_splice(const Transformer& model, const Site& site, const Dictionary& dictionary,
                      const std::vector<Batch>& batches, const Tick& tick = no_tick);

}  // namespace fairfight
