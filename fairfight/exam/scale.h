#pragma once

namespace fairfight {

/// u of a rate p: 0 where it is the untouched model's, 1 where it is that of a model without the behaviour (FIGHTS.md 1.6). Below 0 there is more of it
/// than before, above 1 less than in that model.
struct Scale {
  double untouched = 0, removed = 0;  // the two rates
  double u(double p) const { return u(untouched, p); }
  double u(double before, double after) const { return (before - after) / (untouched - removed); }  // of one prompt: their mean is that of the mean rate
};

}  // namespace fairfight
