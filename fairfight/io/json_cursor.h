#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/io/shown.h"

namespace fairfight {

/// Walks through JSON text whose shape the caller knows, and makes no tree of it: what a hostile text costs is bounded by
/// its own length. As strict as parse_json, except that an object's keys are the caller's to compare. Anything else than
/// what was asked for is an error in one line, with `what` (the file), the keys that lead there and the byte.
/// Not nlohmann's parser, which base/json.h wraps: its lexer keeps each token twice, for the value and for the error, so that
/// a header of 100 MB may cost 700 more; and its events tell neither where a value begins nor let anyone come back to it.
class JsonCursor {
 public:
  JsonCursor(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  /// Calls `visit(std::string key)` for each key; it must read the value.
  template <class Visit>
  void object(Visit visit) {
    expect('{', "an object");
    if (take('}')) return;
    do {
      std::string key = text("a key");
      path_.push_back(shown(key));
      expect(':', "a colon");
      visit(std::move(key));
      path_.pop_back();
    } while (take(','));
    expect('}', "a comma or the object's end");
  }

  /// Calls `visit()` for each item; it must read it.
  template <class Visit>
  void array(Visit visit) {
    expect('[', "an array");
    if (take(']')) return;
    do visit();
    while (take(','));
    expect(']', "a comma or the array's end");
  }

  /// Never longer than it stands in the text.
  std::string text(std::string_view expected = "a text");
  uint64_t natural();  // 0 to INT64_MAX
  double number();
  bool flag();
  bool null();  // steps over a null, if one stands here
  /// What the value at the cursor begins with: { [ " a digit ..., 0 at the end of the text.
  char peek();
  /// Steps over a value of at most 64 levels, whose inside is only looked at for where it ends; gives its text.
  std::string_view skip();
  void end();  // nothing but white space is left

  /// Says what stands at the cursor, and what should.
  [[noreturn]] void refuse(std::string_view expected) const;

 private:
  size_t next();  // after white space
  bool take(char c);
  void expect(char c, std::string_view expected);
  std::string unescaped(size_t from, size_t end);
  char32_t hex(size_t from, size_t end) const;
  std::string path() const;
  std::string found() const;

  std::string_view text_, what_;
  size_t at_ = 0;
  std::vector<std::string> path_;  // the keys that lead here, shortened
};

}  // namespace fairfight
