#include "fairfight/disciplines/concept/discipline.h"
#include "fairfight/model/torch.h"

namespace fairfight {

std::unique_ptr<const Contestant<Concept>> best_feature(), class_means();

const Roster<Concept>& concept_finders() {
  static const Roster<Concept> list = [] {
    Roster<Concept> roster;
    for (auto make : {best_feature, class_means}) roster.push_back(make());
    return roster;
  }();
  return list;
}

at::Tensor document_means(const SharedModel& model, const Site& site, const Batch& documents) {
  const auto x = model.activations(documents, site), valid = documents.valid.unsqueeze(2).to(x.scalar_type());
  return (x * valid).sum(1) / valid.sum(1);
}

}  // namespace fairfight
