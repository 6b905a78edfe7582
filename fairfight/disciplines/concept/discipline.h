#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/arena/contestant.h"
#include "fairfight/model/batch.h"

namespace fairfight {

/// A direction of activations at a site.
struct Direction {
  Site site;
  at::Tensor w;  // [width at the site]
};

/// The discipline of those who are shown documents with and without something, and name a direction along which the former lie further out.
struct Concept {
  using Artifact = Direction;
  struct Offer {
    Batch with, without;
  };
  struct Privilege {};

  static int64_t labels(const Offer& offer) { return offer.with.documents() + offer.without.documents(); }
  static int64_t labels(const Privilege&) { return 0; }
};

const Roster<Concept>& concept_finders();

/// Every document's mean activation at a site, [docs, width]; booked.
at::Tensor document_means(const SharedModel& model, const Site& site, const Batch& documents);

}  // namespace fairfight
