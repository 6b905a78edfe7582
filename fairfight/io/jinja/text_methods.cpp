#include "fairfight/io/jinja/text_methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fairfight/io/jinja/given.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

const std::set<std::string> kMethods{
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find",
    "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit",
    "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join",
    "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace",
    "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines",
    "startswith", "strip", "swapcase", "title", "translate", "upper", "zfill"};

bool is_ascii_text(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

Value split(const std::string& text, const Given& given, bool from_right, Limits& limits) {
  int64_t most = given.integer(1, -1);
  if (most < 0) most = INT64_MAX;
  std::vector<std::string> parts;
  if (given[0] && !given[0]->is_none()) {
    const std::string by = given.text(0);
    if (by.empty()) limits.wrong("splits by nothing");
    if (!from_right) {
      size_t from = 0;
      for (size_t at; most > 0 && (at = text.find(by, from)) != text.npos; from = at + by.size(), --most)
        parts.push_back(text.substr(from, at - from));
      parts.push_back(text.substr(from));
    } else {
      size_t end = text.size();
      for (size_t at; most > 0 && end >= by.size() && (at = text.rfind(by, end - by.size())) != text.npos; end = at, --most)
        parts.push_back(text.substr(at + by.size(), end - at - by.size()));
      parts.push_back(text.substr(0, end));
      std::reverse(parts.begin(), parts.end());
    }
  } else {  // by white space
    std::u32string letters = characters_of(text);
    if (from_right) std::reverse(letters.begin(), letters.end());
    const auto space = [&](size_t i) { return unicode::is_python_space(letters[i]); };
    for (size_t at = 0; at < letters.size();) {
      while (at < letters.size() && space(at)) ++at;
      size_t end = most-- == 0 ? letters.size() : at;
      while (end < letters.size() && !space(end)) ++end;
      std::u32string part = letters.substr(at, end - at);
      if (from_right) std::reverse(part.begin(), part.end());
      if (!part.empty()) parts.push_back(text_of(part));
      at = end;
    }
    if (from_right) std::reverse(parts.begin(), parts.end());
  }
  Values list;
  for (std::string& part : parts) list.emplace_back(std::move(part));
  return list_of(std::move(list), limits);
}

Value partition(const std::string& text, const std::string& by, bool last, Limits& limits) {
  if (by.empty()) limits.wrong("splits by nothing");
  const size_t at = last ? text.rfind(by) : text.find(by);
  Values parts = at == text.npos ? (last ? Values{"", "", text} : Values{text, "", ""})
                                 : Values{text.substr(0, at), by, text.substr(at + by.size())};
  return sequence_of(std::move(parts), Sequence::Form::tuple, limits);
}

/// What a text begins or ends with; of a tuple, any of it.
bool has_end(const std::string& name, const std::string& text, const Arguments& arguments, Limits& limits) {
  const Given given(name, arguments, {"prefix", "start", "end"}, 1, limits);
  if (given[1] || given[2]) limits.refuse(fmt::format("{} of a part of a text", name));
  const auto fits = [&](const Value& part) {
    if (!part.text()) limits.wrong(fmt::format("{} with {}", name, type_of(part)));
    return name == "startswith" ? text.starts_with(*part.text()) : text.ends_with(*part.text());
  };
  const Sequence* all = given[0]->sequence();
  if (!all || all->form != Sequence::Form::tuple) return fits(*given[0]);
  return std::any_of(all->all.begin(), all->all.end(), fits);
}

Value place_of(const std::string& name, const std::string& text, const Arguments& arguments, Limits& limits) {
  const Given given(name, arguments, {"sub", "start", "end"}, 1, limits);
  const std::u32string all = characters_of(text), part = characters_of(given.text(0));
  const int64_t size = int64_t(all.size());
  const auto place = [&](size_t i, int64_t otherwise) {
    if (!given[i] || given[i]->is_none()) return otherwise;
    const int64_t at = given.integer(i);
    return std::max<int64_t>(at < 0 ? at + size : at, 0);
  };
  const int64_t begin = place(1, 0), end = std::min(place(2, size), size);
  limits.text(text.size());
  const bool possible = begin <= end;
  const std::u32string within = possible ? all.substr(size_t(begin), size_t(end - begin)) : U"";
  if (name == "count") {
    if (!possible) return int64_t(0);
    if (part.empty()) return int64_t(within.size() + 1);
    int64_t count = 0;
    for (size_t at = within.find(part); at != within.npos; at = within.find(part, at + part.size())) ++count;
    return count;
  }
  const size_t at = !possible ? within.npos : name[0] == 'r' ? within.rfind(part)
                                                             : within.find(part);
  if (at != within.npos) return begin + int64_t(at);
  if (name.ends_with("index")) limits.wrong("a text is not in another one");
  return int64_t(-1);
}

std::string padded(const std::string& name, const std::string& text, const Arguments& arguments, Limits& limits) {
  const Given given(name, arguments, {"width", "fillchar"}, 1, limits);
  const int64_t width = given.integer(0), size = int64_t(unicode::count(text));
  const std::string fill = given.text(1, " ");
  if (unicode::count(fill) != 1) limits.wrong(fmt::format("{} with more than one character", name));
  if (width <= size) return text;
  const int64_t more = width - size;
  limits.text(size_t(std::min<int64_t>(more, INT64_MAX / 8)) * fill.size() + text.size());
  int64_t left = name == "rjust" ? more : name == "ljust" ? 0
                                                          : more / 2 + (more & width & 1);
  std::string result;
  for (int64_t i = 0; i < left; ++i) result += fill;
  result += text;
  for (int64_t i = left; i < more; ++i) result += fill;
  return result;
}

bool is_sigma(char32_t c) { return c == 0x3a3 || c == 0x3c2 || c == 0x3c3; }

std::string titled(const std::string& text) {
  std::u32string sigmas;  // which of its two small ones a sigma becomes hangs on what stands around it
  for (const char32_t c : characters_of(unicode::lower(text)))
    if (is_sigma(c)) sigmas += c;
  std::string result;
  bool inside = false;
  for (size_t at = 0, sigma = 0; at < text.size();) {
    const size_t from = at;
    const char32_t c = unicode::next(text, at);
    const std::string letter = text.substr(from, at - from);
    if (is_sigma(c) && inside)
      unicode::append(result, sigmas[sigma]);
    else
      result += inside ? unicode::lower(letter) : unicode::capitalized(letter);
    sigma += is_sigma(c);
    inside = unicode::is_cased(c);
  }
  return result;
}

/// '{} {name}'.format(...), with plain fields.
std::string formatted(const std::string& form, const Arguments& arguments, Limits& limits) {
  std::string result;
  size_t next = 0;
  bool counts = false, numbered = false;
  for (size_t at = 0; at < form.size(); ++at) {
    const char c = form[at];
    if ((c == '{' || c == '}') && at + 1 < form.size() && form[at + 1] == c) {
      result += c;
      ++at;
      continue;
    }
    if (c == '}') limits.wrong("format has a lone \"}\"");
    if (c != '{') {
      result += c;
      continue;
    }
    const size_t end = form.find('}', at);
    if (end == form.npos) limits.wrong("format has a lone \"{\"");
    const std::string field = form.substr(at + 1, end - at - 1);
    if (field.find_first_of("{.[:!") != field.npos) limits.refuse(fmt::format("the format \"{}\"", shown(field)));
    const bool is_number = !field.empty() && field.find_first_not_of("0123456789") == field.npos;
    (field.empty() ? counts : numbered) |= field.empty() || is_number;
    if (counts && numbered) limits.wrong("format counts its fields and has numbers, too");
    const Value* value = nullptr;
    if (field.empty() || is_number) {
      const size_t i = field.empty() ? next++ : field.size() > 6 ? arguments.values.size()
                                                                 : size_t(std::stoul(field));
      if (i < arguments.values.size()) value = &arguments.values[i];
    } else {
      for (const auto& [name, named] : arguments.named)
        if (name == field) value = &named;
    }
    if (!value) limits.wrong(fmt::format("format has no value for \"{}\"", shown(field)));
    result += str(*value, limits);
    limits.text(result.size());
    at = end;
  }
  return result;
}

bool all_of(const std::string& text, bool (*is)(char32_t)) {
  for (size_t at = 0; at < text.size();)
    if (!is(unicode::next(text, at))) return false;
  return !text.empty();
}

Value kind_of_text(const std::string& name, const std::string& text, Limits& limits) {
  if (name == "isspace") return all_of(text, unicode::is_python_space);
  if (name == "isprintable") return text.empty() || all_of(text, unicode::is_printable);
  if (name == "isascii") return is_ascii_text(text);
  if (name == "isupper" || name == "islower") {
    bool cased = false;
    const std::string same = name == "isupper" ? unicode::upper(text) : unicode::lower(text);
    for (size_t at = 0; at < text.size();) cased = unicode::is_cased(unicode::next(text, at)) || cased;
    if (!is_ascii_text(text)) limits.refuse(fmt::format("{} of what is not ASCII", name));
    return cased && same == text;
  }
  if (!is_ascii_text(text)) limits.refuse(fmt::format("{} of what is not ASCII", name));
  const auto digit = [](char32_t c) { return c >= '0' && c <= '9'; };
  const auto letter = [](char32_t c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  if (name == "isdigit" || name == "isdecimal" || name == "isnumeric") return all_of(text, digit);
  if (name == "isalpha") return all_of(text, letter);
  if (name == "isalnum")
    return all_of(text, [](char32_t c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); });
  limits.refuse(fmt::format("the method \"{}\"", shown(name)));
}

/// One conversion of a %-form: %[flags][width][.precision]letter.
std::string converted(const std::string& how, char letter, const Value& value, Limits& limits) {
  if (letter == 's' || letter == 'r') {
    const std::string text = letter == 's' ? str(value, limits) : repr(value, limits);
    if (how.empty()) return text;
    limits.refuse("a width of a text in a %-form");
  }
  if (how.size() > 6) limits.refuse("a width that large in a %-form");
  char out[512];
  if (letter == 'd' || letter == 'i' || letter == 'u' || letter == 'x' || letter == 'X' || letter == 'o') {
    if (letter != 'x' && letter != 'X' && letter != 'o' && value.as<double>()) limits.refuse("a float as %d");
    if (!value.integer()) limits.wrong(fmt::format("% of {}", type_of(value)));
    if ((letter == 'x' || letter == 'X' || letter == 'o') && *value.integer() < 0) limits.refuse("a negative number as %x");
    std::snprintf(out, sizeof out, ("%" + how + "ll" + (letter == 'u' ? 'd' : letter)).c_str(),
                  static_cast<long long>(*value.integer()));
    return out;
  }
  if (std::string_view("eEfFgG").find(letter) == std::string_view::npos)
    limits.refuse(fmt::format("the conversion %{}", shown(std::string(1, letter))));
  if (!value.number()) limits.wrong(fmt::format("% of {}", type_of(value)));
  if (std::snprintf(out, sizeof out, ("%" + how + letter).c_str(), *value.number()) >= int(sizeof out))
    limits.refuse("a number that large in a %-form");
  return out;
}

}  // namespace

