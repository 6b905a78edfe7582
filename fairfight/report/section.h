#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/report/estimate.h"

namespace fairfight {

/// The shapes of a section, which are named as its own: Section::Table. They stand before it, or its body could not be made empty.
namespace shapes {

/// How a number is written: "0.842", "+0.0710", "99.12 %", "400,000", "0.01 %" (of small shares, "none" for 0), "1.20 T".
enum class Form { number,
                  change,
                  percent,
                  count,
                  share,
                  amount };

/// A row for each contestant that has one, ranked as everywhere; above them what is ideal, where a column tells it.
struct Table {
  struct Column {
    std::string name, title;  // "relearn_8", "after 8 examples"
    std::string about = {};   // a sentence that says what was done; empty where the title does
    Form form = Form::number;
    std::optional<double> worst = {}, best = {};  // the ends of its scale, which tint its cells: both or neither
    std::optional<double> ideal = {};             // what a perfect contestant shows, where that is reported
    bool operator==(const Column&) const = default;
  };
  struct Row {
    std::string contestant;
    std::vector<std::optional<Estimate>> cells;  // one a column; none where it does not apply
    bool operator==(const Row&) const = default;
  };
  std::vector<Column> columns;
  std::vector<Row> rows;
  bool beside_score = false;  // the contest's own metric is the first column
  bool operator==(const Table&) const = default;
};

/// A line for each contestant, or each side, over amounts of something, labelled at its end.
struct Curves {
  struct Line {
    std::string contestant;        // empty: a side's, with a title of its own
    std::vector<Estimate> values;  // one an amount, from the first on; fewer where it has no more
    std::string title = {};
    bool challengers = false;      // of a side's: whose
    bool operator==(const Line&) const = default;
  };
  struct Slope {
    std::string contestant;
    Estimate per_decade;  // gained with ten times the amount, over the amounts above 0
    bool operator==(const Slope&) const = default;
  };
  std::string x, y;          // what the amounts and the values are: "of its text", "removed"
  std::string amount;        // in a sentence: "Ten times as much of the behaviour"; of slopes alone
  Form form = Form::count;   // of the amounts
  bool logarithmic = false;  // the scale of the amounts; 0 stands one step before the least
  std::vector<double> at;    // ascending; counts are whole, shares within 0 and 1
  std::vector<Line> lines;
  std::vector<Slope> slopes = {};
  bool operator==(const Curves&) const = default;
};

/// Every trial of every contestant by what it gained and what that cost: on validation, where choices are made.
struct Scatter {
  struct Axis {
    std::string name, title;           // "delta_ce", "Δ cross-entropy": as inside a sentence
    std::string about = {};            // as a noun: "the change of the cross-entropy of retained text"; empty where the title does
    std::string unit = {};             // "nats a token"
    Form form = Form::number;
    std::optional<double> limit = {};  // what is allowed: at most so much, or at least
    bool at_most = true;
    bool operator==(const Axis&) const = default;
    bool holds(double value) const { return !limit || (at_most ? value <= *limit : value >= *limit); }
  };
  struct Point {
    int64_t seed = 0, dictionary_seed = -1;  // as a run's
    std::vector<double> values;              // one an axis
    bool allowed = false, chosen = false;
    Json tried = Json::object();  // its settings; free
    std::string note = {};        // of a trial that did not end as it should; empty otherwise
    bool operator==(const Point&) const = default;
  };
  struct Cloud {
    std::string contestant;
    std::vector<Point> points;  // every one that was made
    bool operator==(const Cloud&) const = default;
  };
  std::vector<Axis> axes;  // drawn upwards (the fight's metric, by name), to the right (a price: at most), and reported in numbers alone
  std::vector<Cloud> clouds;
  bool operator==(const Scatter&) const = default;
  bool within_limits(const Point& point) const;
};

/// Statements that hold or do not.
struct Checklist {
  struct Item {
    std::string name, text;  // "C0", what it asks for; on a ladder each has a name of its own
    bool holds = false;
    std::string evidence = {};  // what was found
    bool operator==(const Item&) const = default;
  };
  bool ladder = false;  // each item rests on those before it
  std::vector<Item> items;
  bool operator==(const Checklist&) const = default;
  /// Of a ladder: the last item before the first that does not hold; empty where there is none.
  std::string reached() const;
};

}  // namespace shapes

/// What a fight tells besides its verdict, in one of four shapes: all that result.json and the reports know of what a discipline found.
/// Texts are plain text and full sentences where they stand alone; a page adds what its shape always means (intervals, tints, which dots are hollow).
/// A section with nothing to show is left out.
struct Section {
  using Form = shapes::Form;
  using Table = shapes::Table;
  using Curves = shapes::Curves;
  using Scatter = shapes::Scatter;
  using Checklist = shapes::Checklist;

  std::string id, title;         // "robustness" (a-z, 0-9 and _), "Does it hold?": sections in a row with the same title share a part
  std::string heading, caption;  // of the figure: "After the repair", and what it shows; a checklist's caption is its finding
  std::variant<Table, Curves, Scatter, Checklist> body;
  bool operator==(const Section&) const = default;
};

/// A number as its form has it, and its interval: "0.816–0.848", "+0.0020 to +0.0040".
std::string form_text(Section::Form form, double value);
std::string form_interval(Section::Form form, const Estimate& estimate);

/// A number that somebody set, as short as it can be: "0.02", "99 %", "4,000"; and with it what an axis allows, "0.02 nats a token".
std::string amount_text(Section::Form form, double amount);
std::string limit_text(const Section::Scatter::Axis& axis);

/// What stands above a column of its values: "Δ cross-entropy (nats a token)". Not escaped.
std::string head_of(const Section::Scatter::Axis& axis);

}  // namespace fairfight
