#include "fairfight/io/jinja/filters.h"

#include <fmt/format.h>

#include <set>

#include "fairfight/io/jinja/filter_table.h"
#include "fairfight/io/jinja/members.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {
namespace {

// jinja2 has them, fairfight has not.
const std::set<std::string, std::less<>> kNotImplemented{"filesizeformat", "forceescape", "groupby", "pprint", "random",
                                                         "striptags", "urlencode", "urlize", "wordwrap", "xmlattr"};

std::string full_name(std::string_view name) {
  return std::string(name == "count" ? "length" : name == "d" ? "default"
                                              : name == "e"   ? "escape"
                                                              : name);
}

Value otherwise(const Use& use) {
  const Given given = use.given({"default_value", "boolean"});
  return use.of.is_defined() && (!given.flag(1) || is_true(use.of)) ? use.of : given[0] ? *given[0]
                                                                                        : Value("");
}

Value attribute_named(const Use& use) {
  const Given given = use.given({"name"}, 1);
  if (!use.of.is_defined()) use.limits.wrong("attr of what is not defined");
  return own_attribute(use.of, given.text(0), use.limits);
}

const Filters& filters() {
  static const Filters all = [] {
    Filters all{{"attr", attribute_named}, {"default", otherwise}};
    for (const Filters& some : {list_filters(), number_filters(), text_filters()}) all.insert(some.begin(), some.end());
    return all;
  }();
  return all;
}

}  // namespace

bool is_filter(std::string_view name) { return filters().contains(full_name(name)) || kNotImplemented.contains(name); }

Value filter(const std::string& name, const Value& of, const Arguments& arguments, Limits& limits) {
  if (kNotImplemented.contains(name)) limits.refuse(fmt::format("the filter \"{}\"", name));
  const auto found = filters().find(full_name(name));
  if (found == filters().end()) limits.wrong(fmt::format("there is no filter \"{}\"", shown(name)));
  const Limits::Deeper deeper(limits);
  if (of.text()) limits.text(of.text()->size());
  return found->second({found->first, of, arguments, limits});
}

}  // namespace fairfight::jinja
