#include <fmt/format.h>

#include "fairfight/acts/sinks.h"
#include "fairfight/arena/scores.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/methods/logistic.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Mean activation of each document's tokens, attention sinks left out: [docs, width].
at::Tensor document_means(const SharedModel& model, const Batch& batch, const Site& site, double most_norm) {
  const auto x = model.activations(batch, site);
  const auto weight = no_sinks(x, batch.valid, most_norm).to(at::kFloat).unsqueeze(-1);
  return (x * weight).sum(1) / weight.sum(1);
}

class Probe final : public Detector {
 public:
  Probe(LogisticRegression fit, Site site, double most_norm) : fit_(std::move(fit)), site_(site), most_norm_(most_norm) {}
  at::Tensor score(const SharedModel& model, const Batch& batch) const override {
    return fit_.logits(document_means(model, batch, site_, most_norm_)).to(at::kDouble);
  }

 private:
  LogisticRegression fit_;
  Site site_;
  double most_norm_;
};

class SupervisedProbe final : public Contestant<Detect> {
 public:
  std::string_view name() const override { return "supervised_probe"; }
  std::string_view title() const override { return "supervised probe"; }
  std::string_view about() const override {
    return "logistic regression of a document's mean activation on labelled examples of the tested families: what labels would buy, outside the contest";
  }
  Role role() const override { return Role::reference; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("l2", {1e-4, 1e-3, 1e-2, 1e-1, 1.0}); }

  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const override {
    std::vector<at::Tensor> x, y;
    for (const auto& [name, batch] : corner.privilege()) {
      x.push_back(document_means(corner.model(), batch, corner.site(), corner.most_norm()));
      y.push_back(at::full({batch.documents()}, is_clean(name) ? 0.0 : 1.0, at::kDouble));
    }
    return std::make_unique<Probe>(LogisticRegression(at::cat(x), at::cat(y), settings.number("l2")), corner.site(), corner.most_norm());
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> supervised_probe() { return std::make_unique<SupervisedProbe>(); }

}  // namespace fairfight
