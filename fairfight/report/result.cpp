#include "fairfight/report/result.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Families = std::vector<Result::Family>;

/// Names are keys and stand in messages; titles are free.
void require_name(const std::string& name) {
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  if (name.empty() || name.size() > 64 || name.find_first_not_of(kLetters) != std::string::npos)
    fail("[result] the name \"{}\": expected 1 to 64 of a-z, 0-9 and _", plain(name));
}

template <class List, class Name>
void require_distinct(const List& items, Name name, std::string_view what) {
  for (auto item = items.begin(); item != items.end(); ++item)
    if (std::any_of(items.begin(), item, [&](const auto& other) { return name(other) == name(*item); }))
      fail("[result] {} {} stands twice", what, name(*item));
}

template <class List>
void require_seeds(const List& items, const std::vector<int64_t>& seeds, const std::string& what) {
  if (!std::equal(items.begin(), items.end(), seeds.begin(), seeds.end(),
                  [](const auto& item, int64_t seed) { return item.seed == seed; }))
    fail("[result] {}: expected one entry for each of the {} seeds, in their order", what, seeds.size());
}

void require_families(size_t got, const Families& families, const std::string& what) {
  if (got != families.size()) fail("[result] {}: got {} families, expected {}", what, got, families.size());
}

void require_pairs(const Result& result) {
  const auto of_role = [&](bool challenger) {
    return std::count_if(result.contestants.begin(), result.contestants.end(),
                         [&](const auto& contestant) { return contestant.challenger == challenger; });
  };
  for (const auto& difference : result.differences) {
    if (!result.contestant(difference.challenger).challenger || result.contestant(difference.baseline).challenger)
      fail("[result] differences: {} - {} is not a challenger minus a baseline", difference.challenger, difference.baseline);
    require_families(difference.score.families.size(), result.fight.families, "differences");
  }
  require_distinct(
      result.differences, [](const auto& pair) { return pair.challenger + " - " + pair.baseline; }, "the difference");
  const auto expected = of_role(true) * of_role(false);
  if (std::ssize(result.differences) != expected)
    fail("[result] differences: got {}, expected {}, every challenger with every baseline", result.differences.size(),
         expected);
}

}  // namespace

void Result::check() const {
  const auto name = [](const auto& item) { return item.name; };
  const auto& families = fight.families;
  if (seeds.empty() || families.empty() || contestants.empty())
    fail("[result] expected at least one seed, one family and one contestant");
  if (fight.metric.no_skill == fight.metric.perfect)
    fail("[result] fight.metric: no_skill and perfect are both {}", fight.metric.perfect);
  for (const auto& family : families) require_name(family.name);
  for (const auto& contestant : contestants) require_name(contestant.name);
  require_distinct(seeds, [](int64_t seed) { return seed; }, "the seed");
  require_distinct(families, name, "the family");
  require_distinct(contestants, name, "the contestant");
  require_seeds(models, seeds, "models");
  require_seeds(dictionary.trained, seeds, "dictionary.trained");
  for (const auto& contestant : contestants) {
    require_seeds(contestant.by_seed, seeds, contestant.name + ".by_seed");
    require_families(contestant.score.families.size(), families, contestant.name);
    for (const auto& run : contestant.by_seed) require_families(run.families.size(), families, contestant.name + ".by_seed");
  }
  require_pairs(*this);
  contestant(leader.name);  // fails where there is none
}

const Result::Contestant& Result::contestant(std::string_view name) const {
  const auto found = std::find_if(contestants.begin(), contestants.end(), [&](const auto& it) { return it.name == name; });
  if (found == contestants.end()) fail("[result] there is no contestant \"{}\"", plain(name));
  return *found;
}

const Result::Difference& Result::difference(std::string_view challenger, std::string_view baseline) const {
  const auto found = std::find_if(differences.begin(), differences.end(), [&](const auto& pair) {
    return pair.challenger == challenger && pair.baseline == baseline;
  });
  if (found == differences.end()) fail("[result] there is no difference {} - {}", plain(challenger), plain(baseline));
  return *found;
}

std::vector<const Result::Contestant*> Result::ranked() const {
  std::vector<const Contestant*> order;
  for (const auto& contestant : contestants) order.push_back(&contestant);
  const double sign = fight.metric.higher_is_better() ? 1 : -1;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto* a, auto* b) { return sign * a->score.mean.value > sign * b->score.mean.value; });
  return order;
}

}  // namespace fairfight
