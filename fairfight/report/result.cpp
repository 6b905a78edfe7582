#include "fairfight/report/result.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/report/text.h"

namespace fairfight {

bool Result::Contestant::handed_in() const {
  return runs.empty() || std::any_of(runs.begin(), runs.end(), [](const Run& run) { return !run.nothing; });
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

const Section* Result::section(std::string_view id) const {
  const auto found = std::find_if(sections.begin(), sections.end(), [&](const auto& section) { return section.id == id; });
  return found == sections.end() ? nullptr : &*found;
}

const Result::Amortised& Result::primary() const {
  const auto found = std::find_if(ledger.amortisation.begin(), ledger.amortisation.end(),
                                  [](const auto& amortised) { return amortised.share == kPrimaryShare; });
  if (found == ledger.amortisation.end()) fail("[result] ledger.amortisation: there is none at {}", kPrimaryShare);
  return *found;
}

std::vector<const Result::Contestant*> Result::ranked() const {
  std::vector<const Contestant*> order;
  for (const auto& contestant : contestants) order.push_back(&contestant);
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) {
    const bool a_outside = a->role == Role::reference, b_outside = b->role == Role::reference;
    if (a_outside != b_outside) return b_outside;
    return a->score.mean.value > b->score.mean.value;
  });
  return order;
}

std::string_view name_of(Result::Label label) {
  switch (label) {
    case Result::Label::beats:
      return "BEATS";
    case Result::Label::competitive:
      return "COMPETITIVE";
    case Result::Label::inconclusive:
      return "INCONCLUSIVE";
    case Result::Label::loses:
      break;
  }
  return "LOSES";
}

std::string_view name_of(Result::Role role) {
  switch (role) {
    case Result::Role::challenger:
      return "challenger";
    case Result::Role::baseline:
      return "baseline";
    case Result::Role::fusion:
      return "fusion";
    case Result::Role::reference:
      break;
  }
  return "reference";
}

}  // namespace fairfight
