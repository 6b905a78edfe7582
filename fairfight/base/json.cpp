#include "fairfight/base/json.h"

#include <fmt/ranges.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"

namespace fairfight {
namespace {

constexpr int kMaxDepth = 64;

std::string shorten(std::string text) {
  constexpr size_t kLimit = 60;
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  if (text.size() > kLimit) text = text.substr(0, kLimit) + "...";
  return text;
}

std::string show(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  return shorten(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void require_finite(const Json& value, const std::string& at) {
  if (value.is_number_float() && !std::isfinite(value.get<double>())) fail("[dump_json] {} is not a finite number", at);
  if (value.is_object())
    for (const auto& [key, child] : value.items()) require_finite(child, at + "." + key);
  if (value.is_array())
    for (size_t i = 0; i < value.size(); ++i) require_finite(value[i], fmt::format("{}[{}]", at, i));
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    if (depth > kMaxDepth) fail("[json] {}: nested deeper than {} levels", what, kMaxDepth);
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second)
      fail("[json] {}: the key \"{}\" stands twice in one object", what, shorten(value.get<std::string>()));
    return true;
  };
  try {
    return Json::parse(text, watch);
  } catch (const Json::exception& e) {
    fail("[json] {}: {}", what, shorten(e.what()));
  }
}

Json read_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

std::string dump_json(const Json& value) {
  require_finite(value, "value");
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Fields::Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) fail("[{}] got {}, expected an object", where_, show(object));
}

bool Fields::has(const std::string& key) const { return object_.contains(key); }

const Json& Fields::any(const std::string& key) {
  asked_.insert(key);
  const auto found = object_.find(key);
  if (found == object_.end()) fail("[{}] the key \"{}\" is missing", where_, key);
  return *found;
}

void Fields::wrong(const std::string& key, std::string_view expected) const {
  fail("[{}] \"{}\": got {}, expected {}", where_, key, show(object_.at(key)), expected);
}

int64_t Fields::integer(const std::string& key, int64_t low, int64_t high) {
  const Json& value = any(key);
  const std::string expected = fmt::format("an integer from {} to {}", low, high);
  if (!value.is_number_integer()) wrong(key, expected);
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX)) wrong(key, expected);
  const auto number = value.get<int64_t>();
  if (number < low || number > high) wrong(key, expected);
  return number;
}

double Fields::number(const std::string& key, double low, double high) {
  const Json& value = any(key);
  if (!value.is_number()) wrong(key, "a number");
  const auto number = value.get<double>();
  if (!(number >= low && number <= high)) wrong(key, fmt::format("a number from {:g} to {:g}", low, high));
  return number;
}

bool Fields::flag(const std::string& key) {
  const Json& value = any(key);
  if (!value.is_boolean()) wrong(key, "true or false");
  return value.get<bool>();
}

std::string Fields::text(const std::string& key) {
  const Json& value = any(key);
  if (!value.is_string()) wrong(key, "a text");
  return value.get<std::string>();
}

std::string Fields::one_of(const std::string& key, const std::vector<std::string>& choices) {
  std::string chosen = text(key);
  for (const auto& choice : choices)
    if (chosen == choice) return chosen;
  wrong(key, fmt::format("one of: {}", fmt::join(choices, ", ")));
}

std::vector<int64_t> Fields::integers(const std::string& key, int64_t low, int64_t high) {
  const Json& value = any(key);
  const std::string expected = fmt::format("a list of integers from {} to {}", low, high);
  if (!value.is_array()) wrong(key, expected);
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < value.size(); ++i) {
    if (!value[i].is_number_integer()) wrong(key, expected);
    const auto number = value[i].get<int64_t>();
    if (number < low || number > high) wrong(key, expected);
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<std::string> Fields::texts(const std::string& key) {
  const Json& value = any(key);
  if (!value.is_array()) wrong(key, "a list of texts");
  std::vector<std::string> list;
  for (const auto& item : value) {
    if (!item.is_string()) wrong(key, "a list of texts");
    list.push_back(item.get<std::string>());
  }
  return list;
}

Fields Fields::object(const std::string& key) { return Fields(any(key), where_ + "." + key); }

void Fields::finish() const {
  for (const auto& [key, value] : object_.items())
    if (!asked_.contains(key)) fail("[{}] unknown key \"{}\"; known here: {}", where_, shorten(key), fmt::join(asked_, ", "));
}

}  // namespace fairfight
