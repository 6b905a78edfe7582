#include "fairfight/io/jinja/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;
constexpr size_t kMostLevels = 100;

bool is_view(Form form) { return form == Form::keys || form == Form::values || form == Form::items; }

size_t levels_of(const Value& value) {
  return value.sequence() ? value.sequence()->levels : value.dict() ? value.dict()->levels
                                                                    : 0;
}

/// Wide enough for every integer and every double, so that they compare as exactly as Python has them.
long double wide(const Value& value) {
  const auto whole = value.integer();
  return whole ? static_cast<long double>(*whole) : static_cast<long double>(*value.number());
}

bool same_items(const Values& left, const Values& right, Limits& limits) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i)
    if (!equal(left[i], right[i], limits)) return false;
  return true;
}

void require_key(const Value& key, const Limits& limits) {
  const Sequence* list = key.sequence();
  if (key.dict() || (list && list->form == Form::list)) limits.wrong(fmt::format("{} as a key", type_of(key)));
  if (list && list->form != Form::tuple) limits.refuse(fmt::format("{} as a key", type_of(key)));
}

}  // namespace

std::string type_of(const Value& value) {
  if (!value.is_defined()) return "what is not defined";
  if (value.is_none()) return "none";
  if (value.as<bool>()) return "a boolean";
  if (value.as<int64_t>()) return "an integer";
  if (value.as<double>()) return "a float";
  if (value.text()) return "a text";
  if (value.dict()) return "a dict";
  if (value.object()) return value.object()->type();
  constexpr const char* names[] = {"a list", "a tuple", "a range", "a dict's keys",
                                   "a dict's values", "a dict's items", "an iterator"};
  return names[size_t(value.sequence()->form)];
}

bool is_true(const Value& value) {
  if (const auto number = value.number()) return *number != 0;
  if (value.text()) return !value.text()->empty();
  if (const Sequence* list = value.sequence()) return list->form == Form::iterator || !list->all.empty();
  if (value.dict()) return !value.dict()->all.empty();
  return value.object();
}

bool equal(const Value& left, const Value& right, Limits& limits) {
  const Limits::Deeper deeper(limits);
  limits.step();
  if (left.number() && right.number()) return wide(left) == wide(right);
  if (left.text() && right.text()) return *left.text() == *right.text();
  if (left.sequence() && right.sequence()) {
    const Form form = left.sequence()->form;
    if (left.sequence() == right.sequence()) return true;
    if (form == Form::iterator || form == Form::values || form != right.sequence()->form) {
      if (is_view(form) && is_view(right.sequence()->form) && form != right.sequence()->form)
        limits.refuse("compares views of dicts");
      return false;
    }
    if (is_view(form)) limits.refuse("compares views of dicts");
    return same_items(left.sequence()->all, right.sequence()->all, limits);
  }
  if (left.dict() && right.dict()) {
    if (left.dict()->all.size() != right.dict()->all.size()) return false;
    for (const auto& [key, value] : left.dict()->all) {
      const Value* other = find(*right.dict(), key, limits);
      if (!other || !equal(value, *other, limits)) return false;
    }
    return true;
  }
  if (left.object() || right.object()) return left.object() == right.object();
  return left.is.index() == right.is.index();  // both none, or both not defined
}

bool less(const Value& left, const Value& right, Limits& limits) {
  const Limits::Deeper deeper(limits);
  limits.step();
  if (left.number() && right.number()) return wide(left) < wide(right);
  if (left.text() && right.text())
    return *left.text() < *right.text();  // bytes of UTF-8 are ordered as their characters are
  const Sequence *l = left.sequence(), *r = right.sequence();
  if (l && r && l->form == r->form && (l->form == Form::list || l->form == Form::tuple)) {
    for (size_t i = 0; i < std::min(l->all.size(), r->all.size()); ++i)
      if (!equal(l->all[i], r->all[i], limits)) return less(l->all[i], r->all[i], limits);
    return l->all.size() < r->all.size();
  }
  if (l && r && is_view(l->form) && is_view(r->form)) limits.refuse("compares views of dicts");
  limits.wrong(fmt::format("compares {} with {}", type_of(left), type_of(right)));
}