bool is_text_method(const std::string& name) { return kMethods.contains(name); }

std::u32string characters_of(const std::string& text) {
  std::u32string all;
  for (size_t at = 0; at < text.size();) all += unicode::next(text, at);
  return all;
}
std::string text_of(const std::u32string& characters) {
  std::string text;
  for (const char32_t c : characters) unicode::append(text, c);
  return text;
}

std::string stripped(const std::string& text, bool left, bool right, const std::optional<std::string>& letters) {
  const std::u32string taken = letters ? characters_of(*letters) : U"";
  size_t begin = text.size(), end = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    const char32_t c = unicode::next(text, at);
    if (letters ? taken.find(c) != taken.npos : unicode::is_python_space(c)) continue;
    begin = std::min(begin, from);
    end = at;
  }
  if (begin >= end) return "";  // nothing but what is taken off
  return text.substr(left ? begin : 0, (right ? end : text.size()) - (left ? begin : 0));
}

std::string replaced(const std::string& text, const std::string& what, const std::string& with, int64_t at_most,
                     Limits& limits) {
  if (at_most < 0) at_most = INT64_MAX;
  std::string result;
  const auto put = [&](std::string_view part) {
    limits.text(0);
    if (result.size() + part.size() > Limits::kMaxText) limits.text(result.size() + part.size());
    result += part;
  };
  size_t from = 0;
  if (what.empty()) {  // before every character, and at the end
    for (; at_most > 0; --at_most) {
      put(with);
      if (from == text.size()) break;
      const size_t next = from + unicode::length(std::string_view(text).substr(from));
      put(std::string_view(text).substr(from, next - from));
      from = next;
    }
  } else {
    for (size_t at; at_most > 0 && (at = text.find(what, from)) != text.npos; from = at + what.size(), --at_most) {
      put(std::string_view(text).substr(from, at - from));
      put(with);
    }
  }
  put(std::string_view(text).substr(std::min(from, text.size())));
  limits.text(result.size() + text.size());
  return result;
}

