#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "fairfight/acts/rows.h"
#include "fairfight/base/progress.h"
#include "fairfight/base/random.h"
#include "fairfight/dict/curve.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/dict/settings.h"
#include "fairfight/dict/tensors.h"

namespace fairfight {

/// f = TopK(ReLU(encoder (x - b_dec) + bias)), x̂ = decoderᵀ f + b_dec. Matrices are [width, d_model], a row a latent.
struct TopKWeights {
  at::Tensor encoder, bias, decoder, b_dec;
};

/// Where a run keeps its state; without a file it keeps none. Whoever started the run removes the file when it is done.
struct Checkpoints {
  std::filesystem::path file;
  int64_t every_steps = 1000;
};

/// What a training tells of itself besides what it learned.
struct TrainingLog {
  int64_t steps = 0;           // none of kinds that do not train step by step
  std::optional<double> fall;  // Curve::fall
};

/// TopK sparse autoencoder, trained as in Gao et al. 2024 (arXiv 2406.04093), with sparse steps:
/// - rows are scaled so that E‖x‖² = d_model; `weights` folds the scale back, so that latents are in raw units;
/// - unit-norm decoder rows, encoder = decoder at the start, b_dec = geometric median of the first batch;
/// - loss = mean over rows and dimensions of e², e = x - x̂, plus AuxK: dead latents (silent for `dead_after` rows) rebuild
///   the residual from their aux_k largest ReLU(pre-activations) without the b_dec,
///   aux_coefficient * Σ‖ê - e‖² / Σ‖e - mean e‖², e held fixed; its gradient reaches the encoder;
/// - Adam(0.9, 0.999), the gradient's norm clipped at 1, the learning rate of DictionarySettings::lr_at.
class TopKTrainer {
 public:
  /// Scale, b_dec and weights come from the first batch and the seed. Error: rows that are not finite.
  TopKTrainer(const Rows& rows, const DictionarySettings& settings);

  struct Report {
    double loss;       // mean e² at scale E x² = 1
    double auxiliary;  // Σ‖ê - e‖² / Σ‖e - mean e‖²; 0 without dead latents
    int64_t dead;
  };
  /// Trains on one batch. Error: a loss or gradient that is not finite; the weights are then still those of the step before.
  Report step();

  int64_t steps_done() const { return step_; }
  TopKWeights weights() const;
  const Curve& curve() const { return curve_; }

  /// All that a run needs to go on bit for bit.
  void save(const std::filesystem::path& path) const;
  /// Error: a file of another run (other settings or rows).
  void restore(const std::filesystem::path& path);

 private:
  struct Parameter {
    at::Tensor w, first, second;  // the value and Adam's moments
    explicit Parameter(at::Tensor initial);
  };
  at::Tensor scaled_batch() const;
  at::Tensor dead_latents() const;
  void count_firings(const Codes& codes);
  void update(SparseGradients& gradients, const at::Tensor& b_dec_gradient, double clip);
  Tensors state() const;
  std::string identity() const;

  const Rows& rows_;
  DictionarySettings settings_;
  double scale_;
  int64_t step_ = 0;
  Parameter encoder_, bias_, decoder_, b_dec_;
  at::Tensor silent_;  // [width] int64: rows since a latent last fired
  Curve curve_;
  SparseGradients gradients_;
};

/// The whole run: resumes from the checkpoint if there is one, saves one every so many steps and when a stop is asked for.
TopKWeights train_top_k(const Rows& rows, const DictionarySettings& settings, const Tick& tick = no_tick,
                        const Checkpoints& checkpoints = {}, TrainingLog* log = nullptr);

/// Directions drawn evenly from the sphere: [rows, d].
at::Tensor random_unit_rows(int64_t rows, int64_t d, Random random);

/// The minimiser of the sum of distances to the rows of x (Weiszfeld's iteration).
at::Tensor geometric_median(const at::Tensor& x);

}  // namespace fairfight
