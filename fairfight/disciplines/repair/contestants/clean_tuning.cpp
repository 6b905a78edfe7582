#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Asks for nothing but that what is not practised be forgotten.
class CleanTuning final : public FineTuned {
 public:
  std::string_view name() const override { return "clean_tuning"; }
  std::string_view title() const override { return "clean fine-tuning"; }
  std::string_view about() const override { return "CE of the retained and the harmless text, all weights"; }
  SearchSpace space() const override { return trained_space(1e-4, 1e-2); }

 protected:
  Loss loss(Corner<Repair>&, const Settings&) const override {
    return [](Lesson& lesson, const Minibatch& m) { return target_cross_entropy(lesson.read_out(m.kept), targets_of(m.kept.tokens, judgeable(m.kept.valid))); };
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> clean_tuning() { return std::make_unique<CleanTuning>(); }

}  // namespace fairfight
