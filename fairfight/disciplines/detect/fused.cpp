#include "fairfight/disciplines/detect/fused.h"

#include <fmt/format.h>

#include <limits>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr const char* kWeight = "weight";

class Sum final : public Detector {
 public:
  Sum(std::unique_ptr<Detector> other, double weight, const SharedModel& model, const Batch& clean)
      : other_(std::move(other)), weight_(weight), surprises_(surprise(model.outputs(clean), clean.valid)), others_(other_->score(model, clean)) {}
  at::Tensor score(const SharedModel& model, const Batch& batch) const override {
    return surprises_(surprise(model.outputs(batch), batch.valid)) + weight_ * others_(other_->score(model, batch));
  }

 private:
  std::unique_ptr<Detector> other_;
  double weight_;
  Standard surprises_, others_;
};

}  // namespace

Standard::Standard(const at::Tensor& clean)
    : mean(clean.mean().item<double>()), deviation(clean.std(false).item<double>() + std::numeric_limits<double>::min()) {}  // all equal: nothing stands out of them

at::Tensor Standard::operator()(const at::Tensor& scores) const { return (scores - mean) / deviation; }

at::Tensor surprise(const Outputs& outputs, const at::Tensor& valid) { return aggregate(-outputs.log_probability.to(at::kDouble), valid, "mean"); }

Fused::Fused(std::unique_ptr<const Contestant<Detect>> other)
    : other_(std::move(other)),
      name_(fmt::format("perplexity_{}", other_->name())),
      title_(fmt::format("perplexity + {}", other_->title())),
      about_(fmt::format("the sum of two standard scores among clean documents: of perplexity, and with a weight of {}", other_->title())) {}

Settings Fused::without_weight(const Settings& settings) {
  Json values = settings.json();
  values.erase(kWeight);
  return Settings(values);
}

SearchSpace Fused::space() const { return other_->space().log_uniform(kWeight, 0.1, 10, Ends::natural); }  // beyond them one of the two is nearly alone

std::unique_ptr<Detector> Fused::prepare(Corner<Detect>& corner, const Settings& settings) const {
  return std::make_unique<Sum>(other_->prepare(corner, without_weight(settings)), settings.number(kWeight), corner.model(), corner.first_texts());
}

}  // namespace fairfight
