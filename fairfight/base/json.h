#pragma once
#include <cstdint>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairfight {

using Json = nlohmann::ordered_json;

/// Strict JSON: UTF-8, no duplicate keys, at most 64 levels, nothing after the value. `what` names the source in errors.
Json parse_json(std::string_view text, std::string_view what);
Json read_json(const std::filesystem::path& path);

/// Indented text with a final newline. A NaN or an infinity is an error, never a `null`; bytes that are not UTF-8 become U+FFFD.
std::string dump_json(const Json& value);

/// Reads an object field by field, with types and ranges checked; `finish` refuses the fields that nobody asked for.
class Fields {
 public:
  Fields(const Json& object, std::string where);
  Fields(Json&&, std::string) = delete;  // it keeps a reference

  bool has(const std::string& key) const;
  const Json& any(const std::string& key);
  int64_t integer(const std::string& key, int64_t low, int64_t high);
  double number(const std::string& key, double low = -std::numeric_limits<double>::max(),
                double high = std::numeric_limits<double>::max());
  bool flag(const std::string& key);
  std::string text(const std::string& key);
  std::string one_of(const std::string& key, const std::vector<std::string>& choices);
  std::vector<int64_t> integers(const std::string& key, int64_t low, int64_t high);
  std::vector<std::string> texts(const std::string& key);
  Fields object(const std::string& key);

  int64_t integer_or(const std::string& key, int64_t otherwise, int64_t low, int64_t high) {
    return has(key) ? integer(key, low, high) : otherwise;
  }
  double number_or(const std::string& key, double otherwise, double low = -std::numeric_limits<double>::max(),
                   double high = std::numeric_limits<double>::max()) {
    return has(key) ? number(key, low, high) : otherwise;
  }
  bool flag_or(const std::string& key, bool otherwise) { return has(key) ? flag(key) : otherwise; }
  std::string text_or(const std::string& key, std::string otherwise) { return has(key) ? text(key) : std::move(otherwise); }

  void ignore(const std::string& key) { asked_.insert(key); }
  std::vector<std::string> unasked() const;  // the keys that nobody asked for so far
  void finish() const;
  const std::string& where() const { return where_; }

 private:
  [[noreturn]] void wrong(const std::string& key, std::string_view expected) const;

  const Json& object_;
  std::string where_;
  std::set<std::string> asked_;
};

}  // namespace fairfight
