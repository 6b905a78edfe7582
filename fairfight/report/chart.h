#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/report/svg.h"

namespace fairfight {

/// A drawing over a vertical scale that stretches with the page, with a label on its right for each of what it shows. Marks
/// stand at per cent of the width and keep their size; paths are drawn in a box 1000 units wide, stretched to fit.
struct Chart {
  struct Label {
    double y = 0;              // where it would like to stand, pixels below the top
    std::string style, title;  // HTML, as all texts here
    std::string value;
  };
  struct Tick {
    double place = 0;  // per cent of the width
    std::string label;
  };
  Axis axis;           // the vertical scale
  double height = 0;   // pixels
  std::string about;   // for those who do not see it
  std::string style;   // a class of its own, or none
  std::string behind;  // marks below the paths
  std::string paths, front;
  std::vector<Label> labels;
  std::vector<Tick> ticks;  // of the horizontal scale
  std::string below;        // what that scale is of

  Chart(const Axis& axis, size_t labels);  // high enough for so many
  double y(double value) const { return height * (1 - axis.at(value) / 100); }
  std::string html() const;
};

/// Places for labels that want to stand at the ascending `wanted`: at least `gap` apart, from `low` on, moved as little as
/// can be (least squares).
std::vector<double> spread(const std::vector<double>& wanted, double gap, double low, double high);

}  // namespace fairfight
