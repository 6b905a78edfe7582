#include <fmt/format.h>

#include <algorithm>

#include "fairfight/io/jinja/arithmetic.h"
#include "fairfight/io/jinja/filter_table.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/jinja/text_methods.h"
#include "fairfight/io/tokenizer/unicode.h"

// Filters that give texts.
namespace fairfight::jinja {
namespace {

const std::string& plain_text(const Use& use) {
  if (!use.of.text()) use.limits.wrong(fmt::format("{} of {}", use.name, type_of(use.of)));
  if (use.of.as<Text>()->safe) use.limits.refuse(fmt::format("{} of a safe text", use.name));
  return *use.of.text();
}
/// soft_str: of a safe text what comes out would be safe, too.
std::string soft(const Use& use) { return use.of.text() ? plain_text(use) : str(use.of, use.limits); }

std::string spaces(int64_t count, Limits& limits) { return *arithmetic("*", " ", count, limits).text(); }

std::string escaped(const std::string& text, Limits& limits) {
  std::string result;
  for (const char c : text) {
    const size_t known = std::string_view("&<>'\"").find(c);
    constexpr const char* names[] = {"&amp;", "&lt;", "&gt;", "&#39;", "&#34;"};
    if (known == std::string_view::npos)
      result += c;
    else
      result += names[known];
  }
  limits.text(result.size());
  return result;
}

Value safe(std::string text) {
  Value value(std::move(text));
  std::get<Text>(value.is).safe = true;
  return value;
}

/// The title of jinja2, which is another one than Python's.
std::string titled_words(const std::string& text) {
  const auto splits = [](char32_t c) {
    return unicode::is_python_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  };
  std::string result;
  const std::u32string all = characters_of(text);
  for (size_t at = 0; at < all.size();) {
    size_t end = at + 1;
    while (end < all.size() && splits(all[end]) == splits(all[at])) ++end;
    result += unicode::upper(text_of(all.substr(at, 1))) + unicode::lower(text_of(all.substr(at + 1, end - at - 1)));
    at = end;
  }
  return result;
}

Value title(const Use& use) {
  const Given none = use.given();
  return titled_words(soft(use));
}

template <std::string (*change)(std::string_view)>
Value changed(const Use& use) {
  const Given none = use.given();
  return change(soft(use));
}

Value center(const Use& use) {
  const int64_t width = use.given({"width"}).integer(0, 80);
  return text_method("center", soft(use), {{width}, {}}, use.limits);
}

Value escape(const Use& use) {
  const Given none = use.given();
  return use.of.text() && use.of.as<Text>()->safe ? use.of : safe(escaped(str(use.of, use.limits), use.limits));
}

Value format(const Use& use) {
  if (!use.arguments.values.empty() && !use.arguments.named.empty())
    use.limits.wrong("format with named and other arguments");
  return percent(soft(use), use.arguments, use.limits);
}

Value indent(const Use& use) {
  const Given given = use.given({"width", "first", "blank"});
  const std::string& text = plain_text(use);
  const std::string by = given[0] && given[0]->text() ? *given[0]->text() : spaces(given.integer(0, 4), use.limits);
  const std::vector<std::string> lines = lines_of(text + "\n");
  std::string result = given.flag(1) ? by : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    use.limits.text(result.size() + by.size() + lines[i].size());
    result += (i ? "\n" : "") + (i && (given.flag(2) || !lines[i].empty()) ? by : "") + lines[i];
  }
  return result;
}

Value replace(const Use& use) {
  const Given given = use.given({"old", "new", "count"}, 2);
  return replaced(str(use.of, use.limits), str(*given[0], use.limits), str(*given[1], use.limits),
                  given[2] && !given[2]->is_none() ? given.integer(2) : -1, use.limits);
}

Value mark_safe(const Use& use) {
  const Given none = use.given();
  return safe(str(use.of, use.limits));
}

Value to_text(const Use& use) {
  const Given none = use.given();
  return use.of.text() ? use.of : Value(str(use.of, use.limits));
}

Value to_json_text(const Use& use) {
  const Given given = use.given({"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonForm form;
  form.ascii = given.flag(0);
  form.sorted = given.flag(3);
  if (given[1] && !given[1]->is_none()) {
    form.indent = given[1]->text() ? *given[1]->text() : spaces(given.integer(1), use.limits);
    form.comma = ",";
  }
  if (given[2] && !given[2]->is_none()) {
    const Values parts = items_of(*given[2], use.limits);
    if (parts.size() != 2 || !parts[0].text() || !parts[1].text()) use.limits.wrong("separators that are not two texts");
    form.comma = *parts[0].text();
    form.colon = *parts[1].text();
  }
  return to_json(use.of, form, use.limits);
}

Value trim(const Use& use) {
  const Given given = use.given({"chars"});
  return stripped(soft(use), true, true, given[0] && !given[0]->is_none() ? std::optional(given.text(0)) : std::nullopt);
}

Value truncate(const Use& use) {
  const Given given = use.given({"length", "killwords", "end", "leeway"});
  const std::string& text = plain_text(use);
  const std::u32string all = characters_of(text), end = characters_of(given.text(2, "..."));
  const int64_t length = given.integer(0, 255), leeway = given[3] && !given[3]->is_none() ? given.integer(3) : 5;
  if (length < int64_t(end.size()) || leeway < 0) use.limits.wrong("truncates to too little");
  if (int64_t(all.size()) <= length + leeway) return text;
  std::u32string kept = all.substr(0, size_t(length) - end.size());
  if (!given.flag(1)) kept = kept.substr(0, std::min(kept.rfind(U' '), kept.size()));
  return text_of(kept + end);
}

Value count_words(const Use& use) {
  const Given none = use.given();
  int64_t words = 0;
  bool inside = false;
  for (const char32_t c : characters_of(soft(use))) {
    if (c >= 0x80) use.limits.refuse("the words of what is not ASCII");
    const bool word = unicode::is_word(c);
    words += word && !inside;
    inside = word;
  }
  return words;
}

}  // namespace

Filters text_filters() {
  return {{"capitalize", changed<unicode::capitalized>},
          {"center", center},
          {"escape", escape},
          {"format", format},
          {"indent", indent},
          {"lower", changed<unicode::lower>},
          {"replace", replace},
          {"safe", mark_safe},
          {"string", to_text},
          {"title", title},
          {"tojson", to_json_text},
          {"trim", trim},
          {"truncate", truncate},
          {"upper", changed<unicode::upper>},
          {"wordcount", count_words}};
}

}  // namespace fairfight::jinja
