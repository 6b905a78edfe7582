#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/report/result.h"

namespace fairfight {

/// Untrusted text for an element or a quoted attribute. The h of every "http" becomes a character reference: a reader sees
/// no difference, and a grep for http proves that a page loads nothing.
std::string escape(std::string_view untrusted);

/// A linear axis with round ticks that covers [low, high]. Positions are per cent of the drawing's width: a figure stretches
/// with the page while its marks and letters keep their size.
class Axis {
 public:
  Axis(double low, double high);

  double at(double value) const;
  const std::vector<double>& ticks() const { return ticks_; }
  std::string label(double tick) const;

 private:
  std::vector<double> ticks_;
  int digits_;
};

enum class Shape { circle,
                   square,
                   triangle,
                   diamond };

/// A point with its interval. `style` names its colour, a class of the page's style sheet.
struct Mark {
  Estimate estimate;
  Shape shape = Shape::circle;
  std::string style;
  double y = 0;  // pixels below the top of its row
  double radius = 4;
  bool whiskers = true;          // draw the interval
  std::vector<double> whispers;  // single observations, drawn faintly beside the mark
};

struct PlotRow {
  std::string label, value;  // HTML, already escaped
  std::vector<Mark> marks;
};

/// Behind the marks: a line at `origin`, and a band from there to `edge`, which is dashed. Equal: no band.
struct Backdrop {
  double origin = 0, edge = 0;
};

/// Rows of marks over one axis: a table whose middle column is drawn, so that a screen reader finds every number and a narrow
/// page can put the label above the drawing. `low_end` and `high_end` say what the axis's ends mean.
std::string plot(const Axis& axis, const Backdrop& backdrop, double row_height, const std::vector<PlotRow>& rows,
                 std::string_view low_end, std::string_view high_end);

}  // namespace fairfight
