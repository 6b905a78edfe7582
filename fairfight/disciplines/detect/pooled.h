#pragma once
#include <ATen/core/Tensor.h>

#include "fairfight/disciplines/detect/tokenwise.h"

namespace fairfight {

/// The base of the detectors that score a document by the mean activation of its tokens, after one block or after all, side by side: as out-of-distribution detection reads a text as
/// a whole (Ren et al. 2023). They read where they like, and fit to the documents of the clean pool.
class PooledDetector : public Contestant<Detect> {
 public:
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  virtual SearchSpace fit_space() const { return {}; }                                       // its own hyperparameters
  virtual RowFit fit(const at::Tensor& documents, const Settings& settings) const = 0;  // [docs, width] float32

  SearchSpace space() const final { return fit_space().reading("direction", directions()).hyperparameter("blocks", {"0.25", "0.5", "0.75", "1", "all"}); }
  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const final;
};

}  // namespace fairfight
