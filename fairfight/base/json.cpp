#include "fairfight/base/json.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"

namespace fairfight {
namespace {

constexpr size_t kMaxDepth = 64;

std::string shorten(std::string text, size_t limit = 60) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  if (text.size() <= limit) return text;
  while (limit > 0 && (text[limit] & 0xc0) == 0x80) --limit;  // not inside a character
  return text.substr(0, limit) + "...";
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

/// Builds the value from the parser's events. nlohmann's own builder keeps the last of two equal keys, and looks every new
/// key up in a list: seconds for a vocabulary of 50,000 words.
class Builder {
 public:
  explicit Builder(std::string_view what) : what_(what) {}
  Json take() { return std::move(root_); }

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(int64_t value) { return put(value); }
  bool number_unsigned(uint64_t value) { return put(value); }
  bool number_float(double value, const std::string&) { return put(value); }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }  // text JSON has none
  bool start_object(size_t) { return open(Json::object()); }
  bool start_array(size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (!open_.back().keys.insert(name).second)
      fail("[json] {}: the key \"{}\" stands twice in one object", what_, shorten(name));
    key_ = std::move(name);
    return true;
  }

  bool parse_error(size_t, const std::string&, const Json::exception& error) {
    const std::string_view text = error.what();  // "[json.exception...] parse error at line 1, column 8: ...; last read: ..."
    const size_t start = text.find("] ") + 2;
    fail("[json] {}: {}", what_, shorten(std::string(text.substr(start, text.find("; last read") - start)), 160));
  }

 private:
  struct Level {
    Json* container;
    std::set<std::string> keys;
  };

  Json& add(Json&& value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& parent = *open_.back().container;
    if (parent.is_array()) return parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    return parent.get_ref<Json::object_t&>().emplace_back(std::move(key_), std::move(value)).second;
  }
  bool put(Json&& value) {
    add(std::move(value));
    return true;
  }
  bool open(Json&& container) {
    if (open_.size() == kMaxDepth) fail("[json] {}: nested deeper than {} levels", what_, kMaxDepth);
    open_.push_back({&add(std::move(container)), {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view what_;
  Json root_;
  std::vector<Level> open_;
  std::string key_;
};

/// An integer, as JSON writes it, within [low, high]; nlohmann would wrap 2^64 - 1 to -1.
bool is_integer_within(const Json& value, int64_t low, int64_t high) {
  if (!value.is_number_integer()) return false;
  if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX)) return false;
  const auto number = value.get<int64_t>();
  return low <= number && number <= high;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view what) {
  // nlohmann takes a zero byte for the end of the text, and would let anything stand after it.
  if (const size_t at = text.find('\0'); at != text.npos) fail("[json] {}: a zero byte at offset {}", what, at);
  Builder builder(what);
  Json::sax_parse(text, &builder);
  return builder.take();
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
  if (!is_integer_within(value, low, high)) wrong(key, fmt::format("an integer from {} to {}", low, high));
  return value.get<int64_t>();
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
  const auto right = [&](const Json& item) { return is_integer_within(item, low, high); };
  if (!value.is_array() || !std::all_of(value.begin(), value.end(), right))
    wrong(key, fmt::format("a list of integers from {} to {}", low, high));
  return value.get<std::vector<int64_t>>();
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

std::vector<std::string> Fields::unasked() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object_.items())
    if (!asked_.contains(key)) keys.push_back(key);
  return keys;
}

void Fields::finish() const {
  for (const auto& key : unasked()) fail("[{}] unknown key \"{}\"; known here: {}", where_, shorten(key), fmt::join(asked_, ", "));
}

}  // namespace fairfight
