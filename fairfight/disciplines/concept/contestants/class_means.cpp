#include "fairfight/disciplines/concept/discipline.h"
#include "fairfight/methods/directions.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class ClassMeans final : public Contestant<Concept> {
 public:
  std::string_view name() const override { return "class_means"; }
  std::string_view title() const override { return "difference of the class means"; }
  std::string_view about() const override { return "from the mean of documents without it to the mean of those with it"; }
  Role role() const override { return Role::baseline; }
  SearchSpace space() const override { return {}; }

  std::unique_ptr<Direction> prepare(Corner<Concept>& corner, const Settings&) const override {
    const auto means = [&](const Batch& documents) { return document_means(corner.model(), corner.site(), documents); };
    return std::make_unique<Direction>(Direction{corner.site(), difference_of_means(means(corner.offer().with), means(corner.offer().without))});
  }
};

}  // namespace

std::unique_ptr<const Contestant<Concept>> class_means() { return std::make_unique<ClassMeans>(); }

}  // namespace fairfight
