#include "fairfight/disciplines/repair/roster.h"

namespace fairfight {
namespace {

class Untouched final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "untouched"; }
  std::string_view title() const override { return "untouched"; }
  std::string_view about() const override { return "the model as it is: what a repair starts from, outside the contest"; }
  Role role() const override { return Role::reference; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return {}; }
  std::unique_ptr<Patch> prepare(Corner<Repair>&, const Settings&) const override { return std::make_unique<Patch>(); }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> untouched() { return std::make_unique<Untouched>(); }

}  // namespace fairfight
