#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class GradientAscent final : public FineTuned {
 public:
  std::string_view name() const override { return "gradient_ascent"; }
  std::string_view title() const override { return "Gradient ascent"; }
  std::string_view about() const override {
    return "-CE(harmful answers), and nothing that holds the rest; Jang et al. 2023";
  }
  SearchSpace space() const override { return trained_space(5e-5, 1e-3); }

 protected:
  Loss loss(Corner<Repair>&, const Settings&) const override {
    return [](Lesson& lesson, const Minibatch& m) { return gradient_ascent_loss(answer_cross_entropy(lesson, m.harmful)); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> gradient_ascent() { return std::make_unique<GradientAscent>(); }

}  // namespace fairfight
