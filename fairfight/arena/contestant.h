#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "fairfight/arena/corner.h"
#include "fairfight/arena/space.h"

namespace fairfight {

/// What a contestant handed in, without its type: the referee keeps it and knows no more.
using Made = std::shared_ptr<const void>;

/// What a method does on a card of several sites.
enum class SiteUse { none,   // it reads nowhere, or says itself where
                     one,    // it reads at Desk::site: which one of the card's that is, is a hyperparameter
                     all };  // besides, it can work at all of them at once: Desk::at_each_site

/// One method, as the referee sees it.
class Method {
 public:
  virtual ~Method() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view title() const = 0;
  virtual std::string_view about() const = 0;  // formula and source, in a line
  virtual Role role() const = 0;
  virtual SearchSpace space() const = 0;
  virtual SiteUse site_use() const { return SiteUse::one; }
  virtual Made make(Desk& desk, const Settings& settings) const = 0;  // `desk` is a corner of its discipline
};

/// One method of a discipline. Implementations stand in its folder's contestants/, one file each, without a header.
template <class D>
class Contestant : public Method {
 public:
  /// Fits to what the corner shows; `settings` are one draw from `space`.
  virtual std::unique_ptr<typename D::Artifact> prepare(Corner<D>& corner, const Settings& settings) const = 0;

  Made make(Desk& desk, const Settings& settings) const final {
    return std::shared_ptr<const typename D::Artifact>(prepare(static_cast<Corner<D>&>(desk), settings));
  }
};

inline constexpr const char *kSiteKey = "site", *kAllSites = "all";  // a hyperparameter that the referee adds, and one of its values
SearchSpace space_at(const Method& method, const std::vector<Site>& sites);

template <class D>
using Roster = std::vector<std::unique_ptr<const Contestant<D>>>;

template <class D>
std::vector<const Method*> methods_of(const Roster<D>& roster) {
  std::vector<const Method*> list;
  for (const auto& contestant : roster) list.push_back(contestant.get());
  return list;
}

/// A baseline on its parity check, a fixed task with a known answer: whoever falls short of it was badly built or under-tuned.
using Calibration = Result::Calibration;

}  // namespace fairfight
