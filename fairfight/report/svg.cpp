#include "fairfight/report/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kInset = 3;  // per cent of the width on both sides, for half a mark or half a label
constexpr double kAxisHeight = 24;

/// 1, 2 or 5 times a power of ten, so that about five steps make the span.
double round_step(double span) {
  const double rough = span / 5, power = std::pow(10, std::floor(std::log10(rough)));
  const double lead = rough / power;
  return power * (lead < 1.5 ? 1 : lead < 3.5 ? 2
                               : lead < 7.5   ? 5
                                              : 10);
}

bool is_http(std::string_view text) {
  return text.size() >= 4 && std::equal(text.begin(), text.begin() + 4, "http",
                                        [](char a, char b) { return (a | 0x20) == b; });
}

std::string shape_at(Shape shape, double x, double y, double r) {
  if (shape == Shape::circle) return fmt::format(R"(<circle cx="{:.2f}%" cy="{:g}" r="{:g}"/>)", x, y, r);
  // A path knows no per cent: an inner drawing stands at the place and the path around its origin.
  std::string path;
  if (shape == Shape::square) path = fmt::format("M{0:g} {0:g}H{1:g}V{1:g}H{0:g}z", -r * .89, r * .89);
  if (shape == Shape::triangle) path = fmt::format("M0 {:g}L{:g} {:g}H{:g}z", -r * 1.2, r * 1.1, r * .8, -r * 1.1);
  if (shape == Shape::diamond) path = fmt::format("M0 {0:g}L{1:g} 0 0 {1:g} {0:g} 0z", -r * 1.3, r * 1.3);
  return fmt::format(R"(<svg x="{:.2f}%" y="{:g}" overflow="visible"><path d="{}"/></svg>)", x, y, path);
}

std::string draw(const Axis& axis, const Mark& mark) {
  std::string drawing = fmt::format(R"(<g class="mark {}">)", mark.style);
  for (const double single : mark.whispers)
    drawing += fmt::format(R"(<circle class="whisper" cx="{:.2f}%" cy="{:g}" r="{:g}"/>)", axis.at(single), mark.y,
                           mark.radius * .55);
  const auto& [value, low, high] = mark.estimate;
  if (mark.whiskers)
    drawing += fmt::format(R"(<line x1="{0:.2f}%" x2="{1:.2f}%" y1="{2:g}" y2="{2:g}" stroke-width="{3:g}"/>)",
                           axis.at(low), axis.at(high), mark.y, mark.radius * .45);
  return drawing + shape_at(mark.shape, axis.at(value), mark.y, mark.radius) + "</g>";
}

std::string vertical(std::string_view style, double x, double height) {
  return fmt::format(R"(<line class="{}" x1="{:.2f}%" x2="{:.2f}%" y1="0" y2="{:g}"/>)", style, x, x, height);
}

std::string strip(double height, std::string_view contents) {
  return fmt::format(R"(<svg class="strip" width="100%" height="{:g}" aria-hidden="true">{}</svg>)", height, contents);
}

std::string backdrop_html(const Axis& axis, const Backdrop& backdrop, double height) {
  std::string drawing;
  if (backdrop.edge != backdrop.origin) {
    const auto [low, high] = std::minmax({axis.at(backdrop.origin), axis.at(backdrop.edge)});
    drawing += fmt::format(R"(<rect class="band" x="{:.2f}%" width="{:.2f}%" y="0" height="{:g}"/>)", low, high - low, height);
  }
  for (const double tick : axis.ticks()) drawing += vertical("grid", axis.at(tick), height);
  if (backdrop.edge != backdrop.origin) drawing += vertical("edge", axis.at(backdrop.edge), height);
  return drawing + vertical("origin", axis.at(backdrop.origin), height);
}

std::string axis_strip(const Axis& axis, const Backdrop& backdrop) {
  std::string drawing = vertical("origin", axis.at(backdrop.origin), 6);
  for (const double tick : axis.ticks()) {
    drawing += vertical("grid", axis.at(tick), 6);
    drawing += fmt::format(R"(<text x="{:.2f}%" y="19" text-anchor="middle">{}</text>)", axis.at(tick), axis.label(tick));
  }
  return strip(kAxisHeight, drawing);
}

}  // namespace

std::string escape(std::string_view untrusted) {
  const std::string text = plain(untrusted);
  std::string safe;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      default:
        if (is_http(std::string_view(text).substr(i))) {
          safe += fmt::format("&#{};", int(text[i]));
        } else {
          safe += text[i];
        }
    }
  }
  return safe;
}

Axis::Axis(double low, double high) {
  const double smallest = 1e-6 * std::max({1.0, std::abs(low), std::abs(high)});  // else ticks fall into one number
  if (high - low < smallest) {
    low -= smallest;
    high += smallest;
  }
  const double step = round_step(high - low);
  const auto first = int64_t(std::floor(low / step + 1e-9)), last = int64_t(std::ceil(high / step - 1e-9));
  for (int64_t i = first; i <= last; ++i) ticks_.push_back(double(i) * step);
  digits_ = std::max(0, int(-std::floor(std::log10(step) + 1e-9)));
}

double Axis::at(double value) const {
  const double share = (value - ticks_.front()) / (ticks_.back() - ticks_.front());
  return kInset + (100 - 2 * kInset) * std::clamp(share, 0.0, 1.0);
}

std::string Axis::label(double tick) const { return fixed(tick, digits_); }

std::string plot(const Axis& axis, const Backdrop& backdrop, double row_height, const std::vector<PlotRow>& rows,
                 std::string_view low_end, std::string_view high_end) {
  const std::string behind = backdrop_html(axis, backdrop, row_height);

  std::string html = "<table class=\"plot\">\n";
  for (const auto& row : rows) {
    std::string drawing = behind;
    for (const auto& mark : row.marks) drawing += draw(axis, mark);
    html += fmt::format(R"(<tr><th scope="row">{}</th><td class="drawn">{}</td><td class="figure">{}</td></tr>)", row.label,
                        strip(row_height, drawing), row.value) +
            "\n";
  }
  return html + fmt::format("<tr class=\"axis\"><th></th><td class=\"drawn\">{}<div class=\"ends\"><span>{}</span>"
                            "<span>{}</span></div></td><td></td></tr>\n</table>\n",
                            axis_strip(axis, backdrop), low_end, high_end);
}

}  // namespace fairfight
