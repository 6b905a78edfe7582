#pragma once
#include <span>
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

/// With O organisms, S² the variance of their values and V the mean variance of their draws, the bounds are the wider of
///   between organisms: S/√O with O - 1 degrees of freedom, which speaks of further organisms of that kind,
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
Bounds bounds(const Sample& sample, double level);

/// A baseline in the eyes of a challenger.
struct Rival {
  std::string name;
  Bounds difference;     // challenger - baseline, positive where the challenger is better
  bool under_tuned = false;  // fewer trials than were registered, or below its reference: it might be stronger than it looked
};

/// The intersection-union test against every baseline, and its opposite against one:
///   beats        every lower bound > 0
///   competitive  every lower bound > -margin
///   loses        the champion's upper bound < -margin; the champion is the baseline that was best on validation
/// Against all at once needs no correction for their number: the claim is false if one part is, and that part alone is
/// believed wrongly with probability 1 - level at most. Losing to *any* of many baselines would need one: between equals it
/// happens by chance (of five: arena/calibrate.h counts it), and corrected for 25, a bound from three organisms says nothing
/// (t quantile 15.8). So the baselines, like the challengers, choose their champion without the test.
/// The label is the strongest that holds. An under-tuned baseline, any of them, turns BEATS and COMPETITIVE into INCONCLUSIVE, since
/// tuning might have saved it; LOSES stands, since a better baseline cannot help the challenger. An under-tuned challenger turns LOSES into
/// INCONCLUSIVE, and what it won all the same stands. `beats` and `competitive` stay what the bounds say, whoever was under-tuned.
/// `against` is who decides it: the champion if it loses, else the baseline with the lowest lower bound.
Result::Ruling rule(const std::string& challenger, bool under_tuned, std::span<const Rival> baselines, size_t champion, double margin);

}  // namespace fairfight
