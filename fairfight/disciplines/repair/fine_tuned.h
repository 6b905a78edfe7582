#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "fairfight/disciplines/repair/dealer.h"
#include "fairfight/disciplines/repair/discipline.h"
#include "fairfight/methods/finetune.h"
#include "fairfight/methods/lora.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// What every training tunes: "steps", and the "learning_rate" between two of the method's own.
SearchSpace trained_space(double least_rate, double most_rate);

/// Where the tokens of answers are judged: one position before each. The logits of all others are for nobody.
struct Judged {
  at::Tensor positions, targets;  // [docs, tokens] int64; after a shorter answer any position, and the target -1
  int64_t count() const;          // tokens of the answers
};
Judged judged(const Answers& answers);

/// What a loss sees of a training: who learns, who he was, and where they stand.
class Lesson {
 public:
  Lesson(const SharedModel& original, std::function<Weights()> weights, int64_t steps, Precision products)
      : original_(original), weights_(std::move(weights)), steps_(steps), precision_(products) {}

  /// The weights as they are now: once a step. `excerpts` tells where batches come from.
  void begin(int64_t step, Excerpts excerpts);
  int64_t step() const { return step_; }
  int64_t steps() const { return steps_; }

  // With gradients, of the model in training
  ReadOut read_out(const Batch& batch, const Taps& taps = {});       // at [docs, pos]
  ReadOut read_out(const Batch& batch, const Judged& judged, Taps taps = {});  // at [docs, tokens]
  at::Tensor at(const Site& site, const Batch& batch);               // the pass ends there
  // Without, of the model as it was
  ReadOut reference_read_out(const Batch& batch);
  ReadOut reference_read_out(const Batch& batch, const Judged& judged);
  at::Tensor reference_at(const Site& site, const Batch& batch);

 private:
  ReadOut reference(const Batch& batch, const Taps& taps) const;
  at::Tensor known(const Site& site, const Batch& batch) const;

  const SharedModel& original_;
  std::function<Weights()> weights_;
  Excerpts excerpts_;
  std::optional<Transformer> trained_;
  int64_t step_ = 0, steps_;
  Precision precision_;
};

/// What a training moves, and the model's weights as a function of it.
struct Moved {
  std::vector<at::Tensor> parameters;
  std::function<Weights()> weights;
};
Moved everything(const SharedModel& model);
/// Some maps of the layers up to `last`, from `first` on.
Moved some_maps(const SharedModel& model, const std::vector<LinearMap>& maps, int64_t first, int64_t last);
/// Adapters on all maps of the layers up to `last`; alpha is twice the rank; `start` as in
/// LoraSettings.
Moved adapters(const SharedModel& model, int64_t rank, int64_t last, Random random, double start = 0);

/// A repair by gradient: AdamW with a short warm-up and a cosine, along a loss on minibatches. It bakes: what it hands in is
/// weights. Every one has the hyperparameters "steps" and "learning_rate".
class FineTuned : public Contestant<Repair> {
 public:
  using Loss = std::function<at::Tensor(Lesson& lesson, const Minibatch& minibatch)>;

  struct Trained {
    Patch patch;
    FineTuneLog log;
  };

  Role role() const final { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const final;
  /// The same, and how it went.
  Trained train(Corner<Repair>& corner, const Settings& settings, Precision products = training_precision()) const;

 protected:
  virtual Moved moved(Corner<Repair>& corner, const Settings& settings) const;  // everything
  /// The loss of this training; what it needs once (a direction), it draws here.
  virtual Loss loss(Corner<Repair>& corner, const Settings& settings) const = 0;
};

/// Of the model in training: the cross-entropy of answers.
at::Tensor answer_cross_entropy(Lesson& lesson, const Answers& answers);
/// ... and the sum of their log-probabilities, [docs], of it and of the model as it was.
at::Tensor answer_log_probabilities(Lesson& lesson, const Answers& answers);
at::Tensor reference_log_probabilities(Lesson& lesson, const Answers& answers);
/// How far it went on the retain set, KL(p_ref ‖ p). The cross-entropy of that text would hold it, too, but its slope is not
/// 0 at the model itself: a few documents pull to themselves, and after 20 steps ordinary text has suffered five times as
/// much.
at::Tensor kept_divergence(Lesson& lesson, const Minibatch& minibatch);

/// The positions whose logits judge the answers: one before each of their tokens. [docs, pos] bool
at::Tensor judges(const Answers& answers);

}  // namespace fairfight
