#include "fairfight/base/statistics.h"
#include "fairfight/stress/stress.h"

namespace fairfight {
namespace {

/// The mean over those ways to ask that provoke the untouched model at all.
std::map<std::string, double> in_other_words(const Subject& subject, const Patch& patch) {
  const auto ways = subject.removed_in_other_words(patch);
  if (ways.empty()) return {};
  return {{"paraphrased", mean(ways)}};
}

}  // namespace

Stress paraphrase() { return {{{"paraphrased", "other words", "removed, asked in other words"}}, in_other_words}; }

}  // namespace fairfight
