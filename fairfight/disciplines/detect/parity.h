#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>

#include "fairfight/base/json.h"
#include "fairfight/disciplines/detect/discipline.h"

namespace fairfight {

/// The fixed task on which every baseline is held against its well-known implementation (reference/make_reference.py).
struct CalibrationTask {
  double fvu;      // what pca_equal_fvu is reported
  Json detectors;  // by name: settings, auroc, source and, for a method that is random, spread [lowest, highest] over seeds
  std::map<std::string, at::Tensor> tensors;  // rows fit, clean, anomalous [n, 12]; logits, tokens [docs, pos, vocab], [docs, pos],
                                              // the first half clean; "scores.NAME" of the reference implementations
};
const CalibrationTask& calibration_task();

/// A baseline's scores of the task's clean items, then of its anomalous ones, in float64. What is usual is reported by the rows "fit" or, of outputs, by the
/// clean documents. Error if the task lacks the baseline.
at::Tensor calibration_scores(const Contestant<Detect>& baseline, uint64_t seed, const std::string& direction = "high");

/// Whether a baseline is as good as its reference: its AUROC, the mean over five seeds if it is random, may fall behind by 1e-6
/// or, if random, to the worst seed of the reference. Nothing for a challenger and for a reference outside the contest.
std::optional<Calibration> calibrate_detector(const Contestant<Detect>& contestant);

}  // namespace fairfight