std::vector<std::string> lines_of(const std::string& text, bool with_ends) {
  std::vector<std::string> lines;
  size_t from = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = at;
    const char32_t c = unicode::next(text, at);
    if (!((c >= 10 && c <= 13) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029)) continue;
    if (c == '\r' && at < text.size() && text[at] == '\n') ++at;
    lines.push_back(text.substr(from, (with_ends ? at : end) - from));
    from = at;
  }
  if (from < text.size()) lines.push_back(text.substr(from));
  return lines;
}

std::string percent(const std::string& form, const Arguments& arguments, Limits& limits) {
  std::string result;
  size_t next = 0;
  for (size_t at = 0; at < form.size(); ++at) {
    if (form[at] != '%') {
      result += form[at];
      continue;
    }
    if (++at == form.size()) limits.wrong("a %-form that is cut off");
    if (form[at] == '%') {
      result += '%';
      continue;
    }
    const Value* value = nullptr;
    if (form[at] == '(') {
      const size_t end = form.find(')', at);
      if (end == form.npos) limits.wrong("a %-form that is cut off");
      for (const auto& [name, named] : arguments.named)
        if (name == form.substr(at + 1, end - at - 1)) value = &named;
      at = end + 1;
    } else if (next < arguments.values.size()) {
      value = &arguments.values[next++];
    }
    const size_t letter = form.find_first_not_of("-+ #0123456789.", at);
    if (!value || letter == form.npos) limits.wrong("a %-form and its values do not fit");
    result += converted(form.substr(at, letter - at), form[letter], *value, limits);
    limits.text(result.size());
    at = letter;
  }
  if (next < arguments.values.size()) limits.wrong("a %-form and its values do not fit");
  return result;
}

