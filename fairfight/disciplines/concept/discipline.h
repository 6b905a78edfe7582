#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/arena/contestant.h"
#include "fairfight/model/batch.h"

namespace fairfight {

/// The discipline of those who are shown documents with and without something, and name a direction of activations along which the former lie further out.
struct Concept {
  using Artifact = at::Tensor;  // [d_model]
  struct Offer {
    Batch with, without;
  };
  struct Privilege {};

  static int64_t labels(const Offer& offer) { return offer.with.documents() + offer.without.documents(); }
  static int64_t labels(const Privilege&) { return 0; }
};

const Roster<Concept>& concept_finders();

/// Every document's mean activation at the corner's site, [docs, d_model]; booked.
at::Tensor document_means(const SharedModel& model, const Site& site, const Batch& documents);

}  // namespace fairfight
