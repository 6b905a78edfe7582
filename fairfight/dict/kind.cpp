#include "fairfight/dict/kind.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/dict/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {
constexpr double kNormTolerance = 1e-3;
}  // namespace

AtomDictionary::AtomDictionary(at::Tensor w_dec, at::Tensor b_dec)
    : w_dec_(w_dec.detach().contiguous()), b_dec_(b_dec.detach().contiguous()) {}

AtomDictionary::AtomDictionary(const Tensors& tensors)
    : AtomDictionary(require_finite(tensors, "W_dec", {-1, -1}), require_finite(tensors, "b_dec", {-1})) {
  if (width() < 1 || d_model() < 1 || b_dec_.size(0) != d_model())
    fail("[dictionary] got W_dec [{}, {}] and b_dec [{}], expected [width, d_model] and [d_model]", width(), d_model(),
         b_dec_.size(0));
  const auto norms = w_dec_.norm(2, 1);
  const auto worst = (norms - 1).abs().argmax();
  const double norm = norms.index_select(0, worst.view(1)).item<double>();
  if (std::abs(norm - 1) > kNormTolerance)
    fail("[dictionary] row {} of W_dec has norm {:.6g}, expected 1", worst.item<int64_t>(), norm);
}

at::Tensor AtomDictionary::decode(const Codes& codes) const { return sparse_decode(codes, w_dec_, b_dec_); }

at::Tensor AtomDictionary::preactivations(const at::Tensor& x, const at::Tensor& latents) const { return (x - b_dec_).mm(rows_of(w_dec_, latents).t()); }

Tensors AtomDictionary::parameters() const { return {{"W_dec", w_dec_}, {"b_dec", b_dec_}}; }

at::Tensor AtomDictionary::centered(const at::Tensor& x) const {
  if (x.dim() != 2 || x.size(1) != d_model() || x.scalar_type() != at::kFloat)
    fail("[encode] got x of {} [{}], expected Float [rows, {}]", c10::toString(x.scalar_type()), fmt::join(x.sizes(), ", "),
         d_model());
  return (x.detach() - b_dec_).contiguous();
}

void each_row_once(const Rows& rows, const DictionarySettings& settings, const Visit& visit) {
  const int64_t n = std::min(rows.count(), settings.tokens), batch = std::min(settings.batch, n);
  for (int64_t from = 0; from < n; from += batch) {
    check_stop();
    const int64_t to = std::min(n, from + batch);
    visit(rows.batch(from / batch, batch).narrow(0, 0, to - from), double(to) / double(n));
  }
}

at::Tensor mean_row(const Rows& rows, const DictionarySettings& settings) {
  auto sum = at::zeros({rows.d_model()}, at::kDouble);
  each_row_once(rows, settings, [&](const at::Tensor& x, double) { sum += x.sum(0, false, at::kDouble); });
  const auto mean = (sum / double(std::min(rows.count(), settings.tokens))).to(at::kFloat);
  if (!at::isfinite(mean).all().item<bool>()) fail("[dictionary] the rows hold a value that is not finite");
  return mean;
}

}  // namespace fairfight
