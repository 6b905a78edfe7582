#include "fairfight/methods/attribution.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRows = 1024;  // whose atoms are gathered at once

/// effects[j] += sign * sum over rows of f_j (gradient . atom_j).
void add_effects(const Codes& f, const at::Tensor& gradient, const at::Tensor& atoms, double sign, at::Tensor& effects) {
  for (int64_t from = 0; from < f.values.size(0); from += kRows) {
    const auto values = f.values.slice(0, from, from + kRows), indices = f.indices.slice(0, from, from + kRows).to(at::kLong);
    const auto active = atoms.index_select(0, indices.flatten()).view({indices.size(0), indices.size(1), -1});
    const auto pulls = at::bmm(active, gradient.slice(0, from, from + kRows).unsqueeze(2)).squeeze(2);
    effects.index_add_(0, indices.flatten(), (sign * pulls.to(at::kDouble) * values).flatten());
  }
}

/// The codes of some documents of a batch, cut to a length.
Codes codes_of(const Codes& all, int64_t documents, const at::Tensor& rows, int64_t length) {
  const auto cut = [&](const at::Tensor& t) { return t.view({documents, -1, t.size(1)}).index_select(0, rows).slice(1, 0, length).flatten(0, 1).contiguous(); };
  return {cut(all.values), cut(all.indices), all.width};
}

class SomeDocuments {
 public:
  SomeDocuments(const Transformer& model, const Dictionary& dictionary, const Site& site, const Batch& batch, at::Tensor rows, const AttributionSettings& settings)
      : model_(model), dictionary_(dictionary), site_(site), settings_(settings), rows_(std::move(rows)) {
    const auto valid = batch.valid.index_select(0, rows_);
    const int64_t length = valid.any(0).nonzero().amax().item<int64_t>() + 1;
    valid_ = valid.slice(1, 0, length).unsqueeze(2);
    tokens_ = batch.tokens.index_select(0, rows_).slice(1, 0, length).contiguous();
    if (settings.towards) towards_ = codes_of(*settings.towards, batch.documents(), rows_, length);
  }

  void run(const DocumentMetric& metric, at::Tensor& effects) {
    at::Tensor sum;
    for (int64_t k = 0; k < settings_.steps; ++k) {
      check_stop();
      const auto gradient = gradient_at(double(k) / double(settings_.steps), metric);
      sum = sum.defined() ? sum + gradient : gradient;
    }
    const auto mean = (sum / settings_.steps * valid_).flatten(0, 1).to(at::kFloat);
    const auto& atoms = dictionary_.w_dec();
    add_effects(codes_, mean, atoms, -1, effects);
    if (settings_.towards) add_effects(towards_, mean, atoms, 1, effects);
  }

 private:
  /// ∂ metric / ∂ x' [docs, pos, d] at f + share (f⁺ - f).
  at::Tensor gradient_at(double share, const DocumentMetric& metric) {
    const at::AutoGradMode with_gradient(true);
    at::Tensor leaf;
    const auto edit = [&](const at::Tensor& x) {
      const auto own = x.detach();
      if (!way_.defined()) look_at(own);
      leaf = (own + share * way_).requires_grad_();
      return leaf;
    };
    const auto values = metric(model_.read_out(tokens_, Taps().edit(site_, edit)), rows_);
    if (values.dim() != 1 || values.size(0) != rows_.size(0))
      fail("[attribute] the metric gave [{}], expected a number for each of {} documents", fmt::join(values.sizes(), ", "), rows_.size(0));
    return torch::autograd::grad({values.sum()}, {leaf})[0];
  }

  void look_at(const at::Tensor& x) {
    const at::NoGradGuard no_grad;
    codes_ = dictionary_.encode(x.flatten(0, 1).to(at::kFloat));
    const auto end = settings_.towards ? dictionary_.decode(towards_) : dictionary_.b_dec();
    way_ = (end - dictionary_.decode(codes_)).view(x.sizes()).to(x.scalar_type()) * valid_;
  }

  const Transformer& model_;
  const Dictionary& dictionary_;
  const Site site_;
  const AttributionSettings& settings_;
  at::Tensor rows_, tokens_, valid_;
  Codes codes_, towards_;
  at::Tensor way_;  // D (f⁺ - f)
};

}  // namespace

Attribution attribute(const Transformer& model, const Dictionary& dictionary, const Site& site, const Batch& batch,
                      const DocumentMetric& metric, const AttributionSettings& settings) {
  require_site(model.config(), site);
  if (width_at(model.config(), site) != dictionary.d_model())
    fail("[attribute] {} is {} wide, the dictionary was made for {}", site.name(), width_at(model.config(), site), dictionary.d_model());
  if (settings.steps < 1 || settings.chunk < 1) fail("[attribute] got {} steps and chunks of {}, expected at least 1", settings.steps, settings.chunk);
  if (settings.towards && settings.towards->values.size(0) != batch.tokens.numel())
    fail("[attribute] got the other codes of {} rows, expected {}", settings.towards->values.size(0), batch.tokens.numel());
  Attribution result{at::zeros({dictionary.width()}, at::kDouble)};
  for (const auto& rows : at::arange(batch.documents()).split(settings.chunk))
    SomeDocuments(model, dictionary, site, batch, rows, settings).run(metric, result.effects);
  result.effects /= double(batch.documents());
  return result;
}

}  // namespace fairfight
