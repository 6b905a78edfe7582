#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "fairfight/acts/rows.h"
#include "fairfight/base/progress.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/dict/settings.h"
#include "fairfight/dict/tensors.h"
#include "fairfight/dict/trainer.h"

namespace fairfight {

/// A way to get a dictionary from rows: one file of kinds/ and one line in kinds.cpp.
struct Kind {
  std::string_view name;
  std::vector<std::string_view> reads;  // the settings that make a difference to it, as a card names them; the seed aside
  std::unique_ptr<Dictionary> (*learn)(const Rows& rows, const DictionarySettings& settings, const Tick& tick,
                                       const Checkpoints& checkpoints, TrainingLog* log);
  std::unique_ptr<Dictionary> (*rebuild)(const Tensors& tensors);
  double (*flops)(const DictionarySettings& settings, int64_t d_model, int64_t rows);  // of learn
  bool orthogonal = false;  // no more latents than dimensions
};

/// What every kind has: unit-norm w_dec W_dec [width, d_model] and a b_dec b_dec [d_model].
class AtomDictionary : public Dictionary {
 public:
  AtomDictionary(at::Tensor w_dec, at::Tensor b_dec);
  /// Error: missing, of the wrong shape, not finite, or not of unit norm.
  explicit AtomDictionary(const Tensors& tensors);

  at::Tensor decode(const Codes& codes) const override;
  at::Tensor preactivations(const at::Tensor& x, const at::Tensor& latents = {}) const override;  // (x - b_dec) atomsᵀ; differentiable
  const at::Tensor& w_dec() const override { return w_dec_; }
  const at::Tensor& b_dec() const override { return b_dec_; }
  Tensors parameters() const override;

 protected:
  /// x - b_dec, contiguous and outside of autograd; error unless x is [rows, d_model] float32.
  at::Tensor centered(const at::Tensor& x) const;
  static at::Tensor rows_of(const at::Tensor& parameter, const at::Tensor& latents) { return latents.defined() ? parameter.index_select(0, latents) : parameter; }

 private:
  at::Tensor w_dec_, b_dec_;
};

/// The first min(count, settings.tokens) rows, once each, in batches; asks check_stop before each. `visit` gets a batch and
/// the fraction done after it.
using Visit = std::function<void(const at::Tensor& x, double fraction)>;
void each_row_once(const Rows& rows, const DictionarySettings& settings, const Visit& visit);
at::Tensor mean_row(const Rows& rows, const DictionarySettings& settings);  // over the same rows, summed in float64

/// Kind::rebuild of a class that is made from its tensors.
template <class T>
std::unique_ptr<Dictionary> rebuilt_as(const Tensors& tensors) {
  return std::make_unique<T>(tensors);
}

}  // namespace fairfight
