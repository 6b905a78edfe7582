#include "fairfight/base/statistics.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {

std::unique_ptr<const Contestant<Detect>> reconstruction_error(), rarity(), perplexity();

namespace {

/// How far a document lies from clean ones, in their standard deviations.
struct Standard {
  double mean, deviation;
  at::Tensor of(const at::Tensor& scores) const { return (scores - mean) / deviation; }
};

class Fused final : public Detector {
 public:
  Fused(std::unique_ptr<Detector> own, std::unique_ptr<Detector> other, const Settings& settings, const SharedModel& model, const Batch& clean)
      : own_(std::move(own)), other_(std::move(other)), weight_(settings.number("weight")), direction_(settings.text("direction")), of_own_(standard(*own_, model, clean)), of_other_(standard(*other_, model, clean)) {
    usual_ = sum(model, clean).median().item<double>();
  }
  at::Tensor score(const SharedModel& model, const Batch& batch) const override { return directed(sum(model, batch), direction_, usual_); }

 private:
  at::Tensor sum(const SharedModel& model, const Batch& batch) const { return of_own_.of(own_->score(model, batch)) * weight_ + of_other_.of(other_->score(model, batch)) * (1 - weight_); }
  static Standard standard(const Detector& detector, const SharedModel& model, const Batch& clean) {
    const auto scores = detector.score(model, clean);
    return {scores.mean().item<double>(), std::max(scores.std().item<double>(), 1e-12)};
  }
  std::unique_ptr<Detector> own_, other_;
  double weight_;
  std::string direction_;
  Standard of_own_, of_other_;
  double usual_ = 0;
};

/// What a dictionary adds for somebody who has the perplexity.
class WithPerplexity final : public Contestant<Detect> {
 public:
  std::string_view name() const override { return "with_perplexity"; }
  std::string_view title() const override { return "dictionary with perplexity"; }
  std::string_view about() const override { return "w z(reconstruction error or rarity) + (1 − w) z(perplexity), z in standard deviations of 256 clean documents"; }
  Role role() const override { return Role::challenger; }
  SearchSpace space() const override {
    return SearchSpace()
        .hyperparameter("of", {"reconstruction_error", "rarity"})
        .hyperparameter("weight", {0.1, 0.25, 0.5, 0.75, 0.9}, Ends::natural)
        .hyperparameter("form", {0, 1, 2}, Ends::natural)
        .hyperparameter("aggregation", aggregations())
        .hyperparameter("of_perplexity", aggregations())
        .reading("direction", directions());
  }

  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const override {
    const auto method = settings.text("of") == "rarity" ? rarity() : reconstruction_error();
    const Json forms = dynamic_cast<const CodeDetector&>(*method).fit_space().json().at("form");
    const Settings own({{"form", forms[size_t(settings.integer("form"))]}, {"aggregation", settings.text("aggregation")}, {"direction", "high"}});
    static const auto other = perplexity();  // a detector holds on to its method
    return std::make_unique<Fused>(method->prepare(corner, own), other->prepare(corner, Settings({{"aggregation", settings.text("of_perplexity")}, {"direction", "high"}})),
                                   settings, corner.model(), corner.first_texts());
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> with_perplexity() { return std::make_unique<WithPerplexity>(); }

}  // namespace fairfight
