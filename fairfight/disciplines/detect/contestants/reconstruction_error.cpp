#include "fairfight/base/error.h"
#include "fairfight/disciplines/detect/tokenwise.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ReconstructionError final : public CodeDetector {
 public:
  std::string_view name() const override { return "reconstruction_error"; }
  std::string_view title() const override { return "reconstruction error"; }
  std::string_view about() const override {
    return "a token: ‖x − x̂‖² / ‖x − μ‖² (relative; μ the mean of the clean pool), ‖x − x̂‖² (absolute), or 1 − cos(x − μ, x̂ − μ) (cosine): the essay's T3";
  }
  SearchSpace fit_space() const override { return SearchSpace().hyperparameter("form", {"relative", "absolute", "cosine"}); }

  CodeFit fit(Corner<Detect>& corner, const Settings& settings) const override {
    const auto mean = corner.pool().mean(0);
    const std::string form = settings.text("form");
    return [mean, form](const Encoded& rows) -> at::Tensor {
      const auto error = (rows.x - rows.reconstruction).square().sum(1);
      if (form == "absolute") return error;
      const auto x = rows.x - mean;
      if (form == "relative") return error / (x.square().sum(1) + 1e-12);
      if (form == "cosine") return 1 - at::cosine_similarity(x, rows.reconstruction - mean, 1, 1e-12);
      fail("[reconstruction_error] got the form \"{}\", expected relative, absolute or cosine", form);
    };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Detect>> reconstruction_error() { return std::make_unique<ReconstructionError>(); }

}  // namespace fairfight
