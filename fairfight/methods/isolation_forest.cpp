#include "fairfight/methods/isolation_forest.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Mean depth of an unsuccessful search in a binary tree of n rows, with H(i) ≈ ln i + γ as the paper has it.
double expected_path(double n) {
  if (n <= 1) return 0;
  return n <= 2 ? 1 : 2 * (std::log(n - 1) + std::numbers::egamma) - 2 * (n - 1) / n;
}

}  // namespace

IsolationForest::IsolationForest(const at::Tensor& rows, int64_t trees, int64_t subsample, Random random) {
  const auto x = rows.contiguous();
  const int64_t n = x.size(0), take = std::min(subsample, n);
  if (take < 2) fail("[isolation_forest] got {} rows a tree, expected at least 2", take);
  expected_ = expected_path(double(take));
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t(0));
  const auto depth = int64_t(std::ceil(std::log2(double(take))));
  for (int64_t t = 0; t < trees; ++t) {
    for (size_t i = 0; i < size_t(take); ++i) std::swap(order[i], order[i + random.below(size_t(n) - i)]);
    std::vector<int64_t> sample(order.begin(), order.begin() + take);
    trees_.emplace_back();
    grow(x, sample, depth, random);
  }
}

/// Breadth first, so that two children lie side by side.
void IsolationForest::grow(const at::Tensor& x, std::vector<int64_t>& rows, int64_t deepest, Random& random) {
  struct Open {
    size_t begin, end;
    int64_t depth;
  };
  auto& tree = trees_.back();
  const int64_t d = x.size(1);
  const float* data = x.data_ptr<float>();
  std::vector<Open> open{{0, rows.size(), 0}};
  std::vector<int32_t> features(static_cast<size_t>(d));
  std::iota(features.begin(), features.end(), 0);
  tree.push_back({});
  for (size_t at = 0; at < open.size(); ++at) {
    const auto [begin, end, depth] = open[at];
    tree[at] = {0, -1, 0, double(depth) + expected_path(double(end - begin))};
    if (depth >= deepest || end - begin < 2) continue;
    for (size_t tried = 0; tried < features.size(); ++tried) {  // a feature that is constant here cannot be cut
      std::swap(features[tried], features[tried + random.below(features.size() - tried)]);
      const int32_t f = features[tried];
      const auto value = [&](int64_t row) { return data[row * d + f]; };
      const auto [low, high] = std::minmax_element(rows.begin() + long(begin), rows.begin() + long(end),
                                                   [&](int64_t a, int64_t b) { return value(a) < value(b); });
      const float from = value(*low), to = value(*high);
      if (!(from < to)) continue;
      const float cut = std::min(float(from + random.uniform() * (to - from)), std::nextafter(to, from));
      const auto middle = std::partition(rows.begin() + long(begin), rows.begin() + long(end), [&](int64_t r) { return value(r) <= cut; });
      const auto split = size_t(middle - rows.begin());
      tree[at] = {cut, f, int32_t(tree.size()), 0};
      tree.resize(tree.size() + 2);
      open.push_back({begin, split, depth + 1});
      open.push_back({split, end, depth + 1});
      break;
    }
  }
}

at::Tensor IsolationForest::scores(const at::Tensor& rows) const {
  const auto x = rows.contiguous();
  const int64_t d = x.size(1);
  auto result = at::empty({x.size(0)}, at::kDouble);
  at::parallel_for(0, x.size(0), 256, [&](int64_t begin, int64_t end) {
    std::vector<double> paths(size_t(end - begin), 0.0);
    for (const auto& tree : trees_)  // a tree at a time: it stays in the cache
      for (int64_t r = begin; r < end; ++r) {
        const float* row = x.data_ptr<float>() + r * d;
        const Node* node = tree.data();
        while (node->feature >= 0) node = tree.data() + node->left + !(row[node->feature] <= node->cut);
        paths[size_t(r - begin)] += node->path;
      }
    for (int64_t r = begin; r < end; ++r)
      result.data_ptr<double>()[r] = std::exp2(-paths[size_t(r - begin)] / (double(trees_.size()) * expected_));
  });
  return result;
}

}  // namespace fairfight
