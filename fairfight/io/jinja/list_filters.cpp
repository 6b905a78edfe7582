#include <fmt/format.h>

#include <algorithm>

#include "fairfight/io/jinja/arithmetic.h"
#include "fairfight/io/jinja/filter_table.h"
#include "fairfight/io/jinja/filters.h"
#include "fairfight/io/jinja/members.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/jinja/tests.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

// Filters on what has items.
namespace fairfight::jinja {
namespace {

using Form = Sequence::Form;

/// environment.getitem: a[b] before a.b.
Value looked_up(Value of, const Value& path, Limits& limits, const Value* otherwise = nullptr) {
  if (path.is_none()) return of;
  const auto step = [&](const Value& key) {
    of = item(of, key, limits);
    if (otherwise && !otherwise->is_none() && !of.is_defined()) of = *otherwise;
  };
  if (!path.text()) {
    step(path);
    return of;
  }
  for (size_t from = 0, at; from <= path.text()->size(); from = at + 1) {
    at = std::min(path.text()->find('.', from), path.text()->size());
    const std::string part = path.text()->substr(from, at - from);
    if (!part.empty() && part.size() < 10 && part.find_first_not_of("0123456789") == part.npos)
      step(int64_t(std::stoll(part)));
    else
      step(part);
  }
  return of;
}

Value without_case(const Value& value, bool case_sensitive) {
  return value.text() && !case_sensitive ? Value(unicode::lower(*value.text())) : value;
}

Values sorted(const Values& values, std::vector<Values> keys, bool backwards, Limits& limits) {
  std::vector<size_t> order(values.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto before = [&](size_t a, size_t b) {
    for (size_t i = 0; i < keys[a].size(); ++i)
      if (!equal(keys[a][i], keys[b][i], limits)) return less(keys[a][i], keys[b][i], limits);
    return false;
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return backwards ? before(b, a) : before(a, b); });
  Values result;
  for (const size_t i : order) result.push_back(values[i]);
  return result;
}

Value sort(const Use& use) {
  const Given given = use.given({"reverse", "case_sensitive", "attribute"});
  const Values values = use.items();
  std::vector<Value> paths;
  if (!given[2] || !given[2]->text())
    paths.push_back(given[2] ? *given[2] : Value(None()));
  else
    for (size_t from = 0, at; from <= given[2]->text()->size(); from = at + 1) {
      at = std::min(given[2]->text()->find(',', from), given[2]->text()->size());
      paths.emplace_back(given[2]->text()->substr(from, at - from));
    }
  std::vector<Values> keys;
  for (const Value& value : values) {
    keys.emplace_back();
    for (const Value& path : paths) keys.back().push_back(without_case(looked_up(value, path, use.limits), given.flag(1)));
  }
  return list_of(sorted(values, std::move(keys), given.flag(0), use.limits), use.limits);
}

Value sort_dict(const Use& use) {
  const Given given = use.given({"case_sensitive", "by", "reverse"});
  const Value& of = use.of;
  if (!of.dict()) use.limits.wrong(fmt::format("dictsort of {}", type_of(of)));
  const std::string by = given.text(1, "key");
  if (by != "key" && by != "value") use.limits.wrong("dictsort by neither \"key\" nor \"value\"");
  Values pairs;
  std::vector<Values> keys;
  for (const auto& [key, value] : of.dict()->all) {
    pairs.push_back(sequence_of({key, value}, Form::tuple, use.limits));
    keys.push_back({without_case(by == "key" ? key : value, given.flag(0))});
  }
  return list_of(sorted(pairs, std::move(keys), given.flag(2), use.limits), use.limits);
}

template <bool greatest>
Value extreme(const Use& use) {
  const Given given = use.given({"case_sensitive", "attribute"});
  const Values values = use.items();
  if (values.empty()) return Value::undefined("an empty list has no least and no greatest item");
  const auto key = [&](const Value& value) {
    return without_case(looked_up(value, given[1] ? *given[1] : Value(None()), use.limits), given.flag(0));
  };
  size_t best = 0;
  for (size_t i = 1; i < values.size(); ++i)
    if (greatest ? less(key(values[best]), key(values[i]), use.limits) : less(key(values[i]), key(values[best]), use.limits))
      best = i;
  return values[best];
}

Value unique(const Use& use) {
  const Given given = use.given({"case_sensitive", "attribute"});
  Values seen, kept;
  for (const Value& value : use.items()) {
    const Value key = without_case(looked_up(value, given[1] ? *given[1] : Value(None()), use.limits), given.flag(0));
    if (std::any_of(seen.begin(), seen.end(), [&](const Value& known) { return equal(known, key, use.limits); })) continue;
    seen.push_back(key);
    kept.push_back(value);
  }
  return sequence_of(std::move(kept), Form::iterator, use.limits);
}

Value map(const Use& use) {
  const Arguments& arguments = use.arguments;
  Values made;
  if (!is_true(use.of)) return sequence_of({}, Form::iterator, use.limits);
  const auto named = [&](const char* name) -> const Value* {
    for (const auto& [known, value] : arguments.named)
      if (known == name) return &value;
    return nullptr;
  };
  const Value* path = arguments.values.empty() ? named("attribute") : nullptr;
  if (path) {
    for (const auto& [name, value] : arguments.named)
      if (name != "attribute" && name != "default") use.limits.wrong(fmt::format("map has no argument \"{}\"", shown(name)));
    for (const Value& item : use.items()) made.push_back(looked_up(item, *path, use.limits, named("default")));
  } else {
    if (arguments.values.empty() || !arguments.values[0].text()) use.limits.wrong("map without a filter");
    const Arguments rest{{arguments.values.begin() + 1, arguments.values.end()}, arguments.named};
    for (const Value& item : use.items()) made.push_back(filter(*arguments.values[0].text(), item, rest, use.limits));
  }
  return sequence_of(std::move(made), Form::iterator, use.limits);
}

template <bool by_attribute, bool wanted>
Value select(const Use& use) {
  const Arguments& arguments = use.arguments;
  Values kept;
  if (!is_true(use.of)) return sequence_of({}, Form::iterator, use.limits);
  if (by_attribute && arguments.values.empty()) use.limits.wrong("selects by an attribute without its name");
  const size_t off = by_attribute;
  const bool tests = arguments.values.size() > off;
  if (tests && !arguments.values[off].text()) use.limits.wrong("selects by a test without its name");
  const Arguments rest{tests ? Values(arguments.values.begin() + ptrdiff_t(off) + 1, arguments.values.end()) : Values(),
                       arguments.named};
  for (const Value& item : use.items()) {
    const Value looked = by_attribute ? looked_up(item, arguments.values[0], use.limits) : item;
    if ((tests ? test(*arguments.values[off].text(), looked, rest, use.limits) : is_true(looked)) == wanted)
      kept.push_back(item);
  }
  return sequence_of(std::move(kept), Form::iterator, use.limits);
}

/// How many items a batch has, or how many slices there are.
size_t groups(const Given& given, Limits& limits) {
  const int64_t count = given.integer(0);
  if (count <= 0) limits.refuse("groups of no items");
  limits.items(size_t(count));
  return size_t(count);
}

Value in_batches(const Use& use) {
  const Given given = use.given({"linecount", "fill_with"}, 1);
  const Values all = use.items();
  const size_t count = groups(given, use.limits);
  Values batches;
  for (size_t at = 0; at < all.size(); at += count) {
    Values batch(all.begin() + ptrdiff_t(at), all.begin() + ptrdiff_t(std::min(all.size(), at + count)));
    if (given[1] && !given[1]->is_none()) batch.resize(count, *given[1]);
    batches.push_back(list_of(std::move(batch), use.limits));
  }
  return sequence_of(std::move(batches), Form::iterator, use.limits);
}

Value in_slices(const Use& use) {
  const Given given = use.given({"slices", "fill_with"}, 1);
  const Values all = use.items();
  const size_t count = groups(given, use.limits), each = all.size() / count, longer = all.size() % count;
  Values slices;
  for (size_t i = 0, at = 0; i < count; ++i) {
    const size_t end = at + each + (i < longer);
    Values slice(all.begin() + ptrdiff_t(at), all.begin() + ptrdiff_t(end));
    if (given[1] && !given[1]->is_none() && i >= longer) slice.push_back(*given[1]);
    slices.push_back(list_of(std::move(slice), use.limits));
    at = end;
  }
  return sequence_of(std::move(slices), Form::iterator, use.limits);
}

Value sum(const Use& use) {
  const Given given = use.given({"attribute", "start"});
  const Values values = use.items();
  Value total = given[1] ? *given[1] : Value(int64_t(0));
  if (total.text()) use.limits.wrong("sums up texts");
  bool has_reals = false;
  for (const Value& value : values) {
    const Value part = looked_up(value, given[0] ? *given[0] : Value(None()), use.limits);
    has_reals = has_reals || part.as<double>();
    total = arithmetic("+", total, part, use.limits);
  }
  if (has_reals && values.size() > 2) use.limits.refuse("sums up floats");  // newer Pythons round such a sum otherwise
  return total;
}

Value join(const Use& use) {
  const Given given = use.given({"d", "attribute"});
  const std::string by = given[0] ? str(*given[0], use.limits) : "";
  std::string all;
  bool first = true;
  for (const Value& value : use.items()) {
    if (!first) all += by;
    first = false;
    all += str(given[1] && !given[1]->is_none() ? looked_up(value, *given[1], use.limits) : value, use.limits);
    use.limits.text(all.size());
  }
  return all;
}

Value first(const Use& use) {
  const Given none = use.given();
  Sequence* list = use.of.sequence();
  if (list && list->form == Form::iterator && list->taken < list->all.size()) return list->all[list->taken++];
  const Values items = use.items();
  return items.empty() ? Value::undefined("an empty list has no first item") : items.front();
}

Value last(const Use& use) {
  const Given none = use.given();
  if (use.of.sequence() && use.of.sequence()->form == Form::iterator) use.limits.wrong("the last of an iterator");
  const Values items = use.items();
  return items.empty() ? Value::undefined("an empty list has no last item") : items.back();
}

Value pairs_of(const Use& use) {
  const Given none = use.given();
  if (!use.of.is_defined()) return sequence_of({}, Form::iterator, use.limits);
  if (!use.of.dict()) use.limits.wrong(fmt::format("items of {}", type_of(use.of)));
  const Value items = attribute(use.of, "items", use.limits).object()->call({}, use.limits);
  return sequence_of(items.sequence()->all, Form::iterator, use.limits);
}

Value length(const Use& use) {
  const Given none = use.given();
  const auto count = length_of(use.of);
  if (!count) use.limits.wrong(fmt::format("the length of {}", type_of(use.of)));
  return int64_t(*count);
}

Value to_list(const Use& use) {
  const Given none = use.given();
  return list_of(use.items(), use.limits);
}

Value reverse(const Use& use) {
  const Given none = use.given();
  Values items = use.items();
  std::reverse(items.begin(), items.end());
  if (use.of.text()) {
    std::string all;
    for (const Value& letter : items) all += *letter.text();
    return all;
  }
  if (use.of.sequence() && use.of.sequence()->form == Form::iterator) return list_of(std::move(items), use.limits);
  return sequence_of(std::move(items), Form::iterator, use.limits);
}

}  // namespace

Filters list_filters() {
  return {{"batch", in_batches},
          {"dictsort", sort_dict},
          {"first", first},
          {"items", pairs_of},
          {"join", join},
          {"last", last},
          {"length", length},
          {"list", to_list},
          {"map", map},
          {"max", extreme<true>},
          {"min", extreme<false>},
          {"reject", select<false, false>},
          {"rejectattr", select<true, false>},
          {"reverse", reverse},
          {"select", select<false, true>},
          {"selectattr", select<true, true>},
          {"slice", in_slices},
          {"sort", sort},
          {"sum", sum},
          {"unique", unique}};
}

}  // namespace fairfight::jinja
