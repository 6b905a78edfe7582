#include "fairfight/io/texts.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

std::ifstream opened(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("[texts] {}: {}", path.string(), std::strerror(errno));
  if (fs::is_directory(path)) fail("[texts] {}: got a folder, expected a file of texts", path.string());
  return in;
}

/// What a byte order mark that is not UTF-8's says of the bytes after it.
std::string_view other_encoding(std::string_view line) { return line.starts_with("\xff\xfe") || line.starts_with("\xfe\xff") ? "UTF-16" : ""; }

/// The lines of a source, each checked to be UTF-8, without what ends them.
class Lines {
 public:
  /// `old_ends`: where there is no line feed, lines end with a carriage return, as on old Macs.
  Lines(std::istream& in, std::string_view what, bool old_ends) : in_(in), what_(what), old_ends_(old_ends) {}

  bool next(std::string& line) {
    if (!read(line)) return false;
    if (++number_ == 1) {
      if (line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);  // Excel's byte order mark
      refuse_pointer(line, what_);
    }
    if (!unicode::is_utf8(line)) {
      const auto other = number_ == 1 ? other_encoding(line) : "";
      fail("[texts] {}: got bytes that are not UTF-8{}, expected UTF-8; convert the file (iconv {}-t UTF-8)", where(),
           other.empty() ? "" : fmt::format(" but {} by their mark", other), other.empty() ? "" : fmt::format("-f {} ", other));
    }
    return true;
  }
  std::string where() const { return fmt::format("{}:{}", what_, number_); }
  const std::string& what() const { return what_; }
  size_t number() const { return number_; }
  bool ended() const { return ended_; }  // the last line by `end`
  char end() const { return old_ ? '\r' : '\n'; }

 private:
  bool read(std::string& line) {
    if (old_) {
      if (at_ == rest_.size()) return false;
      const size_t end = std::min(rest_.find('\r', at_), rest_.size());
      ended_ = end < rest_.size();
      line = rest_.substr(at_, end - at_);
      at_ = end + ended_;
      return true;
    }
    if (!std::getline(in_, line)) {
      if (in_.bad()) fail("[texts] {}: cannot be read on after line {}", what_, number_);
      return false;
    }
    ended_ = !in_.eof();
    if (number_ > 0 || ended_ || !old_ends_ || line.find('\r') == line.npos) return true;
    old_ = true;
    rest_ = std::move(line);
    return read(line);
  }

  std::istream& in_;
  std::string what_;
  bool old_ends_, old_ = false, ended_ = false;
  std::string rest_;  // a source with old ends, which is read up to `at_`
  size_t at_ = 0;
  size_t number_ = 0;
};

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == line.npos; }

std::vector<std::string> shown_names(std::vector<std::string> names) {
  if (names.size() > 8) names.resize(8), names.push_back("...");
  for (auto& name : names) name = shown(name);
  return names;
}

using Visit = std::function<bool(const Json&, const std::string&)>;

/// A JSON array of objects, whose first line is `text`.
void json_array(Lines& lines, std::string text, const Visit& visit) {
  for (std::string line; lines.next(line);) text += '\n' + line;
  const Json list = parse_json(text, lines.what());
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string where = fmt::format("{}: item {}", lines.what(), i + 1);
    if (!list[i].is_object()) fail("[texts] {}: got a JSON value that is no object, expected a list of objects", where);
    if (!visit(list[i], where)) return;
  }
}

void json_lines(Lines& lines, const Visit& visit) {
  bool first = true;
  for (std::string line; lines.next(line);) {
    if (is_blank(line)) continue;
    if (std::exchange(first, false) && line[line.find_first_not_of(" \t")] == '[') return json_array(lines, std::move(line), visit);
    const Json object = parse_json(line, lines.where());
    if (!object.is_object()) fail("[texts] {}: got a JSON value that is no object, expected one object a line", lines.where());
    if (!visit(object, lines.where())) return;
  }
}

FileText text_of(const Json& object, const std::string& field, const Conversations* chat, const std::string& where) {
  const auto found = object.find(field);
  if (found != object.end() && found->is_string()) return {found->get<std::string>()};
  if (found == object.end() && chat && object.contains("messages")) return {chat->whole(object["messages"], where), true};
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items())
    if (value.is_string()) names.push_back(name);
  fail("[texts] {}: got {}, expected a string \"{}\"{}; name another field (its strings: {})", where,
       found == object.end() ? "no such field" : "another kind of value", shown(field), chat ? " or a conversation \"messages\"" : "",
       fmt::join(shown_names(names), ", "));
}