bool contains(const Value& in, const Value& what, Limits& limits) {
  if (in.text()) {
    if (!what.text()) limits.wrong(fmt::format("asks whether {} is in a text", type_of(what)));
    limits.text(in.text()->size());
    return in.text()->find(*what.text()) != std::string::npos;
  }
  if (in.dict()) return find(*in.dict(), what, limits);
  if (Sequence* list = in.sequence(); list && list->form == Form::iterator) {
    while (list->taken < list->all.size())
      if (equal(list->all[list->taken++], what, limits)) return true;
    return false;
  }
  const Values items = items_of(in, limits);
  return std::any_of(items.begin(), items.end(), [&](const Value& item) { return equal(item, what, limits); });
}

Value sequence_of(Values values, Form form, Limits& limits) {
  limits.items(values.size());
  auto list = std::make_shared<Sequence>();
  list->form = form;
  for (const Value& item : values) list->levels = std::max(list->levels, 1 + levels_of(item));
  if (list->levels > kMostLevels) limits.wrong("makes lists that are nested too deeply");
  list->all = std::move(values);
  return list;
}
Value list_of(Values values, Limits& limits) { return sequence_of(std::move(values), Form::list, limits); }

Value dict_of(const std::vector<std::pair<Value, Value>>& pairs, Limits& limits) {
  limits.items(pairs.size());
  auto dict = std::make_shared<Dict>();
  for (const auto& [key, value] : pairs) {
    require_key(key, limits);
    dict->levels = std::max({dict->levels, 1 + levels_of(key), 1 + levels_of(value)});
    if (const Value* known = find(*dict, key, limits))
      const_cast<Value&>(*known) = value;
    else
      dict->all.emplace_back(key, value);
  }
  if (dict->levels > kMostLevels) limits.wrong("makes dicts that are nested too deeply");
  return dict;
}

const Value* find(const Dict& dict, const Value& key, Limits& limits) {
  require_key(key, limits);
  for (const auto& [known, value] : dict.all)
    if (known.is.index() == key.is.index() || known.number() ? equal(known, key, limits) : false) return &value;
  return nullptr;
}

bool is_iterable(const Value& value) { return !value.is_defined() || value.text() || value.sequence() || value.dict(); }

Values items_of(const Value& value, Limits& limits) {
  Values items;
  if (Sequence* list = value.sequence()) {
    limits.items(list->all.size());
    items.assign(list->all.begin() + ptrdiff_t(list->taken), list->all.end());
    if (list->form == Form::iterator) list->taken = list->all.size();
  } else if (const Dict* dict = value.dict()) {
    limits.items(dict->all.size());
    for (const auto& pair : dict->all) items.push_back(pair.first);
  } else if (const std::string* text = value.text()) {
    if (value.as<Text>()->safe) limits.refuse("goes through a safe text");
    limits.items(unicode::count(*text));
    for (size_t at = 0; at < text->size();) {
      const size_t from = at;
      unicode::next(*text, at);
      items.emplace_back(text->substr(from, at - from));
    }
  } else if (value.object()) {
    limits.refuse(fmt::format("goes through {}", type_of(value)));
  } else if (value.is_defined()) {
    limits.wrong(fmt::format("goes through {}", type_of(value)));
  }
  return items;
}

std::optional<size_t> length_of(const Value& value) {
  if (!value.is_defined()) return 0;
  if (value.text()) return unicode::count(*value.text());
  if (value.dict()) return value.dict()->all.size();
  if (value.sequence() && value.sequence()->form != Form::iterator) return value.sequence()->all.size();
  return std::nullopt;
}

std::vector<size_t> slice_of(size_t size, const Value& from, const Value& to, const Value& by, Limits& limits) {
  const auto whole = [&](const Value& value, int64_t otherwise) {
    if (value.is_none()) return otherwise;
    const auto number = value.integer();
    if (!number) limits.wrong(fmt::format("a slice by {}", type_of(value)));
    return std::clamp<int64_t>(*number, -int64_t(Limits::kMaxText) - 1, int64_t(Limits::kMaxText) + 1);
  };
  const int64_t step = whole(by, 1), count = int64_t(size), low = step > 0 ? 0 : -1, high = step > 0 ? count : count - 1;
  if (step == 0) limits.wrong("a slice in steps of zero");
  const auto place = [&](const Value& value, int64_t otherwise) {
    const int64_t at = whole(value, otherwise);
    return value.is_none() ? at : std::clamp(at < 0 ? at + count : at, low, high);
  };
  const int64_t begin = place(from, step > 0 ? 0 : count - 1), end = place(to, step > 0 ? count : -1);
  std::vector<size_t> indices;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) indices.push_back(size_t(i));
  limits.step(indices.size() / 16);
  return indices;
}

}  // namespace fairfight::jinja
