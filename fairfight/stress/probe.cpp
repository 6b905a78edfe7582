#include "fairfight/base/statistics.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"
#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

/// The last block's output at the last prompt token, [docs, d_model].
at::Tensor at_the_ends(const Subject& subject, const Patch& patch, const std::vector<Prompts>& parts) {
  const Site site{Point::resid_post, subject.original().config().n_layers - 1};
  std::vector<at::Tensor> rows;
  for (const auto& part : parts) {
    at::Tensor x;
    patch.read_out(subject.original(), part.tokens, Taps().read(site, &x).only_at(part.last));
    rows.push_back(x.gather(1, part.last.view({-1, 1, 1}).expand({-1, 1, x.size(2)})).squeeze(1));
  }
  return at::cat(rows).to(at::kDouble);
}

/// Trained on half of the repairer's own examples, tested on the other half.
std::map<std::string, double> probed(const Subject& subject, const Patch& patch) {
  at::NoGradGuard no_grad;
  const auto harmful = at_the_ends(subject, patch, subject.harmful()), harmless = at_the_ends(subject, patch, subject.harmless());
  const auto half = [](const at::Tensor& x, bool first) { return first ? x.slice(0, 0, x.size(0) / 2) : x.slice(0, x.size(0) / 2); };
  const auto labels = at::cat({at::ones({half(harmful, true).size(0)}), at::zeros({half(harmless, true).size(0)})});
  const LogisticRegression regression(at::cat({half(harmful, true), half(harmless, true)}), labels, 1e-2);
  const auto scores = [&](const at::Tensor& x) {
    const auto z = regression.logits(half(x, false)).contiguous();
    return std::vector<double>(z.data_ptr<double>(), z.data_ptr<double>() + z.numel());
  };
  return {{"probe", auroc(scores(harmless), scores(harmful))}};
}

}  // namespace

Stress linear_probe() {
  return {{{"probe", "probe", "AUROC of a linear probe of the last block's output for prompts that would be answered harmfully: 0.5 if nothing is left to read", 1, 0.5}}, probed};
}

}  // namespace fairfight
