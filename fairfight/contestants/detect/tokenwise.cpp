#include "fairfight/contestants/detect/tokenwise.h"

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class Tokenwise final : public Detector {
 public:
  Tokenwise(const Site& site, RowScore score, std::string aggregation)
      : site_(site), score_(std::move(score)), aggregation_(std::move(aggregation)) {}

  at::Tensor score(const MeteredModel& model, const Batch& batch) const override {
    constexpr int64_t kRows = 8192;
    at::NoGradGuard no_grad;
    const auto x = model.activations(batch, site_);
    const auto rows = x.flatten(0, 1).index({batch.valid.flatten()});
    std::vector<at::Tensor> pieces;
    for (const auto& slice : rows.split(kRows)) {
      check_stop();
      pieces.push_back(score_(slice).to(at::kDouble));
    }
    auto scores = at::zeros(batch.valid.sizes(), at::kDouble);
    scores.index_put_({batch.valid}, at::cat(pieces));
    return aggregate(scores, batch.valid, aggregation_);
  }

 private:
  Site site_;
  RowScore score_;
  std::string aggregation_;
};

}  // namespace

const std::vector<Json>& aggregations() {
  static const std::vector<Json> names{"mean", "max", "q95", "last"};
  return names;
}

at::Tensor aggregate(const at::Tensor& scores, const at::Tensor& valid, const std::string& how) {
  const auto count = valid.sum(1);
  if (count.min().item<int64_t>() < 1) fail("[aggregate] a document has no token behind its first");
  if (how == "mean") return scores.masked_fill(~valid, 0).sum(1) / count;
  if (how == "max") return scores.masked_fill(~valid, -INFINITY).amax(1);
  if (how == "last") return scores.gather(1, valid.to(at::kLong).cumsum(1).argmax(1, true)).squeeze(1);
  if (how == "q95") {
    // The smallest score that at least 95 % of the tokens do not exceed.
    const auto ascending = std::get<0>(scores.masked_fill(~valid, INFINITY).sort(1));
    const auto rank = (count * 0.95).ceil().to(at::kLong) - 1;
    return ascending.gather(1, rank.unsqueeze(1)).squeeze(1);
  }
  fail("[aggregate] got \"{}\", expected mean, max, q95 or last", how);
}

std::unique_ptr<Detector> tokenwise(const Site& site, RowScore score, std::string aggregation) {
  return std::make_unique<Tokenwise>(site, std::move(score), std::move(aggregation));
}

}  // namespace fairfight