/// The next record's values; false: there is none. A line that holds nothing is no record.
bool next_record(Lines& lines, std::vector<std::string>& values) {
  values.clear();
  std::string line;
  do
    if (!lines.next(line)) return false;
  while (line.empty() || line == "\r");
  const size_t first = lines.number();
  enum { start,
         bare,
         quoted,
         closed } state = start;
  std::string value;
  for (size_t i = 0;; ++i) {
    if (i == line.size()) {
      if (state != quoted) break;
      value += lines.end();
      if (!lines.ended() || !lines.next(line))
        fail("[texts] {}: got a quoted value that begins in line {} and never ends, expected a closing quote", lines.where(), first);
      i = size_t(-1);
      continue;
    }
    const char c = line[i];
    if (state == quoted) {
      if (c != '"') value += c;
      else if (i + 1 < line.size() && line[i + 1] == '"') value += line[++i];
      else state = closed;
    } else if (c == ',') {
      values.push_back(std::move(value));
      value.clear();
      state = start;
    } else if (c == '\r' && i + 1 == line.size()) {
      break;
    } else if (c == '"' && state == start) {
      state = quoted;
    } else if (c == '"' || state == closed) {
      fail("[texts] {}: got a quote inside of a value, expected the whole value in quotes and its own quotes doubled (RFC 4180)", lines.where());
    } else {
      value += c;
      state = bare;
    }
  }
  values.push_back(std::move(value));
  return true;
}

void csv(Lines& lines, const std::string& field, const std::function<bool(std::string)>& add) {
  std::vector<std::string> header, values;
  next_record(lines, header);
  const auto found = std::find(header.begin(), header.end(), field);
  if (found == header.end() || std::find(found + 1, header.end(), field) != header.end())
    fail("[texts] {}: got the columns {}, expected one \"{}\"; name another field", lines.where(), fmt::join(shown_names(header), ", "), shown(field));
  while (next_record(lines, values)) {
    if (values.size() != header.size())
      fail("[texts] {}: got {} values, expected {} as in the header; quote values that hold commas", lines.where(), values.size(), header.size());
    if (!add(std::move(values[size_t(found - header.begin())]))) return;
  }
}

void plain(Lines& lines, const std::function<bool(std::string)>& add) {
  std::string text;
  for (std::string line; lines.next(line);) {
    text += line;
    if (lines.ended()) text += '\n';
  }
  if (!text.empty()) add(std::move(text));
}

}  // namespace

TextFormat text_format_of(const fs::path& path) {
  const auto ending = path.extension();
  if (ending == ".txt") return TextFormat::plain;
  if (ending == ".jsonl" || ending == ".json") return TextFormat::json_lines;
  if (ending == ".csv") return TextFormat::csv;
  fail("[texts] {}: got the ending \"{}\", expected .txt, .jsonl (JSON Lines), .json (a list of objects) or .csv", path.string(), shown(ending.string()));
}

std::vector<FileText> read_texts(std::istream& in, TextFormat format, std::string_view what, std::string_view field, size_t at_most, const Conversations* chat) {
  std::vector<FileText> texts;
  const auto keep = [&](FileText text) {
    texts.push_back(std::move(text));
    return texts.size() < at_most;
  };
  const auto add = [&](std::string text) { return keep({std::move(text)}); };
  Lines lines(in, what, format != TextFormat::plain);
  const std::string name(field);
  if (at_most == 0) return texts;
  if (format == TextFormat::plain) plain(lines, add);
  if (format == TextFormat::csv) csv(lines, name, add);
  if (format == TextFormat::json_lines)
    json_lines(lines, [&](const Json& object, const std::string& where) { return keep(text_of(object, name, chat, where)); });
  if (texts.empty()) fail("[texts] {}: got no text, expected one at least", what);
  return texts;
}

std::vector<FileText> read_texts(const fs::path& path, std::string_view field, size_t at_most, const Conversations* chat) {
  const TextFormat format = text_format_of(path);
  auto in = opened(path);
  return read_texts(in, format, path.string(), field, at_most, chat);
}

void read_json_lines(const fs::path& path, const std::function<bool(const Json&, const std::string&)>& visit) {
  auto in = opened(path);
  Lines lines(in, path.string(), true);
  json_lines(lines, visit);
}

}  // namespace fairfight
