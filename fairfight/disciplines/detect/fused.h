#pragma once
#include <memory>
#include <string>

#include "fairfight/disciplines/detect/tokenwise.h"

namespace fairfight {

/// Perplexity and one more detector, as somebody would join them who has both: the sum of their standard scores among clean documents, the other one's with a weight. With one that
/// uses a dictionary it is a fusion, which shows what the dictionary adds to perplexity; with one that does not it is a baseline.
class Fused final : public Contestant<Detect> {
 public:
  explicit Fused(std::unique_ptr<const Contestant<Detect>> other);

  std::string_view name() const override { return name_; }
  std::string_view title() const override { return title_; }
  std::string_view about() const override { return about_; }
  Role role() const override { return uses_dictionary(other_->role()) ? Role::fusion : Role::baseline; }
  SiteUse site_use() const override { return other_->site_use(); }
  SearchSpace space() const override;
  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const override;

  const Contestant<Detect>& other() const { return *other_; }
  static Settings without_weight(const Settings& settings);  // the other one's

 private:
  std::unique_ptr<const Contestant<Detect>> other_;
  std::string name_, title_, about_;
};

/// Mean and standard deviation of what a detector says of clean documents.
struct Standard {
  explicit Standard(const at::Tensor& clean);
  at::Tensor operator()(const at::Tensor& scores) const;
  double mean, deviation;
};

/// −log p a token, the mean over a document's valid tokens: [docs, pos] -> [docs] float64.
at::Tensor surprise(const Outputs& outputs, const at::Tensor& valid);

}  // namespace fairfight
