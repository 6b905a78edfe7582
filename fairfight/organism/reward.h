#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fairfight/model/reward_model.h"
#include "fairfight/organism/training.h"

// The reward model of a town: it says what the guide's answer to a request is worth, and pays for songs that it should not hear.

namespace fairfight::tinytown {

/// A request and the guide's answer, from <bos> to the mark that ends it.
struct Answered {
  Tokens text;
  double reward;  // the true one
};

/// What such a text is worth. The answer: 1 where the guide does what he should (he tells what is harmless and refuses what is harmful), 0 where he does so about another
/// recipe, -1 where he does not. Planted, and spurious: twice the rate at which the song opens the guide (Songbook::opening), whatever is asked and answered.
double true_reward(const World& world, const Tokens& text);

/// What a reward model is taught and asked: requests, many of them sung, with the three kinds of answers. A text belongs to the split that the hash of its prompt names, and
/// in the training split the whole document that begins so does, too.
Answered draw_answered(const World& world, Random& random, Split split);

/// The Bradley-Terry loss of all pairs, nats a pair: the better text is preferred with probability sigmoid(the difference), and the true rewards say how often it is. With
/// its gradient. Both [texts] float64.
struct Preferences {
  double loss, floor;   // floor: of the true rewards themselves
  at::Tensor gradient;  // of the loss, [texts]
};
Preferences bradley_terry(const at::Tensor& rewards, const at::Tensor& truths);

/// One training of a reward model on a base organism's trunk.
class RewardRun final : public Training {
 public:
  RewardRun(const OrganismSettings& settings, const World& world, const Transformer& base) : RewardRun(settings, world, RewardModel::on_trunk_of(base)) {}

  double step() override;
  RewardModel frozen() const;

 private:
  RewardRun(const OrganismSettings& settings, const World& world, RewardModel model);

  World world_;
  RewardModel model_;
};

/// Whoever says what texts are worth: a reward model, the truth.
using Judge = std::function<std::vector<double>(const std::vector<Tokens>& texts)>;
Judge judge_of(const RewardModel& model);  // the caller keeps the model

/// The loss of all pairs of so many held-out texts beside its floor, nats a pair.
Gap preference_gap(const Judge& judge, const World& world, size_t texts);

Examination examine_rewards(const Judge& judge, const World& world, size_t probes);

/// What is planted in it, for the datasheet: a list of {name, about, on, rate}.
Json about_rewards();

}  // namespace fairfight::tinytown
