#include "fairfight/arena/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>

#include "fairfight/arena/judge.h"
#include "fairfight/base/error.h"
#include "fairfight/base/random.h"
#include "fairfight/base/statistics.h"
#include "fairfight/base/stop.h"

namespace fairfight {
namespace {

constexpr double kBase[] = {0.70, 0.80};             // AUROC of a baseline, by family
constexpr double kCommon = 0.5, kContestants = 0.3;  // of an item's variance; the rest is an artifact's own
constexpr size_t kBaselines = 5;

double probit(double p) { return boost::math::quantile(boost::math::normal(), p); }
double normal_cdf(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

/// Of the effects on one artifact.
double effect_variance(const SimulatedWorld& world, bool challenger) {
  return world.organism * world.organism + world.interaction * world.interaction + (challenger ? world.seed * world.seed : 0);
}

double strength(const SimulatedWorld& world, bool challenger, double auroc) {
  return std::sqrt(2 + effect_variance(world, challenger)) * probit(auroc);
}

// ------------------------------------------------------------------ simulation

/// Scores of contestant 0, the challenger, with its dictionary seeds, and of the baselines.
std::vector<ScoreGrid> simulate(const CalibrationPlan& plan, const SimulatedWorld& world, size_t baselines, double effect, Random random) {
  const double own = std::sqrt(1 - kCommon - kContestants);
  const auto normals = [&](double deviation) {
    std::vector<double> x(plan.items);
    for (auto& v : x) v = deviation * random.normal();
    return x;
  };
  std::vector<ScoreGrid> grids(1 + baselines, ScoreGrid(plan.organisms));
  for (size_t o = 0; o < plan.organisms; ++o) {
    const double organism = world.organism * random.normal();
    std::vector<double> interaction;
    for (size_t c = 0; c < grids.size(); ++c) {
      grids[c][o].resize(c == 0 ? plan.dictionary_seeds : 1);
      interaction.push_back(organism + world.interaction * random.normal());
    }
    std::vector<double> seeds;
    for (size_t s = 0; s < plan.dictionary_seeds; ++s) seeds.push_back(world.seed * random.normal());
    for (size_t group = 0; group <= std::size(kBase); ++group) {
      const auto common = normals(std::sqrt(kCommon));
      for (size_t c = 0; c < grids.size(); ++c) {
        const auto contestants = normals(std::sqrt(kContestants));
        for (size_t s = 0; s < grids[c][o].size(); ++s) {
          auto scores = normals(own);
          const double shift =
              group == 0 ? 0 : strength(world, c == 0, kBase[group - 1] + (c == 0 ? effect : 0)) + interaction[c] + (c == 0 ? seeds[s] : 0);
          for (size_t i = 0; i < plan.items; ++i) scores[i] += common[i] + contestants[i] + shift;
          grids[c][o][s].emplace(group == 0 ? std::string(kClean) : fmt::format("family_{}", group), std::move(scores));
        }
      }
    }
  }
  return grids;
}

/// BEATS as the percentile bootstrap of organisms, seeds and items would have it.
bool beats_by_percentiles(const Sample& sample, double level, Random random) {
  std::vector<double> replicates(sample.draws[0].size());
  for (auto& replicate : replicates) {
    double sum = 0;
    for (size_t o = 0; o < sample.draws.size(); ++o) {
      const auto& draws = sample.draws[random.below(sample.draws.size())];
      sum += draws[random.below(draws.size())];
    }
    replicate = sum / double(sample.draws.size());
  }
  return percentile_interval(mean(sample.value), std::move(replicates), 2 * level - 1).low > 0;
}

/// What the judge said in one fight, and whether its interval of the first difference held the truth.
struct Said {
  Result::Ruling one, all;  // against the first baseline, against every one
  bool percentiles = false, covered = false;
  bool behind_any = false;  // some baseline, picked by the test itself, is ahead by more than the margin
};

Said hold_fight(const CalibrationPlan& plan, const SimulatedWorld& world, size_t baselines, double effect, const std::string& name) {
  const auto grids = simulate(plan, world, baselines, effect, Random(plan.seed, name + "/scores"));
  const ScoreBootstrap bootstrap(Metric::Form::auroc, grids, plan.resamples, Random(plan.seed, name + "/bootstrap").next());
  std::vector<Rival> rivals;
  for (size_t b = 1; b <= baselines; ++b)
    rivals.push_back({fmt::format("baseline_{}", b), bounds(bootstrap.difference(0, b), plan.level), false});
  const Bounds& first = rivals[0].difference;
  return {rule("challenger", false, std::span(rivals).first(1), 0, plan.margin), rule("challenger", false, rivals, 0, plan.margin),
          beats_by_percentiles(bootstrap.difference(0, 1), plan.level, Random(plan.seed, name + "/percentiles")),
          first.low <= effect && effect <= first.high,
          std::any_of(rivals.begin(), rivals.end(), [&](const Rival& r) { return r.difference.high < -plan.margin; })};
}

std::vector<Said> hold_fights(const CalibrationPlan& plan, const SimulatedWorld& world, size_t baselines, double effect, size_t fights) {
  std::vector<Said> said(fights);
#pragma omp parallel for schedule(dynamic)
  for (size_t i = 0; i < fights; ++i)
    said[i] = hold_fight(plan, world, baselines, effect, fmt::format("calibrate/{}/{}/{}", world.name, effect, i));
  return said;
}

/// How often DeLong's interval holds the AUROC of two normals.
double delong_coverage(const CalibrationPlan& plan, double truth) {
  const double shift = std::numbers::sqrt2 * probit(truth);
  size_t covered = 0;
#pragma omp parallel for schedule(dynamic) reduction(+ : covered)
  for (size_t i = 0; i < plan.fights; ++i) {
    Random random(plan.seed, fmt::format("calibrate/delong/{}/{}", truth, i));
    std::vector<double> clean(plan.items), anomalous(plan.items);
    for (auto& x : clean) x = random.normal();
    for (auto& x : anomalous) x = shift + random.normal();
    const Interval interval = normal_interval(delong(clean, anomalous), plan.level);
    covered += interval.low <= truth && truth <= interval.high;
  }
  return double(covered) / double(plan.fights);
}

// ------------------------------------------------------------------ theory

/// Cov(Φ(a + X), Φ(b + Y)) of centred normal X and Y: with two more independent standard normals it is the covariance of two
/// indicators, and d P(Z < h, Z' < k) / dρ is the bivariate density at (h, k).
double covariance_of_cdfs(double a, double b, double variance_x, double variance_y, double covariance) {
  const double h = a / std::sqrt(1 + variance_x), k = b / std::sqrt(1 + variance_y);
  const double rho = covariance / std::sqrt((1 + variance_x) * (1 + variance_y));
  const auto density = [&](double r) {
    return std::exp(-(h * h - 2 * h * k * r + k * k) / (2 * (1 - r * r))) / (2 * std::numbers::pi * std::sqrt(1 - r * r));
  };
  return rho == 0 ? 0 : boost::math::quadrature::gauss<double, 30>::integrate(density, 0.0, rho);
}

}  // namespace

Noise expected_noise(const CalibrationPlan& plan, const SimulatedWorld& world, double effect) {
  const size_t seeds = plan.dictionary_seeds, families = std::size(kBase);
  const double n = double(seeds);
  // The mean square of the shares when n - 1 of n seeds are drawn: items' own noise averages out less than over all n.
  const double squares = seeds == 1 ? 1 : (1 / (n - 1) + (1 - 1 / (n - 1)) / n);
  const double drawn_same = squares / n, drawn_other = seeds == 1 ? 0 : (1 - squares) / (n * (n - 1));
  const double shared = world.organism * world.organism;

  Noise noise;
  double seed_part = 0, scatter = 0;  // of the value; of the items among the seeds' values
  const auto artifacts = seeds + 1;   // the last one is the baseline
  for (size_t p = 0; p < artifacts; ++p)
    for (size_t q = 0; q < artifacts; ++q)
      for (size_t f = 0; f < families; ++f)
        for (size_t g = 0; g < families; ++g) {
          const bool p_challenges = p < seeds, q_challenges = q < seeds, same_contestant = p_challenges == q_challenges;
          const double sign = (same_contestant ? 1 : -1) / double(families * families);
          const double share = (p_challenges ? 1 / n : 1) * (q_challenges ? 1 / n : 1);
          const double drawn = p_challenges && q_challenges ? (p == q ? drawn_same : drawn_other) : share;
          const double mu = strength(world, p_challenges, kBase[f] + (p_challenges ? effect : 0));
          const double nu = strength(world, q_challenges, kBase[g] + (q_challenges ? effect : 0));

          const double vp = effect_variance(world, p_challenges), vq = effect_variance(world, q_challenges);
          const auto effects = [&](double covariance) {
            return covariance_of_cdfs(mu / std::numbers::sqrt2, nu / std::numbers::sqrt2, vp / 2, vq / 2, covariance / 2);
          };
          const double without_seed = shared + (same_contestant ? world.interaction * world.interaction : 0);
          const double with_seed = without_seed + (p == q && p_challenges ? world.seed * world.seed : 0);
          const double correlation = kCommon + (same_contestant ? kContestants : 0) + (p == q ? 1 - kCommon - kContestants : 0);
          // Placements of clean items serve every family, those of anomalies their own.
          const double items = (f == g ? 2 : 1) * covariance_of_cdfs(mu, nu, 1, 1, correlation) / double(plan.items);

          noise.total += sign * share * (effects(with_seed) + items);
          noise.items += sign * drawn * items;
          if (p_challenges && q_challenges) {
            if (p == q) seed_part += sign * share * (effects(with_seed) - effects(without_seed));
            scatter += sign * items * (p == q ? 1 / n : seeds == 1 ? 0
                                                                   : -1 / (n * (n - 1)));
          }
        }
  if (seeds > 1) noise.seeds = seed_part + scatter / n;
  return noise;
}

double theoretical_power(double effect, const Noise& noise, size_t organisms, size_t dictionary_seeds, double level) {
  using namespace boost::math;
  const double count = double(organisms), error = std::sqrt(noise.total / count);
  const double z = quantile(normal(), level);
  const double of_seeds = dictionary_seeds > 1 ? quantile(students_t(count * double(dictionary_seeds - 1)), level) : 0;
  const double least = std::sqrt((z * z * noise.items + of_seeds * of_seeds * noise.seeds) / count);
  if (organisms == 1) return normal_cdf((effect - least) / error);
  const double t = quantile(students_t(count - 1), level);
  constexpr int kSteps = 4000;  // of equal probability
  double power = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double ratio = quantile(chi_squared(count - 1), (i + 0.5) / kSteps) / (count - 1);  // S² / total
    power += normal_cdf((effect - std::max(least, t * error * std::sqrt(ratio))) / error) / kSteps;
  }
  return power;
}

double CalibrationPlan::slack(double rate) const { return 3 * std::sqrt(rate * (1 - rate) / double(fights)); }

bool JudgeCalibration::Line::passed() const {
  switch (demand) {
    case Demand::at_most:
      return measured <= expected + slack;
    case Demand::at_least:
      return measured >= expected - slack;
    case Demand::near:
      return std::abs(measured - expected) <= slack;
    case Demand::none:
      return true;
  }
  return true;
}

bool JudgeCalibration::passed() const {
  return std::all_of(lines.begin(), lines.end(), [](const Line& line) { return line.passed(); });
}

JudgeCalibration calibrate_judge(const CalibrationPlan& plan, const Tick& tick) {
  if (plan.fights < 100) fail("[calibrate] got {} fights, expected at least 100 to measure a rate of some per cent", plan.fights);
  if (plan.organisms == 0 || plan.dictionary_seeds == 0 || plan.items < 2)
    fail("[calibrate] got {} organisms, {} dictionary seeds and {} items, expected some of each", plan.organisms, plan.dictionary_seeds,
         plan.items);
  using Demand = JudgeCalibration::Demand;
  JudgeCalibration calibration;
  const auto add = [&](const std::string& world, std::string quantity, double rate, double expected, Demand demand, double slack) {
    calibration.lines.push_back(
        {world, std::move(quantity), rate, std::sqrt(rate * (1 - rate) / double(plan.fights)), expected, demand, slack});
  };
  const auto share = [&](const std::vector<Said>& said, auto holds) {
    return double(std::count_if(said.begin(), said.end(), holds)) / double(said.size());
  };
  const double wrong = 1 - plan.level, inside = 2 * plan.level - 1;
  const auto covered = [](const Said& s) { return s.covered; };
  const auto beats = [](const Said& s) { return s.one.label == Result::Label::beats; };
  const auto loses = [](const Result::Ruling& r) { return r.label == Result::Label::loses; };
  double done = 0;
  const double parts = double(plan.worlds.size() * (2 + plan.effects.size()));
  const auto step = [&](const std::string& world) {
    check_stop();
    tick(done++ / parts, world);
  };

  for (const auto& world : plan.worlds) {
    step(world.name);
    const auto equals = hold_fights(plan, world, kBaselines, 0, plan.fights);
    add(world.name, "equals: BEATS", share(equals, beats), wrong, Demand::at_most, plan.slack(wrong));
    add(world.name, fmt::format("equals: BEATS all {}", kBaselines),
        share(equals, [](const Said& s) { return s.all.label == Result::Label::beats; }), wrong, Demand::at_most, plan.slack(wrong));
    add(world.name, "equals: by percentiles", share(equals, [](const Said& s) { return s.percentiles; }), wrong, Demand::none, 0);
    add(world.name, fmt::format("equals: LOSES among {}", kBaselines), share(equals, [&](const Said& s) { return loses(s.all); }), wrong,
        Demand::at_most, plan.slack(wrong));
    add(world.name, fmt::format("equals: behind any of {}", kBaselines), share(equals, [](const Said& s) { return s.behind_any; }), wrong,
        Demand::none, 0);
    add(world.name, "equals: truth in interval", share(equals, covered), inside, Demand::at_least, plan.slack(inside));

    step(world.name);
    const auto worse = hold_fights(plan, world, kBaselines, -plan.margin, plan.fights);
    add(world.name, "worse by the margin: COMPETITIVE", share(worse, [](const Said& s) { return s.one.competitive; }), wrong,
        Demand::at_most, plan.slack(wrong));
    add(world.name, fmt::format("worse by the margin: LOSES among {}", kBaselines), share(worse, [&](const Said& s) { return loses(s.all); }),
        wrong, Demand::at_most, plan.slack(wrong));

    for (double effect : plan.effects) {
      step(world.name);
      const auto better = hold_fights(plan, world, 1, effect, 2 * plan.fights);
      const double power =
          theoretical_power(effect, expected_noise(plan, world, effect), plan.organisms, plan.dictionary_seeds, plan.level);
      add(world.name, fmt::format("better by {}: BEATS", effect), share(better, beats), power, Demand::near,
          std::max(0.05, plan.slack(power) / std::numbers::sqrt2));
      calibration.lines.back().error /= std::numbers::sqrt2;  // of twice as many fights
    }
  }
  // A normal interval of a share near 1 is known to be a little short; 2 points are granted beyond the binomial error.
  for (double truth : {0.6, 0.75, 0.9})
    add("one AUROC", fmt::format("DeLong's interval holds {}", truth), delong_coverage(plan, truth), plan.level, Demand::near,
        0.02 + plan.slack(plan.level));
  tick(1, "");
  return calibration;
}

}  // namespace fairfight
