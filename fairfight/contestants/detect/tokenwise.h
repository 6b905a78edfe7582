#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fairfight/arena/detector.h"

namespace fairfight {

/// One number a document from one a token: the mean, the maximum, the 95 % quantile or the last of its valid tokens.
/// The choice is a knob of every token-wise detector, so it is tuned alike.
const std::vector<Json>& aggregations();
at::Tensor aggregate(const at::Tensor& scores, const at::Tensor& valid, const std::string& how);  // [docs, pos] -> [docs]

/// A detector that scores each activation row at a site: rows [n, width] -> [n].
using RowScore = std::function<at::Tensor(const at::Tensor& rows)>;
std::unique_ptr<Detector> tokenwise(const Site& site, RowScore score, std::string aggregation);

}  // namespace fairfight