Value text_method(const std::string& name, const std::string& text, const Arguments& arguments, Limits& limits) {
  limits.text(text.size());
  if (!arguments.named.empty() && name != "format" && name != "split" && name != "rsplit" && name != "splitlines")
    limits.wrong(fmt::format("{} takes no named arguments", name));
  if (name == "startswith" || name == "endswith") return has_end(name, text, arguments, limits);
  if (name == "find" || name == "rfind" || name == "index" || name == "rindex" || name == "count")
    return place_of(name, text, arguments, limits);
  if (name == "center" || name == "ljust" || name == "rjust") return padded(name, text, arguments, limits);
  if (name == "format") return formatted(text, arguments, limits);
  if (name == "split" || name == "rsplit")
    return split(text, Given(name, arguments, {"sep", "maxsplit"}, 0, limits), name == "rsplit", limits);
  if (name == "partition" || name == "rpartition")
    return partition(text, Given(name, arguments, {"sep"}, 1, limits).text(0), name == "rpartition", limits);
  if (name == "strip" || name == "lstrip" || name == "rstrip") {
    const Given given(name, arguments, {"chars"}, 0, limits);
    return stripped(text, name != "rstrip", name != "lstrip",
                    given[0] && !given[0]->is_none() ? std::optional(given.text(0)) : std::nullopt);
  }
  if (name == "replace") {
    const Given given(name, arguments, {"old", "new", "count"}, 2, limits);
    return replaced(text, given.text(0), given.text(1), given.integer(2, -1), limits);
  }
  if (name == "splitlines") {
    Values lines;
    for (std::string& line : lines_of(text, Given(name, arguments, {"keepends"}, 0, limits).flag(0)))
      lines.emplace_back(std::move(line));
    return list_of(std::move(lines), limits);
  }
  if (name == "join") {
    const Given given(name, arguments, {"iterable"}, 1, limits);
    std::string all;
    const Values items = items_of(*given[0], limits);
    for (size_t i = 0; i < items.size(); ++i) {
      if (!items[i].text()) limits.wrong(fmt::format("joins {}", type_of(items[i])));
      all += (i ? text : "") + *items[i].text();
      limits.text(all.size());
    }
    return all;
  }
  if (name == "removeprefix" || name == "removesuffix") {
    const std::string part = Given(name, arguments, {"part"}, 1, limits).text(0);
    if (name == "removeprefix") return text.starts_with(part) ? text.substr(part.size()) : text;
    return text.ends_with(part) ? text.substr(0, text.size() - part.size()) : text;
  }
  if (name == "zfill") {
    const Given given(name, arguments, {"width"}, 1, limits);
    const size_t sign = text.starts_with('-') || text.starts_with('+');
    const int64_t more = given.integer(0) - int64_t(unicode::count(text));
    if (more <= 0) return text;
    limits.text(size_t(more));
    return text.substr(0, sign) + std::string(size_t(more), '0') + text.substr(sign);
  }
  const Given none(name, arguments, {}, 0, limits);
  if (name == "upper") return unicode::upper(text);
  if (name == "lower") return unicode::lower(text);
  if (name == "capitalize") return unicode::capitalized(text);
  if (name == "title") return titled(text);
  return kind_of_text(name, text, limits);
}

}  // namespace fairfight::jinja
