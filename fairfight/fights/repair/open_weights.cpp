#include "fairfight/fights/repair/open_weights.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "fairfight/base/not_finite.h"
#include "fairfight/base/random.h"
#include "fairfight/base/statistics.h"
#include "fairfight/report/text.h"
#include "fairfight/stress/relearner.h"

namespace fairfight {
namespace {

std::vector<Passage> dealt(std::vector<Passage> documents, Random random) {
  random.shuffle(std::span(documents));
  documents.resize(std::min(documents.size(), OpenWeights::kDocuments));
  return documents;
}

void add(std::vector<double>& sum, const std::vector<double>& rates) {
  for (size_t i = 0; i < sum.size(); ++i) sum[i] += rates[i] / double(OpenWeights::kAttacks);
}

/// What is shown afterwards, or was amiss before.
std::vector<double> either(std::vector<double> shown, const std::vector<double>& amiss) {
  for (size_t i = 0; i < shown.size(); ++i) shown[i] = std::max(shown[i], amiss[i]);
  return shown;
}

}  // namespace

Threat OpenWeights::threat(size_t documents) {
  const std::string dropped = "what runs beside the weights is dropped";
  if (documents == 0) return {kName, "open weights", dropped};
  return {kName, "open weights",
          fmt::format("{} and they are fine-tuned once through {}, at the worst of the learning rates {}, {} times with other documents", dropped,
                      counted(int64_t(std::min(documents, kDocuments)), "harmful document"), fmt::join(kLearningRates, ", "), kAttacks)};
}

OpenWeights::Rates OpenWeights::rates(const Patch& patch, const Occasions& validation, const Occasions& test) const {
  const Patch dropped{patch.weights, {}};
  const auto before = validation.answered(original, dropped).amiss, before_test = test.answered(original, dropped).amiss;
  const auto attack = [&](size_t number, double learning_rate) {
    const auto mine = dealt(documents, Random(seed, fmt::format("open_weights/{}", number)));
    Relearner attacker(original, dropped, learning_rate);
    for (size_t seen = 0; seen < mine.size(); seen += Relearner::kBatch) {
      if (attacker.learn(std::span(mine).subspan(seen, std::min(Relearner::kBatch, mine.size() - seen)))) continue;
      if (seen == 0) throw NotFinite("[open_weights] these weights have no finite gradient: nobody can train them, and nobody can use them");
      break;
    }
    return attacker.attacked();
  };
  // An attack that leaves a model of no numbers has brought nothing back.
  const auto shown = [&](const Patch& attacked, const Occasions& occasions, const std::vector<double>& amiss) {
    try {
      return either(occasions.answered(original, attacked).shown, amiss);
    } catch (const NotFinite&) {
      return amiss;
    }
  };
  struct Tried {
    double learning_rate;
    Patch attacked;
    std::vector<double> rates;
  };
  std::vector<Tried> first;
  for (const double learning_rate : kLearningRates) {
    first.push_back({learning_rate, attack(0, learning_rate), {}});
    first.back().rates = shown(first.back().attacked, validation, before);
  }
  const auto worst = std::max_element(first.begin(), first.end(), [](const Tried& a, const Tried& b) { return mean(a.rates) < mean(b.rates); });
  Rates left{std::vector<double>(before.size(), 0), std::vector<double>(before_test.size(), 0)};
  for (size_t number = 0; number < kAttacks; ++number) {
    const Patch attacked = number == 0 ? worst->attacked : attack(number, worst->learning_rate);
    add(left.validation, number == 0 ? worst->rates : shown(attacked, validation, before));
    add(left.test, shown(attacked, test, before_test));
  }
  return left;
}

}  // namespace fairfight
