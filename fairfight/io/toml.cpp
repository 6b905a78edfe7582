#include "fairfight/io/toml.h"

// toml++ states what it believes about the text in assertions. Some texts break them (a stray byte where a key should
// stand), and its shared library is built without: undefined behaviour. So compile it here, with assertions that throw.
#undef NDEBUG
#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
namespace {
struct BrokenAssumption {};
[[noreturn]] void broken_assumption() { throw BrokenAssumption(); }
}  // namespace
#define TOML_ASSERT(condition) ((condition) ? void() : broken_assumption())
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

/// Where toml++ 3.3 looks for white space it has undefined behaviour on letters like é (its issues 190 and 295). So it sees
/// ASCII only, and private characters, U+E080 to U+E0FF, in place of the other bytes.
std::string veil(std::string_view text) {
  std::string veiled;
  for (const unsigned char c : text) {
    if (c < 0x80)
      veiled += char(c);
    else
      veiled += {'\xee', char(0x82 | (c >> 6 & 1)), char(0x80 | (c & 0x3f))};
  }
  return veiled;
}

std::string unveil(std::string_view veiled) {
  std::string text;
  for (size_t i = 0; i < veiled.size(); ++i) {
    const bool private_character = veiled[i] == '\xee' && i + 2 < veiled.size() && (veiled[i + 1] & 0xfe) == 0x82;
    if (!private_character) {
      text += veiled[i];
      continue;
    }
    text += char((veiled[i + 1] & 1) << 6 | veiled[i + 2]);
    i += 2;
  }
  return text;
}

class Converter {
 public:
  explicit Converter(std::string_view what) : what_(what) {}

  Json value(const toml::node& node, int depth) const {
    if (depth == kMaxDepth && !node.is_value()) refuse(node, fmt::format("nested deeper than {} levels", kMaxDepth));
    if (const auto* table = node.as_table()) return object(*table, depth);
    if (const auto* list = node.as_array()) return array(*list, depth);
    if (const auto* text = node.as_string()) return unveil(text->get());
    if (const auto* integer = node.as_integer()) return integer->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_floating_point(); number && std::isfinite(number->get())) return number->get();
    refuse(node, node.is_floating_point() ? "not a finite number" : "dates and times are not supported; write a text");
  }

 private:
  Json object(const toml::table& table, int depth) const {
    Json::object_t json;
    for (const auto& [key, child] : table) json.emplace_back(unveil(key.str()), value(child, depth + 1));
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
    const Json json = Converter(what).value(toml::parse(veil(text)), 0);
    return parse_json(json.dump(), what);  // keys that are distinct and UTF-8 only once the veil is gone
  } catch (const Json::exception&) {
    fail("[toml] {}: has text that is not UTF-8", what);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    fail("[toml] {}:{}:{}: {}", what, at.line, at.column, shown(unveil(e.description())));
  } catch (const BrokenAssumption&) {
    fail("[toml] {}: is not TOML", what);
  }
}

Json read_toml(const std::filesystem::path& path) { return parse_toml(read_file(path, kMaxBytes), path.string()); }

}  // namespace fairfight
