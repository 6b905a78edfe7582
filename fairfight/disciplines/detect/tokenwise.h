#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "fairfight/disciplines/detect/discipline.h"
#include "fairfight/methods/covariance.h"

namespace fairfight {

/// One number a document from one a token: the mean, the maximum, the 95 % quantile or the last of its valid tokens.
/// The choice is a hyperparameter of every token-wise detector, so it is tuned alike.
const std::vector<Json>& aggregations();
at::Tensor aggregate(const at::Tensor& scores, const at::Tensor& valid, const std::string& how);  // [docs, pos] -> [docs]

/// A number has two sides, and nobody knows beforehand on which of them an anomaly stands: stories among encyclopedia articles are easier text. So what a
/// detector says of a document is read as it is ("high"), turned round ("low"), or as its distance from what is usual, the median of clean documents ("both"). Every
/// trial of every detector tries all three, and takes what is meant, "high", unless validation says otherwise by more than chance.
const std::vector<Json>& directions();
at::Tensor directed(const at::Tensor& scores, const std::string& direction, double usual);

/// A fitted score of activation rows, [n, width] float32 -> [n], higher is more anomalous. A fit that several trials share is computed once, and paid by each.
using RowFit = std::function<at::Tensor(const at::Tensor& rows)>;

/// The base of the detectors that score activation rows at the fight's site. A new one says how it fits, in a file of its own.
class RowDetector : public Contestant<Detect> {
 public:
  Role role() const override { return Role::baseline; }
  virtual SearchSpace fit_space() const { return {}; }                         // its own hyperparameters
  virtual RowFit fit(Corner<Detect>& corner, const Settings& settings) const = 0;      // to corner.pool(); may draw from corner.random

  SearchSpace space() const final { return fit_space().reading("direction", directions()).hyperparameter("aggregation", aggregations()); }
  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const final;

 protected:
  static const PrincipalAxes& pool_axes(Corner<Detect>& corner);  // all of them
};
/// The base of the detectors that look at what the model puts out, and at nothing inside it.
class OutputDetector : public Contestant<Detect> {
 public:
  Role role() const override { return Role::baseline; }
  SiteUse site_use() const override { return SiteUse::none; }
  virtual SearchSpace fit_space() const { return SearchSpace().hyperparameter("aggregation", aggregations()); }
  virtual Outputs look(const SharedModel& model, const Batch& batch) const { return model.outputs(batch); }
  /// -> [docs, pos], a number a token, of which the aggregation makes one a document; or [docs] by a rule of its own.
  virtual at::Tensor measure(const Outputs& outputs, const at::Tensor& valid, const Settings& settings) const = 0;

  SearchSpace space() const final { return fit_space().reading("direction", directions()); }
  at::Tensor score(const Outputs& outputs, const at::Tensor& valid, const Settings& settings) const;  // -> [docs], as it is
  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const final;
};

/// Rows with what a dictionary makes of them.
struct Encoded {
  at::Tensor x, reconstruction;  // [rows, d_model]
  Codes codes;
};

using CodeFit = std::function<at::Tensor(const Encoded& rows)>;  // -> [rows], higher is more anomalous

/// The base of the challengers: detectors that score rows by their codes in a dictionary. They share the encoding.
class CodeDetector : public Contestant<Detect> {
 public:
  Role role() const override { return Role::challenger; }
  virtual SearchSpace fit_space() const = 0;
  virtual CodeFit fit(Corner<Detect>& corner, const Settings& settings) const = 0;

  SearchSpace space() const final { return fit_space().reading("direction", directions()).hyperparameter("aggregation", aggregations()); }
  std::unique_ptr<Detector> prepare(Corner<Detect>& corner, const Settings& settings) const final;

 protected:
  static const Encoded& encoded_pool(Corner<Detect>& corner);  // the first rows of the pool, encoded
};

}  // namespace fairfight
