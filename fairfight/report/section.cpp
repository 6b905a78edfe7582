#include "fairfight/report/section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/text.h"

namespace fairfight {

bool shapes::Scatter::within_limits(const Point& point) const {
  for (size_t i = 0; i < axes.size(); ++i)
    if (!axes[i].holds(point.values[i])) return false;
  return true;
}

std::string shapes::Checklist::reached() const {
  std::string last;
  for (const auto& item : items) {
    if (!ladder || !item.holds) break;
    last = item.name;
  }
  return last;
}

std::string form_text(Section::Form form, double value) {
  switch (form) {
    case Section::Form::number:
      return fixed(value, 3);
    case Section::Form::change:
      return signed_fixed(value, 4);
    case Section::Form::percent:
      return percent(value, 2);
    case Section::Form::count:
      return thousands(std::llround(value));
    case Section::Form::amount:
      return si(value);
    case Section::Form::share:
      break;
  }
  return share_text(value);
}

std::string form_interval(Section::Form form, const Estimate& estimate) {
  if (form == Section::Form::number) return between(estimate.low, estimate.high);
  return form_text(form, estimate.low) + " to " + form_text(form, estimate.high);
}

std::string amount_text(Section::Form form, double amount) {
  if (form == Section::Form::count) return thousands(std::llround(amount));
  if (form == Section::Form::amount) return si(amount);
  if (form == Section::Form::percent || form == Section::Form::share) return share_text(amount);
  return fmt::format("{:.3g}", amount);
}

std::string limit_text(const Section::Scatter::Axis& axis) {
  const std::string limit = amount_text(axis.form, axis.limit.value_or(0));
  return axis.unit.empty() ? limit : limit + " " + axis.unit;
}

std::string head_of(const Section::Scatter::Axis& axis) { return axis.unit.empty() ? axis.title : axis.title + " (" + axis.unit + ")"; }

}  // namespace fairfight
