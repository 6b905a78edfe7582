#pragma once
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/scores.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// What a fight measures: its names and words, its ends, and how the items of a group become a number. Defined once, by the discipline or the fight, and
/// turned once, where scores come in: everywhere after, higher is better.
struct Metric {
  enum class Form { auroc,
                    mean };  // a family's items against the clean ones, or their mean
  Result::Metric reported;
  Form form = Form::mean;
  bool turned = false;  // what is measured is the better the lower it is: scores are negated as they come in

  /// Of detectors: no skill is 0.5.
  static Metric auroc();
  /// Of a quantity of which less is better, from `no_skill` down to `perfect`.
  static Metric of_less(const std::string& name, const std::string& title, double no_skill, double perfect);

  double span() const { return reported.perfect - reported.no_skill; }
  double score(double measured) const { return turned ? -measured : measured; }
  ItemScores scores(ItemScores measured) const;

  /// A bound beyond the ends of what it can be says no more than the end does.
  Estimate inside(const Estimate& bounds) const;

  /// Items in place of `like` that come to no skill.
  ItemScores without_skill(ItemScores like) const;
};

/// How much else a trial may change to count: on validation, where choices are made. A fight has as many as it likes.
struct Constraint {
  std::string name, title;  // "delta_ce", "Δ cross-entropy"
  std::string about;        // as a noun: "the change of the cross-entropy of the retained text"
  std::string unit;         // "nats a token"; may be empty
  double limit = 0;
  bool at_most = true;  // else at least
  double broken = 0;    // stands for what could not be measured: beyond the limit
  Section::Form form = Section::Form::number;

  bool holds(double value) const { return at_most ? value <= limit : value >= limit; }
  double room(double value) const { return at_most ? limit - value : value - limit; }  // to the limit; negative beyond it
};

/// By the names of its fight's constraints, all of them.
using SideEffects = std::map<std::string, double>;

/// What was measured of them, and its standard errors over what it was measured on.
struct Effects {
  SideEffects values{}, errors{};
  bool finite() const;
};

constexpr double kToSpare = 1;  // standard errors, to each limit on validation

/// All hold, with as many standard errors to spare.
bool within(const std::vector<Constraint>& constraints, const Effects& effects, double to_spare);
Effects broken(const std::vector<Constraint>& constraints);  // what could not be measured

/// Of each constraint how many standard errors are left to its limit, negative beyond it; without an error infinitely many.
std::vector<double> slack(const std::vector<Constraint>& constraints, const Effects& effects);

}  // namespace fairfight
