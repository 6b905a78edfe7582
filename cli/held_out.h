#pragma once
#include "cli/text.h"
#include "fairfight/acts/rows.h"
#include "fairfight/base/progress.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/dict/settings.h"
#include "fairfight/model/config.h"
#include "fairfight/model/site.h"

namespace fairfight {

/// Text that no training sees, and what a dictionary is worth on it, beside PCA axes and neurons at the same L0.
class HeldOut {
 public:
  /// Error: there is no such text.
  HeldOut(const LoadedModel& model, const TextOptions& text);

  /// `rows` are those that the dictionary learned from: PCA axes and neurons do the same.
  void print(const Dictionary& dictionary, const DictionarySettings& settings, const Rows& rows, const Site& site, const Tick& tick) const;

  /// Of the model's passes that it takes.
  static double flops(const Config& config, const Site& site);

 private:
  const LoadedModel& model_;
  std::vector<Batch> text_;
};

/// How often a training visits a row.
double times_seen(const DictionarySettings& settings, int64_t rows);

}  // namespace fairfight
