#include "fairfight/contestants/detect/roster.h"
#include "fairfight/contestants/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Surprise final : public Detector {
 public:
  explicit Surprise(std::string aggregation) : aggregation_(std::move(aggregation)) {}
  at::Tensor score(const MeteredModel& model, const Batch& batch) const override {
    return aggregate(-model.log_probabilities(batch).to(at::kDouble), batch.valid, aggregation_);
  }

 private:
  std::string aggregation_;
};

class Perplexity final : public Contestant<Detector> {
 public:
  std::string_view name() const override { return "perplexity"; }
  std::string_view title() const override { return "perplexity"; }
  std::string_view about() const override { return "the model's own −log p(token): needs no activations"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return SearchSpace().knob("aggregation", aggregations()); }

  std::unique_ptr<Detector> prepare(Corner&, const Settings& settings) const override {
    return std::make_unique<Surprise>(settings.text("aggregation"));
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detector>> perplexity() { return std::make_unique<Perplexity>(); }

}  // namespace fairfight
