#include "fairfight/disciplines/repair/roster.h"

namespace fairfight {
namespace {

class Retrained final : public Contestant<Repair> {
 public:
  std::string_view name() const override { return "retrained"; }
  std::string_view title() const override { return "retrained without it"; }
  std::string_view about() const override {
    return "a model trained from the start on text without the behaviour: what a perfect repair would be, outside the contest";
  }
  Role role() const override { return Role::reference; }
  SiteUse site_use() const override { return SiteUse::none; }
  SearchSpace space() const override { return {}; }
  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings&) const override {
    return std::make_unique<Patch>(Patch{std::make_shared<Transformer>(*corner.privilege().retrained), {}});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Repair>> retrained() { return std::make_unique<Retrained>(); }

}  // namespace fairfight
