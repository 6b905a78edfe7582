#include <algorithm>

#include "fairfight/report/json_parts.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

using Form = Section::Form;
using Table = Section::Table;
using Curves = Section::Curves;
using Scatter = Section::Scatter;
using Checklist = Section::Checklist;

constexpr double kLargestAmount = 1e15;  // a double counts without gaps up to there
const std::vector<std::string> kForms = {"number", "change", "percent", "count", "share", "amount"};  // in the order of Section::Form
const std::vector<std::string> kShapes = {"table", "curves", "scatter", "checklist"};       // in the order of Section::body

Form read_form(Fields& fields) {
  const std::string name = fields.one_of("form", kForms);
  return Form(std::find(kForms.begin(), kForms.end(), name) - kForms.begin());
}

Json written_form(Form form) { return kForms[size_t(form)]; }

std::optional<double> read_optional(Fields& fields, const std::string& key) {
  return fields.has(key) ? std::optional(read_score_number(fields, key)) : std::nullopt;
}

/// Each value by itself in a field of its own, for the same checks and words.
template <class Read>
auto read_values(Fields& fields, const std::string& key, Read read) {
  const Json& items = fields.any(key);
  if (!items.is_array()) fail("[{}] \"{}\": expected a list of numbers", fields.where(), key);
  std::vector<decltype(read(fields, key))> values;
  for (const auto& value : items) {
    const Json boxed = {{key, value}};
    Fields item(boxed, fields.where());
    values.push_back(read(item, key));
  }
  return values;
}

// Tables.

Table::Column read_column(Fields& fields) {
  return {fields.text("name"), fields.text("title"), fields.text_or("about", ""), read_form(fields),
          read_optional(fields, "worst"), read_optional(fields, "best"), read_optional(fields, "ideal")};
}

Table read_table(Fields& fields) {
  Table table;
  table.beside_score = fields.flag("beside_score");
  table.columns = read_list(fields, "columns", read_column);
  table.rows = read_list(fields, "rows", [&](Fields& row) {
    const auto read_cells = [&](Fields& cells) {
      std::vector<std::optional<Estimate>> values;
      for (const auto& column : table.columns)
        values.push_back(cells.has(column.name) ? std::optional(read_told(cells, column.name)) : std::nullopt);
      return values;
    };
    return Table::Row{row.text("contestant"), read_object(row, "cells", read_cells)};
  });
  return table;
}

Json written_column(const Table::Column& column) {
  Json json = {{"name", column.name}, {"title", column.title}};
  if (!column.about.empty()) json["about"] = column.about;
  json["form"] = written_form(column.form);
  if (column.worst) json["worst"] = *column.worst;
  if (column.best) json["best"] = *column.best;
  if (column.ideal) json["ideal"] = *column.ideal;
  return json;
}

void write_body(Json& json, const Table& table) {
  json["beside_score"] = table.beside_score;
  json["columns"] = written_list(table.columns, written_column);
  json["rows"] = written_list(table.rows, [&](const auto& row) -> Json {
    Json cells = Json::object();
    for (size_t i = 0; i < row.cells.size(); ++i)
      if (row.cells[i]) cells[table.columns[i].name] = written_told(*row.cells[i]);
    return {{"contestant", row.contestant}, {"cells", std::move(cells)}};
  });
}

// Curves.

Curves read_curves(Fields& fields) {
  Curves curves;
  curves.x = fields.text("x");
  curves.y = fields.text("y");
  curves.amount = fields.text_or("amount", "");
  curves.form = read_form(fields);
  curves.logarithmic = fields.flag("logarithmic");
  curves.at = read_values(fields, "at", [](Fields& item, const std::string& key) {
    return item.number(key, -kLargestAmount, kLargestAmount);
  });
  curves.lines = read_list(fields, "lines", [](Fields& line) {
    const bool side = line.has("title");
    Curves::Line read{side ? "" : line.text("contestant"), read_values(line, "values", read_told)};
    if (!side) return read;
    read.title = line.text("title");
    read.challengers = line.flag("challengers");
    return read;
  });
  if (fields.has("slopes"))
    curves.slopes = read_list(fields, "slopes", [](Fields& slope) {
      return Curves::Slope{slope.text("contestant"), read_object(slope, "per_decade", read_estimate)};
    });
  return curves;
}

void write_body(Json& json, const Curves& curves) {
  json["x"] = curves.x;
  json["y"] = curves.y;
  if (!curves.amount.empty()) json["amount"] = curves.amount;
  json["form"] = written_form(curves.form);
  json["logarithmic"] = curves.logarithmic;
  json["at"] = written_list(curves.at, [&](double at) { return curves.form == Form::count ? Json(int64_t(at)) : Json(at); });
  json["lines"] = written_list(curves.lines, [](const auto& line) -> Json {
    Json json = line.contestant.empty() ? Json{{"title", line.title}, {"challengers", line.challengers}} : Json{{"contestant", line.contestant}};
    json["values"] = written_list(line.values, written_told);
    return json;
  });
  if (!curves.slopes.empty())
    json["slopes"] = written_list(curves.slopes, [](const auto& slope) -> Json {
      return {{"contestant", slope.contestant}, {"per_decade", written_estimate(slope.per_decade)}};
    });
}

