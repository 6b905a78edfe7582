#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "fairfight/disciplines/repair/discipline.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// What the features of the corner's dictionary do on the examples: signed features (methods/signed_features.h), [2 width] float64 each.
/// "Harmful" are the tokens where it is decided that the answer will be harmful (deciding_rows). "Retained" are all tokens of the
/// ordinary text and of the harmless documents.
struct FeatureReport {
  at::Tensor harmful_frequency, retained_frequency;  // share of the tokens where it fires
  at::Tensor harmful_mean;                           // E f at the harmful tokens
  at::Tensor harmful_square, retained_square;        // E f²
  at::Tensor largest;                                // max f over all of them
  at::Tensor attribution;                            // fall of log p(a word that tells a harmful answer) if the feature is ablated
  at::Tensor output;                                 // what it adds to the logits of those words at E f, above the vocabulary's mean
  at::Tensor looks_harmful;                          // bool: most of its strongest examples stand in harmful prompts
  at::Tensor retained;                               // what it read of the retained text, [docs, pos, d_model]
};

/// The base of the challengers: they choose features, have them approved, and do something to them. At all of a card's sites (SiteUse::all) they choose as
/// many at each.
class FeatureRepair : public Contestant<Repair> {
 public:
  Role role() const override { return Role::challenger; }
  virtual SearchSpace own_space() const { return {}; }
  virtual std::unique_ptr<Patch> repair(Corner<Repair>& corner, const Settings& settings, const at::Tensor& features, const FeatureReport& report) const = 0;

  /// `selection` ranks the features:
  ///   frequency    fires at harmful tokens, most often first; one that fires in more than 1 % of the retained ones is left out
  ///                (Farrell et al. 2024, as in SAEBench)
  ///   importance   E_harmful f² / E_retained f² in its upper 5 %, then E_harmful f², the largest first (Muhamed et al. 2025)
  ///   attribution  integrated gradients of log p(a word that tells a harmful answer) (Marks et al. 2024)
  ///   output       what the decoder's row does to the logits of those words (Arad et al. 2025)
  /// `approval` "reviewer" shows the strongest examples of each chosen feature to one who strikes it out if they do not look
  /// harmful, and errs as often as the fight's data say; every judgement counts as a label.
  SearchSpace space() const final;
  std::unique_ptr<Patch> prepare(Corner<Repair>& corner, const Settings& settings) const final;

 private:
  std::unique_ptr<Patch> prepare_here(Corner<Repair>& corner, const Settings& settings) const;  // at one site
};

}  // namespace fairfight
