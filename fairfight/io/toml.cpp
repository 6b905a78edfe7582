#include "fairfight/io/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/io/shown.h"

namespace fairfight {
namespace {

constexpr uint64_t kMaxBytes = 1 << 20;
constexpr int64_t kMaxDots = 4096;
constexpr int kMaxDepth = 64;

class Converter {
 public:
  explicit Converter(std::string_view what) : what_(what) {}

  Json value(const toml::node& node, int depth) const {
    if (depth > kMaxDepth) refuse(node, fmt::format("nested deeper than {} levels", kMaxDepth));
    if (const auto* table = node.as_table()) return object(*table, depth);
    if (const auto* list = node.as_array()) return array(*list, depth);
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_floating_point(); number && std::isfinite(number->get())) return number->get();
    refuse(node, node.is_floating_point() ? "not a finite number" : "dates and times are not supported; write a text");
  }

 private:
  Json object(const toml::table& table, int depth) const {
    Json json = Json::object();
    for (const auto& [key, child] : table) json[std::string(key.str())] = value(child, depth + 1);
    return json;
  }

  Json array(const toml::array& list, int depth) const {
    Json json = Json::array();
    for (const auto& child : list) json.push_back(value(child, depth + 1));
    return json;
  }

  [[noreturn]] void refuse(const toml::node& node, std::string_view why) const {
    const auto at = node.source().begin;
    fail("[toml] {}:{}:{}: {}", what_, at.line, at.column, why);
  }

  std::string_view what_;
};

/// toml++ frees a table and all its descendants by recursion, so the depth must be bounded before it parses. Brackets it
/// bounds itself (256 levels); dotted keys it does not.
void require_shallow(std::string_view text, std::string_view what) {
  const auto dots = std::count(text.begin(), text.end(), '.');
  if (dots > kMaxDots) fail("[toml] {}:1:1: got {} dots, expected at most {}; a card is a short text", what, dots, kMaxDots);
}

}  // namespace

Json parse_toml(std::string_view text, std::string_view what) {
  require_shallow(text, what);
  try {
    return Converter(what).value(toml::parse(text), 0);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    fail("[toml] {}:{}:{}: {}", what, at.line, at.column, shown(e.description()));
  }
}

Json read_toml(const std::filesystem::path& path) { return parse_toml(read_file(path, kMaxBytes), path.string()); }

}  // namespace fairfight
