#include "fairfight/io/jinja/globals.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/jinja/given.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {

namespace {

/// The arguments of Python's dict.
std::vector<std::pair<Value, Value>> pairs(const Arguments& a, Limits& limits) {
  std::vector<std::pair<Value, Value>> all;
  if (a.values.size() > 1) limits.wrong("dict takes at most 1 argument");
  if (!a.values.empty() && a.values[0].dict()) {
    all = a.values[0].dict()->all;
  } else if (!a.values.empty()) {
    for (const Value& pair : items_of(a.values[0], limits)) {
      const Values parts = items_of(pair, limits);
      if (parts.size() != 2) limits.wrong("a dict of what are no pairs");
      all.emplace_back(parts[0], parts[1]);
    }
  }
  for (const auto& [name, value] : a.named) all.emplace_back(name, value);
  return all;
}
Value range(const Arguments& a, Limits& limits) {
  const Given given("range", a, {"start", "stop", "step"}, 1, limits);
  if (!a.named.empty()) limits.wrong("range takes no named arguments");
  const int64_t from = given[1] ? given.integer(0) : 0, to = given[1] ? given.integer(1) : given.integer(0),
                step = given.integer(2, 1);
  constexpr int64_t most = int64_t(1) << 40;
  if (step == 0) limits.wrong("a range in steps of zero");
  if (std::max({std::abs(from), std::abs(to), std::abs(step)}) > most) limits.refuse("a range of numbers that large");
  const int64_t count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
  if (count > 100'000) limits.wrong("a range of more than 100000 items");
  Values all;
  for (int64_t i = 0; i < count; ++i) all.emplace_back(from + i * step);
  Value made = sequence_of(std::move(all), Sequence::Form::range, limits);
  made.sequence()->range_of =
      step == 1 ? fmt::format("range({}, {})", from, to) : fmt::format("range({}, {}, {})", from, to, step);
  return made;
}

std::string time(const std::string& form, const Clock& clock, Limits& limits) {
  if (form.empty()) return "";
  if (form.find("%f") != form.npos) limits.refuse("microseconds in strftime_now");
  const std::tm now = clock();
  std::string text(256 + form.size() * 8, '\0');
  text.resize(std::strftime(text.data(), text.size(), form.c_str(), &now));
  return text;
}

}  // namespace

std::map<std::string, Value> globals(const Clock& now, const std::string& what, const KeepNamespace& keep) {
  std::map<std::string, Value> all;
  const auto add = [&](const char* name, Function::Call call) { all[name] = function(name, std::move(call)); };
  add("raise_exception", [&what](const Arguments& a, Limits& limits) -> Value {
    fail("[chat_template] {}: refuses these messages: {}", what,
         shown(str(*Given("raise_exception", a, {"message"}, 1, limits)[0], limits)));
  });
  add("strftime_now", [&now](const Arguments& a, Limits& limits) -> Value {
    return time(Given("strftime_now", a, {"format"}, 1, limits).text(0), now, limits);
  });
  add("lipsum", [](const Arguments&, Limits& limits) -> Value { limits.refuse("the function \"lipsum\""); });
  add("range", [](const Arguments& a, Limits& limits) { return range(a, limits); });
  add("dict", [](const Arguments& a, Limits& limits) { return dict_of(pairs(a, limits), limits); });
  add("joiner", [](const Arguments& a, Limits& limits) {
    const Given given("joiner", a, {"sep"}, 0, limits);
    return function("a joiner", [by = given[0] ? *given[0] : Value(", "), used = false](const Arguments&, Limits&) mutable {
      return std::exchange(used, true) ? by : Value("");
    });
  });
  add("cycler", [](const Arguments& a, Limits& limits) {
    if (a.values.empty() || !a.named.empty()) limits.wrong("a cycler of nothing");
    const auto made = std::make_shared<Cycler>();
    made->items = a.values;
    return Value(std::shared_ptr<Object>(made));
  });
  add("namespace", [keep](const Arguments& a, Limits& limits) {
    const auto made = std::make_shared<Namespace>();
    for (const auto& [key, value] : pairs(a, limits)) {
      if (!key.text()) limits.refuse("a namespace with names that are no texts");
      made->set(*key.text(), value, limits);
    }
    keep(made);
    return Value(std::shared_ptr<Object>(made));
  });
  return all;
}

}  // namespace fairfight::jinja
