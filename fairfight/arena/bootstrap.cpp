#include "fairfight/arena/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/random.h"
#include "fairfight/base/simd.h"
#include "fairfight/base/statistics.h"

namespace fairfight {
namespace {

constexpr size_t kLanes = 8;  // resamples that are computed together

/// How often each item of a group is drawn: [block of resamples][item][lane].
using Counts = std::vector<uint16_t>;

size_t blocks_of(size_t resamples) { return (resamples + kLanes - 1) / kLanes; }

Counts draw_items(size_t n, size_t resamples, Random random) {
  Counts counts(blocks_of(resamples) * n * kLanes, 0);
  for (size_t r = 0; r < resamples; ++r) {
    uint16_t* block = counts.data() + r / kLanes * n * kLanes + r % kLanes;
    for (size_t i = 0; i < n; ++i) ++block[random.below(n) * kLanes];
  }
  return counts;
}

/// [resample, seed]: the share of each seed in the mean.
std::vector<double> draw_seeds(size_t n, size_t resamples, Random random) {
  std::vector<double> shares(resamples * n, n == 1 ? 1 : 0);
  for (size_t r = 0; n > 1 && r < resamples; ++r)
    for (size_t i = 0; i + 1 < n; ++i) shares[r * n + random.below(n)] += 1 / double(n - 1);
  return shares;
}

/// The scores of one artifact as ranks. A table over the clean scores, sorted and distinct, has 2 rows a score, "above all
/// lower ones" and "tied with it", and one more above all; an anomaly knows its row.
struct Ranked {
  std::vector<uint32_t> order, value;      // clean items, ascending; which distinct score each is
  std::vector<std::vector<uint32_t>> row;  // [family][item]; empty for those that are held against other clean items
  size_t rows = 0;
};

Ranked rank(const ItemScores& scores, const std::string& clean_group, const std::vector<std::string>& families) {
  const auto& clean = scores.find(clean_group)->second;
  Ranked ranks;
  ranks.order.resize(clean.size());
  for (uint32_t i = 0; i < clean.size(); ++i) ranks.order[i] = i;
  std::stable_sort(ranks.order.begin(), ranks.order.end(), [&](uint32_t a, uint32_t b) { return clean[a] < clean[b]; });
  std::vector<double> distinct;
  for (uint32_t i : ranks.order) {
    if (distinct.empty() || clean[i] != distinct.back()) distinct.push_back(clean[i]);
    ranks.value.push_back(uint32_t(distinct.size() - 1));
  }
  ranks.rows = 2 * distinct.size() + 1;
  for (const auto& family : families) {
    auto& rows = ranks.row.emplace_back();
    if (clean_for(scores, family) != clean_group) continue;
    for (double s : scores.find(family)->second) {
      const auto at = std::lower_bound(distinct.begin(), distinct.end(), s);
      rows.push_back(uint32_t(2 * (at - distinct.begin()) + (at != distinct.end() && *at == s)));
    }
  }
  return ranks;
}

/// table[row] = twice the drawn clean items below, ties once; whole numbers, so every order of summing gives the same.
FAIRFIGHT_SIMD void tabulate(const Ranked& ranks, const double* clean, double* table) {
  double below[kLanes] = {}, upto[kLanes] = {};
  for (size_t i = 0; i < ranks.order.size(); ++i) {
    const double* drawn = clean + ranks.order[i] * kLanes;
#pragma omp simd
    for (size_t l = 0; l < kLanes; ++l) upto[l] += drawn[l];
    if (i + 1 < ranks.order.size() && ranks.value[i + 1] == ranks.value[i]) continue;
    double* row = table + 2 * ranks.value[i] * kLanes;
#pragma omp simd
    for (size_t l = 0; l < kLanes; ++l) {
      row[l] = 2 * below[l];
      row[kLanes + l] = below[l] + upto[l];
      row[2 * kLanes + l] = 2 * upto[l];
      below[l] = upto[l];
    }
  }
}

FAIRFIGHT_SIMD void count_pairs(const uint32_t* rows, size_t n, const double* drawn, const double* table, double* pairs) {
  double sum[kLanes] = {};
  for (size_t i = 0; i < n; ++i) {
    const double *count = drawn + i * kLanes, *row = table + rows[i] * kLanes;
#pragma omp simd
    for (size_t l = 0; l < kLanes; ++l) sum[l] += count[l] * row[l];
  }
  std::copy(sum, sum + kLanes, pairs);
}

FAIRFIGHT_SIMD void mean_of_drawn(const std::vector<double>& items, const double* drawn, double* means) {
  double sum[kLanes] = {};
  for (size_t i = 0; i < items.size(); ++i) {
#pragma omp simd
    for (size_t l = 0; l < kLanes; ++l) sum[l] += drawn[i * kLanes + l] * items[i];
  }
  for (size_t l = 0; l < kLanes; ++l) means[l] = sum[l] / double(items.size());
}

void require_alike(std::span<const ScoreGrid> contestants, const std::vector<std::string>& groups, size_t seeds) {
  for (const auto& grid : contestants) {
    if (grid.size() != contestants[0].size()) fail("[bootstrap] got {} organisms, expected {}", grid.size(), contestants[0].size());
    for (size_t o = 0; o < grid.size(); ++o) {
      if (grid[o].size() != grid[0].size() || (grid[o].size() != 1 && grid[o].size() != seeds))
        fail("[bootstrap] got {} dictionary seeds in organism {}, expected 1 or {}", grid[o].size(), o, seeds);
      for (const auto& scores : grid[o]) {
        const auto& first = contestants[0][o][0];
        if (!std::equal(scores.begin(), scores.end(), first.begin(), first.end(),
                        [](const auto& a, const auto& b) { return a.first == b.first && a.second.size() == b.second.size(); }))
          fail("[bootstrap] organism {}: the contestants were scored on different items", o);
        if (scores.size() != groups.size()) fail("[bootstrap] organism {}: got {} groups, expected {}", o, scores.size(), groups.size());
        for (const auto& [group, items] : scores) {
          if (items.empty()) fail("[bootstrap] organism {}: the group {} is empty", o, group);
          if (items.size() > UINT16_MAX)
            fail("[bootstrap] the group {} has {} items, expected at most {}", group, items.size(), UINT16_MAX);
          if (std::any_of(items.begin(), items.end(), [](double s) { return std::isnan(s); }))
            fail("[bootstrap] organism {}: a score of {} is not a number", o, group);
        }
        for (const auto& group : groups)
          if (!scores.contains(group)) fail("[bootstrap] organism {}: the group {} is missing", o, group);
      }
    }
  }
}

/// The draws of one organism.
struct Draws {
  std::vector<Counts> items;  // a group each: clean ones, if there are, then the families
  std::vector<size_t> sizes;
  std::vector<double> seeds;  // [resample, seed]
};

Draws draw(const ItemScores& scores, const std::vector<std::string>& groups, size_t seeds, size_t resamples, uint64_t master,
           size_t organism) {
  const auto stream = [&](std::string_view name) { return Random(master, fmt::format("bootstrap/{}/{}", organism, name)); };
  Draws draws;
  for (const auto& group : groups) draws.sizes.push_back(scores.find(group)->second.size());
  draws.items.resize(draws.sizes.size());
#pragma omp parallel for schedule(dynamic)
  for (size_t g = 0; g < draws.sizes.size(); ++g)
    draws.items[g] = draw_items(draws.sizes[g], resamples, stream(groups[g]));
  draws.seeds = draw_seeds(seeds, resamples, stream("/dictionary seeds"));
  return draws;
}

/// Of each contestant's seeds in which resamples a limit is broken: [contestant][dictionary seed][resample]. A run's stream follows from what is left to it, so that nobody's draws hang on
/// who else there is.
std::vector<std::vector<std::vector<bool>>> draw_broken(const Limits& limits, size_t organism, size_t resamples, uint64_t master) {
  std::map<const void*, std::vector<bool>> by_run;
  std::map<uint64_t, size_t> alike;  // runs to which exactly as much is left are still two
  std::vector<std::vector<std::vector<bool>>> broken;
  for (const auto& contestant : limits.of) {
    auto& seeds = broken.emplace_back();
    for (const auto& [slack, run] : contestant.at(organism)) {
      if (slack.empty()) {
        seeds.emplace_back();
        continue;
      }
      auto& of_run = by_run[run];
      if (of_run.empty()) {
        const uint64_t left = hash64(slack.data(), slack.size() * sizeof(double));
        Random random(master, fmt::format("bootstrap/{}/limits/{:016x}/{}", organism, left, alike[left]++));
        for (size_t r = 0; r < resamples; ++r) {
          bool any = false;
          for (const double left : slack) any |= left + random.normal() < 0;
          of_run.push_back(any);
        }
      }
      seeds.push_back(of_run);
    }
  }
  return broken;
}

bool breaks(const Limits& limits, size_t contestant, size_t organism, size_t seed) {
  if (limits.of.empty()) return false;
  const auto& slack = limits.of.at(contestant).at(organism).at(seed).slack;
  return std::any_of(slack.begin(), slack.end(), [](double left) { return left < 0; });
}

/// The counts of one block as numbers to compute with: [group][item, lane].
std::vector<std::vector<double>> unpack(const Draws& draws, size_t block) {
  std::vector<std::vector<double>> drawn;
  for (size_t g = 0; g < draws.sizes.size(); ++g) {
    const size_t n = draws.sizes[g] * kLanes;
    const auto from = draws.items[g].begin() + std::ptrdiff_t(block * n);
    drawn.emplace_back(from, from + std::ptrdiff_t(n));
  }
  return drawn;
}

}  // namespace

Sample weighted_sum(std::span<const double> weights, std::span<const Sample> samples) {
  if (weights.size() != samples.size() || samples.empty()) fail("[bootstrap] got {} weights and {} samples, expected one each", weights.size(), samples.size());
  const size_t organisms = samples[0].value.size();
  Sample sum{std::vector<double>(organisms, 0), {}, std::vector<double>(organisms, 0), 1};
  for (size_t o = 0; o < organisms; ++o) sum.draws.emplace_back(samples[0].draws.at(o).size(), 0.0);
  for (size_t i = 0; i < samples.size(); ++i) {
    sum.dictionary_seeds = std::max(sum.dictionary_seeds, samples[i].dictionary_seeds);
    for (size_t o = 0; o < organisms; ++o) {
      sum.value[o] += weights[i] * samples[i].value.at(o);
      // At most this: the summands' noise may be common to them.
      sum.seed_variance[o] += weights[i] * samples[i].seed_variance.at(o);
      for (size_t r = 0; r < sum.draws[o].size(); ++r) sum.draws[o][r] += weights[i] * samples[i].draws[o].at(r);
    }
  }
  return sum;
}

ScoreBootstrap::ScoreBootstrap(Metric::Form form, std::span<const ScoreGrid> contestants, size_t resamples, uint64_t master, const Limits& limits)
    : resamples_(resamples), against_clean_(form == Metric::Form::auroc) {
  if (contestants.empty() || contestants[0].empty() || contestants[0][0].empty()) fail("[bootstrap] got no scores, expected some");
  if (resamples < 2) fail("[bootstrap] got {} resamples, expected at least 2", resamples);
  organisms_ = contestants[0].size();
  if (contestants[0][0][0].contains(std::string(kClean)) != against_clean_)
    fail("[bootstrap] {}", against_clean_ ? "got no clean items, expected some: an AUROC is against them" : "got clean items, expected none: a mean is of families alone");
  std::vector<std::string> groups;  // clean ones first
  for (const auto& [group, items] : contestants[0][0][0]) (is_clean(group) ? groups : families_).push_back(group);
  if (families_.empty()) fail("[bootstrap] got no family of items");
  const size_t cleans = groups.size();
  std::vector<size_t> clean_of;  // [family]: the place of its clean group
  for (const auto& family : families_)
    if (against_clean_) clean_of.push_back(size_t(std::find(groups.begin(), groups.end(), clean_for(contestants[0][0][0], family)) - groups.begin()));
  groups.insert(groups.end(), families_.begin(), families_.end());
  size_t seeds = 1;
  for (const auto& grid : contestants)
    if (!grid.empty()) seeds = std::max(seeds, grid[0].size());
  require_alike(contestants, groups, seeds);

  const size_t width = families_.size();
  values_.resize(contestants.size());
  draws_.resize(contestants.size());
  for (size_t o = 0; o < organisms_; ++o) {
    std::vector<std::vector<std::vector<Ranked>>> ranks(contestants.size());  // [contestant][dictionary seed][clean group]
    for (size_t c = 0; c < contestants.size(); ++c) {
      for (const auto& scores : contestants[c][o]) {
        auto& of_run = ranks[c].emplace_back();
        for (size_t g = 0; g < cleans; ++g) of_run.push_back(rank(scores, groups[g], families_));
      }
      auto& rows = values_[c].emplace_back();
      for (const auto& scores : contestants[c][o]) {
        auto& row = rows.emplace_back();
        for (const auto& family : families_) {
          const auto& items = scores.find(family)->second;
          row.push_back(against_clean_ ? auroc(scores.find(clean_for(scores, family))->second, items) : mean(items));
        }
        if (breaks(limits, c, o, rows.size() - 1)) std::fill(row.begin(), row.end(), limits.no_skill);
      }
      draws_[c].emplace_back(resamples * width, 0.0);
    }
    const Draws draws = draw(contestants[0][o][0], groups, seeds, resamples, master, o);
    const auto broken = draw_broken(limits, o, resamples, master);

#pragma omp parallel for schedule(dynamic)
    for (size_t block = 0; block < blocks_of(resamples); ++block) {
      const auto drawn = unpack(draws, block);
      const size_t first = block * kLanes, lanes = std::min(kLanes, resamples - first);
      std::vector<std::vector<double>> tables(cleans);
      for (size_t c = 0; c < contestants.size(); ++c) {
        const auto& runs = contestants[c][o];
        double* out = draws_[c][o].data() + first * width;
        for (size_t s = 0; s < runs.size(); ++s) {
          for (size_t g = 0; g < cleans; ++g) {
            tables[g].resize(ranks[c][s][g].rows * kLanes);
            tabulate(ranks[c][s][g], drawn[g].data(), tables[g].data());
          }
          for (size_t f = 0; f < width; ++f) {
            double drawn_value[kLanes];
            if (against_clean_) {
              const size_t g = clean_of[f], n = draws.sizes[cleans + f];
              count_pairs(ranks[c][s][g].row[f].data(), n, drawn[cleans + f].data(), tables[g].data(), drawn_value);
              for (double& value : drawn_value) value /= 2 * double(draws.sizes[g]) * double(n);
            } else {
              mean_of_drawn(runs[s].find(families_[f])->second, drawn[f].data(), drawn_value);
            }
            for (size_t l = 0; l < lanes; ++l) {
              const double share = runs.size() == 1 ? 1 : draws.seeds[(first + l) * seeds + s];
              const bool breaks = !broken.empty() && !broken[c][s].empty() && broken[c][s][first + l];
              out[l * width + f] += share * (breaks ? limits.no_skill : drawn_value[l]);
            }
          }
        }
      }
    }
  }
}

const std::vector<double>& ScoreBootstrap::value(size_t contestant, size_t organism, size_t dictionary_seed) const {
  return values_.at(contestant).at(organism).at(dictionary_seed);
}

double ScoreBootstrap::pick(const double* row, size_t family) const {
  return family == kMean ? mean(std::span(row, families_.size())) : row[family];
}

std::vector<double> ScoreBootstrap::by_seed(size_t contestant, size_t organism, size_t family) const {
  std::vector<double> values;
  for (const auto& row : values_.at(contestant)[organism]) values.push_back(pick(row.data(), family));
  return values;
}

Sample ScoreBootstrap::score(size_t contestant, size_t family) const { return sample(contestant, nullptr, family); }
Sample ScoreBootstrap::difference(size_t a, size_t b, size_t family) const { return sample(a, &b, family); }

Sample ScoreBootstrap::sample(size_t a, const size_t* b, size_t family) const {
  if (family != kMean && family >= families_.size()) fail("[bootstrap] got family {}, expected one of {}", family, families_.size());
  Sample sample;
  for (size_t o = 0; o < organisms_; ++o) {
    auto values = by_seed(a, o, family);
    if (b) {
      const auto others = by_seed(*b, o, family);
      values.resize(std::max(values.size(), others.size()), values[0]);
      for (size_t s = 0; s < values.size(); ++s) values[s] -= others[others.size() == 1 ? 0 : s];
    }
    sample.dictionary_seeds = values.size();
    sample.value.push_back(mean(values));
    sample.seed_variance.push_back(variance(values) / double(values.size()));
    auto& draws = sample.draws.emplace_back();
    draws.reserve(resamples_);
    const size_t width = families_.size();
    for (size_t r = 0; r < resamples_; ++r) {
      const double of_a = pick(draws_.at(a)[o].data() + r * width, family);
      draws.push_back(b ? of_a - pick(draws_.at(*b)[o].data() + r * width, family) : of_a);
    }
  }
  return sample;
}

}  // namespace fairfight
