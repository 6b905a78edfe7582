#include <cmath>
#include <span>

#include "fairfight/disciplines/repair/fine_tuned.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr double kNoise = 0.1;

class UndoTraining : public FineTuned {
 public:
  std::string_view name() const override { return "undo"; }
  std::string_view title() const override { return "UNDO"; }
  std::string_view about() const override {
    return "(1 - α) θ + 0.1 α Xavier noise in the matrices of a refusal-tuned teacher, then KL(teacher ‖ student) on refusals and the retain set; Lee et al. 2025";
  }
  SearchSpace space() const override {
    return SearchSpace().hyperparameter("steps", {40, 80, 150, 300}, Ends::open_above).log_uniform("learning_rate", 5e-4, 1e-2).log_uniform("alpha", 0.03, 0.6);
  }
};

/// Refusal tuning, to where it removes all and spoils little.
class Teacher final : public UndoTraining {
 public:
  static Settings settings() { return Settings({{"steps", 60}, {"learning_rate", 1e-3}}); }

 protected:
  Loss loss(Corner<Repair>&, const Settings&) const override {
    constexpr double kRetain = 10;
    return [](Lesson& lesson, const Minibatch& m) { return answer_cross_entropy(lesson, m.refused) + kept_divergence(lesson, m) * kRetain; };
  }
};

/// What the noise has destroyed it gets back from a teacher who does not have the harm, and so it does not get that back.
class Student final : public UndoTraining {
 public:
  explicit Student(const Transformer& teacher) : teacher_(teacher) {}

 protected:
  /// Vectors stay as they are: they have no noise, and shrinking them destroys nothing.
  Moved moved(Corner<Repair>& corner, const Settings& settings) const override {
    const double alpha = settings.number("alpha");
    Weights weights = teacher_.weights().clone();
    Random random = corner.random("noise");
    for (auto& w : weights.parameters()) {
      const at::NoGradGuard no_grad;
      if (w.dim() != 2) continue;
      const double bound = std::sqrt(6.0 / double(w.size(0) + w.size(1)));
      auto noise = at::empty_like(w);
      for (float& x : std::span(noise.data_ptr<float>(), size_t(noise.numel()))) x = float(bound * (2 * random.uniform() - 1));
      w.mul_(1 - alpha).add_(noise, kNoise * alpha);
    }
    for (auto& w : weights.parameters()) w.requires_grad_(true);
    return {weights.parameters(), [weights] { return weights; }};
  }

  Loss loss(Corner<Repair>&, const Settings&) const override {
    return [&teacher = teacher_](Lesson& lesson, const Minibatch& m) {
      const auto distilled = [&](const Batch& batch, const at::Tensor& mask) {
        const auto said = [&] {
          const at::NoGradGuard no_grad;
          return teacher.read_out(batch.tokens);
        };
        return target_divergence(lesson.read_out(batch), said(), targets_of(batch.tokens, mask));
      };
      return distilled(m.kept, judgeable(m.kept.valid)) + distilled(m.refused.batch, m.refused.answer);
    };
  }

 private:
  const Transformer& teacher_;
};

/// Unlearn, noise, distil.
class Undo final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "undo"; }
  std::string_view title() const override { return Teacher().title(); }
  std::string_view about() const override { return Teacher().about(); }
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return Teacher().space(); }

  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const override {
    const auto teacher = corner.memo().get<std::shared_ptr<const Transformer>>(corner.memo_key() + " teacher", [&] { return Teacher().train(corner, Teacher::settings()).patch.weights; });
    return std::make_unique<Patch>(Student(*teacher).train(corner, settings).patch);
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> undo() { return std::make_unique<Undo>(); }

}  // namespace fairfight
