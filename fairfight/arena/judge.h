#pragma once
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/bootstrap.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// Of Student's t with `df` degrees of freedom, one-sided.
double t_quantile(double level, size_t df);

/// A mean over organisms with two one-sided bounds, each of which is wrong with probability at most 1 - level.
struct Bounds {
  double value = 0, low = 0, high = 0;
  double standard_error = 0, quantile = 0;  // the bounds are value ± quantile · standard_error
  Estimate estimate() const { return {value, low, high}; }
};

/// What a mean over organisms speaks of: of these alone, which stand fixed, or of further ones of their kind, of which they are a sample.
enum class Scope { fixed,
                   sample };
constexpr size_t kEnoughOrganisms = 6;  // to be a sample

/// With O organisms, S² the variance of their values and V the mean variance of their draws, the bounds are the wider of
///   between organisms (where they are a sample): S/√O with O - 1 degrees of freedom, which speaks of further organisms of that kind. At three fifths of the error that is
///                      claimed: differences of portfolios are skewed (failures; the longer list's maximum), and a t test of eight at 5 % was wrong in 6 to 8 % of such fights,
///   within organisms:  √(V/O), as if they did not differ; the half width is √(z²·items + t²·seeds) over the two parts of that
///                      variance, with t of n - 1 degrees of freedom an organism for n dictionary seeds (Welch and
///                      Satterthwaite's approximation is too narrow where two seeds' scatter comes out small by chance).
/// Why: S² already contains the noise inside of organisms, so adding V would count it twice. The first alone is a t test,
/// right at its level whatever the organisms' variance (and on the safe side if their noise differs: Ibragimov & Müller
/// 2010); the second keeps a lucky agreement of three organisms from looking like precision. A maximum of the two can only
/// err less often than the first. What the price is: see arena/calibrate.h. A percentile bootstrap over 3 organisms is wrong
/// up to three times as often as it says.
/// With one organism only the second is left: it speaks of this organism alone, and of further dictionary seeds if the value
/// is a mean over several, else of this very dictionary. Where 3 seeds bring nearly all the noise it is wrong in 6 % at 5 %.
Bounds bounds(const Sample& sample, double level, Scope scope = Scope::sample);

/// How many organisms, as a sample, would settle a difference with four chances in five, were it and its scatter between organisms (or, if that is wider, within them) what they came
/// out as: the number from which 80 % of such samples lie on one side of -margin. Nothing of one organism, or where it takes more than kMostOrganisms. A guess from few organisms:
/// arena/calibrate.h counts how often it comes true.
std::optional<size_t> would_settle(const Sample& difference, double margin, double level);
constexpr size_t kMostOrganisms = 1000;

/// By how much a side might be better than it looked in each organism, had all of it been tuned well: arena/effort.h. Empty: not at all.
struct MightGain {
  std::vector<double> challengers{}, baselines{};
};

/// What a difference of the two portfolios, challengers minus baselines, comes to:
///   beats        lower bound > 0
///   competitive  lower bound > -margin
///   loses        upper bound < -margin
/// Each label is believed wrongly with probability 1 - level at most, however long either list is: a portfolio is chosen on validation, without the test. (Against each of many
/// baselines at once, one that is erratic and bad decides.) Under-tuned contestants count as if they had what tuning might have brought, in the organisms where it might: a label
/// that does not hold then becomes a weaker one or INCONCLUSIVE. `beats` and `competitive` stay what the bounds say.
Result::Ruling rule(const Sample& difference, double level, Scope scope, double margin, const MightGain& might);

}  // namespace fairfight