// Scatters.

Scatter::Axis read_axis(Fields& fields) {
  Scatter::Axis axis{fields.text("name"), fields.text("title"), fields.text_or("about", ""), fields.text_or("unit", ""),
                     read_form(fields)};
  if (fields.has("at_most") && fields.has("at_least"))
    fail("[{}] got a limit from above and from below, expected one of them", fields.where());
  axis.at_most = !fields.has("at_least");
  axis.limit = read_optional(fields, axis.at_most ? "at_most" : "at_least");
  return axis;
}

Scatter read_scatter(Fields& fields) {
  Scatter scatter;
  scatter.axes = read_list(fields, "axes", read_axis);
  const auto read_point = [&](Fields& of) {
    Scatter::Point point;
    point.seed = of.integer("seed", 0, INT64_MAX);
    point.dictionary_seed = of.integer_or("dictionary_seed", -1, 0, INT64_MAX);
    point.values = read_object(of, "values", [&](Fields& values) {
      std::vector<double> found;
      for (const auto& axis : scatter.axes) found.push_back(read_score_number(values, axis.name));
      return found;
    });
    point.allowed = of.flag("allowed");
    point.chosen = of.flag("chosen");
    if (of.has("tried")) point.tried = read_free_object(of, "tried");
    point.note = of.text_or("note", "");
    return point;
  };
  scatter.clouds = read_list(fields, "clouds", [&](Fields& cloud) {
    return Scatter::Cloud{cloud.text("contestant"), read_list(cloud, "points", read_point)};
  });
  return scatter;
}

Json written_axis(const Scatter::Axis& axis) {
  Json json = {{"name", axis.name}, {"title", axis.title}};
  if (!axis.about.empty()) json["about"] = axis.about;
  if (!axis.unit.empty()) json["unit"] = axis.unit;
  json["form"] = written_form(axis.form);
  if (axis.limit) json[axis.at_most ? "at_most" : "at_least"] = *axis.limit;
  return json;
}

void write_body(Json& json, const Scatter& scatter) {
  const auto written_point = [&](const Scatter::Point& point) {
    Json of = {{"seed", point.seed}};
    if (point.dictionary_seed != -1) of["dictionary_seed"] = point.dictionary_seed;
    of["values"] = Json::object();
    for (size_t i = 0; i < point.values.size(); ++i) of["values"][scatter.axes[i].name] = point.values[i];
    of["allowed"] = point.allowed;
    of["chosen"] = point.chosen;
    if (!point.tried.empty()) of["tried"] = point.tried;
    if (!point.note.empty()) of["note"] = point.note;
    return of;
  };
  json["axes"] = written_list(scatter.axes, written_axis);
  json["clouds"] = written_list(scatter.clouds, [&](const auto& cloud) -> Json {
    return {{"contestant", cloud.contestant}, {"points", written_list(cloud.points, written_point)}};
  });
}

// Checklists.

Checklist read_checklist(Fields& fields) {
  Checklist list;
  list.ladder = fields.has("reached");
  const std::string reached = list.ladder ? fields.text("reached") : "";
  list.items = read_list(fields, "items", [](Fields& item) {
    return Checklist::Item{item.text_or("name", ""), item.text("text"), item.flag("holds"), item.text_or("evidence", "")};
  });
  if (list.reached() != reached)
    fail("[{}] \"reached\": got \"{}\", expected what the items say, \"{}\"", fields.where(), plain(reached),
         plain(list.reached()));
  return list;
}

void write_body(Json& json, const Checklist& list) {
  if (list.ladder) json["reached"] = list.reached();
  json["items"] = written_list(list.items, [](const auto& item) {
    Json of = Json::object();
    if (!item.name.empty()) of["name"] = item.name;
    of["text"] = item.text;
    of["holds"] = item.holds;
    if (!item.evidence.empty()) of["evidence"] = item.evidence;
    return of;
  });
}

}  // namespace

Section read_section(Fields& fields) {
  Section section{fields.text("id"), fields.text("title"), fields.text("heading"), fields.text("caption"), {}};
  const std::string shape = fields.one_of("shape", kShapes);
  if (shape == kShapes[0]) section.body = read_table(fields);
  if (shape == kShapes[1]) section.body = read_curves(fields);
  if (shape == kShapes[2]) section.body = read_scatter(fields);
  if (shape == kShapes[3]) section.body = read_checklist(fields);
  return section;
}

Json written_section(const Section& section) {
  Json json = {{"id", section.id},
               {"title", section.title},
               {"heading", section.heading},
               {"caption", section.caption},
               {"shape", kShapes[section.body.index()]}};
  std::visit([&](const auto& body) { write_body(json, body); }, section.body);
  return json;
}

}  // namespace fairfight
