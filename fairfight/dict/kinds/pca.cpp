#include "fairfight/dict/kernels.h"
#include "fairfight/dict/kind.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The principal components of largest variance; a code holds the k of them that say most of a row, of either sign: all, where there are no more.
class Pca final : public AtomDictionary {
 public:
  Pca(at::Tensor components, at::Tensor b_dec, int64_t k) : AtomDictionary(std::move(components), std::move(b_dec)), k_(std::min(k, width())) {}
  explicit Pca(const Tensors& tensors) : AtomDictionary(tensors), k_(tensors.contains("k") ? std::min(require_count(tensors, "k", 1, INT32_MAX), width()) : width()) {}
  std::string_view kind() const override { return "pca"; }

  Codes encode_any(const at::Tensor& x) const override {
    const auto coefficients = centered(x).mm(w_dec().t());
    if (k_ == width()) return {coefficients, at::arange(width(), at::kInt).expand({x.size(0), width()}).contiguous(), width()};
    Codes codes = top_k(coefficients.abs(), k_, 0);
    codes.values = coefficients.gather(1, codes.indices.to(at::kLong)) * (codes.values > 0);
    return codes;
  }

  Tensors parameters() const override {
    Tensors tensors = AtomDictionary::parameters();
    tensors["k"] = at::scalar_tensor(k_, at::kLong);
    return tensors;
  }

 private:
  int64_t k_;
};

/// An eigenvector has no sign of its own: the largest entry shall be positive.
at::Tensor with_fixed_signs(const at::Tensor& rows) { return rows * rows.gather(1, rows.abs().argmax(1, true)).sign(); }

std::unique_ptr<Dictionary> learn_pca(const Rows& rows, const DictionarySettings& s, const Tick& tick, const Checkpoints&, TrainingLog*) {
  const auto b_dec = mean_row(rows, s);
  const int64_t d = rows.d_model();
  auto covariance = at::zeros({d, d}, at::kDouble);
  each_row_once(rows, s, [&](const at::Tensor& x, double fraction) {
    const auto difference = (x - b_dec).to(at::kDouble);
    covariance.addmm_(difference.t(), difference);
    tick(fraction, "covariance");
  });
  const auto vectors = std::get<1>(at::linalg_eigh(covariance));  // columns, by ascending variance
  const auto components = vectors.flip({1}).t().narrow(0, 0, s.width).to(at::kFloat);
  return std::make_unique<Pca>(with_fixed_signs(components), b_dec, s.k);
}

double pca_flops(const DictionarySettings& s, int64_t d_model, int64_t rows) {
  const double d = double(d_model);
  return 2 * d * d * double(std::min(rows, s.tokens)) + 9 * d * d * d;  // covariance and symmetric eigenproblem
}

}  // namespace

extern const Kind kPca{"pca", {"width", "k", "tokens"}, learn_pca, rebuilt_as<Pca>, pca_flops, true};

}  // namespace fairfight
