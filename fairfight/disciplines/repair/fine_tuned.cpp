#include "fairfight/disciplines/repair/fine_tuned.h"

#include <algorithm>
#include <numeric>

#include "fairfight/base/error.h"
#include "fairfight/methods/unlearning.h"
#include "fairfight/model/torch.h"

namespace fairfight {

SearchSpace trained_space(double least_rate, double most_rate) {
  return SearchSpace().hyperparameter("steps", {10, 20, 40, 80, 150}).log_uniform("learning_rate", least_rate, most_rate);
}

void Lesson::begin(int64_t step, Excerpts excerpts) {
  step_ = step;
  excerpts_ = std::move(excerpts);
  trained_.emplace(original_.config(), weights_());
  trained_->set_precision(precision_);
}

ReadOut Lesson::read_out(const Batch& batch, const Taps& taps) { return trained_->read_out(batch.tokens, taps); }

ReadOut Lesson::read_out(const Batch& batch, const Judged& judged, Taps taps) { return trained_->read_out(batch.tokens, taps.only_at(judged.positions)); }

at::Tensor Lesson::at(const Site& site, const Batch& batch) { return trained_->at(site, batch.tokens); }

ReadOut Lesson::reference_read_out(const Batch& batch) { return reference(batch, {}); }

ReadOut Lesson::reference_read_out(const Batch& batch, const Judged& judged) { return reference(batch, Taps().only_at(judged.positions)); }

ReadOut Lesson::reference(const Batch& batch, const Taps& taps) const {
  const at::NoGradGuard no_grad;
  const auto excerpt = excerpts_.find(key_of(batch));
  if (excerpt == excerpts_.end()) return original_.transformer().read_out(batch.tokens, taps);
  const Site last{Point::resid_post, original_.config().n_layers - 1};
  return original_.transformer().resume(last, batch.tokens, known(last, batch), taps);
}

at::Tensor Lesson::reference_at(const Site& site, const Batch& batch) {
  const at::NoGradGuard no_grad;
  return known(site, batch);
}

at::Tensor Lesson::known(const Site& site, const Batch& batch) const {
  const auto excerpt = excerpts_.find(key_of(batch));
  if (excerpt == excerpts_.end()) return original_.transformer().at(site, batch.tokens);
  const auto& [of, key, rows] = excerpt->second;
  return original_.excerpt(*of, *key, rows, batch.tokens.size(1), site);
}

Moved everything(const SharedModel& model) {
  const Weights weights = model.copy().weights();
  return {weights.parameters(), [weights] { return weights; }};
}

Moved some_maps(const SharedModel& model, const std::vector<LinearMap>& maps, int64_t first, int64_t last) {
  Weights weights = model.transformer().weights();
  std::vector<at::Tensor> parameters;
  for (int64_t layer = std::max<int64_t>(0, first); layer <= last; ++layer)
    for (const LinearMap map : maps) {
      auto& w = map_of(weights.blocks[size_t(layer)], map).w;
      w = w.detach().clone().requires_grad_(true);
      parameters.push_back(w);
    }
  return {parameters, [weights] { return weights; }};
}

Moved adapters(const SharedModel& model, int64_t rank, int64_t last, Random random, double start) {
  LoraSettings settings{rank, 2 * double(rank), linear_maps(model.config()), {}, start};
  for (int64_t layer = 0; layer <= last; ++layer) settings.layers.push_back(layer);
  const auto lora = std::make_shared<const Lora>(model.transformer().weights(), settings, random);
  return {lora->parameters(), [lora] { return lora->adapted(); }};
}

Moved FineTuned::moved(Corner<Repair>& corner, const Settings&) const { return everything(corner.model()); }

std::unique_ptr<Patch> FineTuned::prepare(Corner<Repair>& corner, const Settings& settings) const {
  return std::make_unique<Patch>(train(corner, settings).patch);
}

FineTuned::Trained FineTuned::train(Corner<Repair>& corner, const Settings& settings, Precision products) const {
  FineTuneSettings schedule;
  schedule.steps = settings.integer("steps");
  schedule.learning_rate = rate_at_width(settings.number("learning_rate"), corner.model().config().d_model);
  schedule.warm_up = schedule.steps / 10;
  const Moved moves = moved(corner, settings);
  const Loss loss_of = loss(corner, settings);
  Dealer dealer(corner.offer(), corner.random("answers"), corner.random("kept"));
  Lesson lesson(corner.model(), moves.weights, schedule.steps, products);
  FineTuneLog log = fine_tune(moves.parameters, schedule, [&](int64_t step) {
    auto dealt = dealer.deal();
    lesson.begin(step, std::move(dealt.excerpts));
    return loss_of(lesson, dealt.minibatch);
  });
  const auto weights = std::make_shared<const Transformer>(corner.model().config(), moves.weights().clone());
  return {{weights, {}, log.note()}, std::move(log)};
}

Judged judged(const Answers& answers) {
  const auto lengths = answers.answer.sum(1).unsqueeze(1), along = at::arange(lengths.max().item<int64_t>(), at::kLong).unsqueeze(0);
  const auto places = (answers.answer_start.unsqueeze(1) + along).clamp_max(answers.batch.tokens.size(1) - 1);
  if (!answers.answer.gather(1, places).masked_select(along < lengths).all().item<bool>())
    fail("[judged] an answer's tokens do not stand side by side from its first one on");
  return {places - 1, answers.batch.tokens.gather(1, places).masked_fill(along >= lengths, -1)};
}

int64_t Judged::count() const { return (targets >= 0).sum().item<int64_t>(); }

at::Tensor answer_cross_entropy(Lesson& lesson, const Answers& answers) {
  const Judged at = judged(answers);
  return target_cross_entropy(lesson.read_out(answers.batch, at), at.targets);
}

at::Tensor answer_log_probabilities(Lesson& lesson, const Answers& answers) {
  const Judged at = judged(answers);
  return sequence_log_probabilities(lesson.read_out(answers.batch, at), at.targets);
}

at::Tensor reference_log_probabilities(Lesson& lesson, const Answers& answers) {
  const Judged at = judged(answers);
  return sequence_log_probabilities(lesson.reference_read_out(answers.batch, at), at.targets);
}

at::Tensor kept_divergence(Lesson& lesson, const Minibatch& minibatch) {
  const Batch& kept = minibatch.kept;
  return target_divergence(lesson.read_out(kept), lesson.reference_read_out(kept), targets_of(kept.tokens, judgeable(kept.valid)));
}

at::Tensor judges(const Answers& answers) { return at::constant_pad_nd(answers.answer.slice(1, 1), {0, 1}); }

}  // namespace fairfight
