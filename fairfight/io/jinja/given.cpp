#include "fairfight/io/jinja/given.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/io/shown.h"

namespace fairfight::jinja {

Given::Given(const std::string& whose, const Arguments& arguments, std::initializer_list<const char*> names, size_t needed,
             Limits& limits)
    : whose_(whose), values_(names.size()), limits_(limits) {
  if (arguments.values.size() > names.size())
    limits.wrong(fmt::format("{} takes at most {} arguments", whose, names.size()));
  for (size_t i = 0; i < arguments.values.size(); ++i) values_[i] = arguments.values[i];
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(names.begin(), names.end(), name);
    const size_t i = size_t(found - names.begin());
    if (found == names.end() || values_[i])
      limits.wrong(fmt::format("{} has no argument \"{}\", or has it twice", whose, shown(name)));
    values_[i] = value;
  }
  for (size_t i = 0; i < needed; ++i)
    if (!values_[i]) limits.wrong(fmt::format("{} lacks an argument", whose));
}
int64_t Given::integer(size_t i, int64_t otherwise) const {
  if (!values_[i]) return otherwise;
  const auto number = values_[i]->integer();
  if (!number) limits_.wrong(fmt::format("{} takes no {}", whose_, type_of(*values_[i])));
  return *number;
}
std::string Given::text(size_t i, std::string otherwise) const {
  if (!values_[i]) return otherwise;
  if (!values_[i]->text()) limits_.wrong(fmt::format("{} takes no {}", whose_, type_of(*values_[i])));
  return *values_[i]->text();
}

}  // namespace fairfight::jinja
