#include "fairfight/io/jinja/objects.h"

#include <fmt/format.h>

#include "fairfight/io/jinja/given.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {

std::optional<Value> Function::attribute(const std::string& member, Limits& limits) {
  for (const char* known :
       {"arguments", "caller", "catch_kwargs", "catch_varargs", "explicit_caller", "fromkeys", "name", "sep", "used"})
    if (member == known) limits.refuse(fmt::format("\"{}\" of {}", member, name));
  return std::nullopt;
}

Value function(std::string name, Function::Call run) {
  return std::shared_ptr<Object>(std::make_shared<Function>(std::move(name), std::move(run)));
}

std::optional<Value> Namespace::attribute(const std::string& name, Limits&) {
  const auto found = names.find(name);
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

void Namespace::set(const std::string& name, Value value, Limits& limits) {
  if (name.starts_with('_')) limits.wrong(fmt::format("sets \"{}\" of a namespace", shown(name)));
  names[name] = std::move(value);
}

std::optional<Value> Cycler::attribute(const std::string& name, Limits& limits) {
  if (name == "current") return items[at];
  if (name == "reset")
    return function(name, [self = shared_from_this()](const Arguments&, Limits&) -> Value { return self->at = 0, None(); });
  if (name != "next") limits.refuse(fmt::format("\"{}\" of a cycler", shown(name)));
  return function(name, [self = shared_from_this()](const Arguments&, Limits&) {
    const Value item = self->items[self->at];
    self->at = (self->at + 1) % self->items.size();
    return item;
  });
}

Value Loop::call(const Arguments& arguments, Limits& limits) {
  if (!recurse) limits.wrong("calls a loop that is not recursive");
  return recurse(*Given("loop", arguments, {"iterable"}, 1, limits)[0], depth + 1);
}

std::optional<Value> Loop::next() {
  while (at < items.size()) {
    Value item = items[at++];
    if (!test || test(item)) return item;
  }
  return std::nullopt;
}

std::optional<Value>& Loop::peek() {
  if (!after) after = next();
  return after;
}

bool Loop::advance() {
  auto item = after ? std::exchange(after, std::nullopt) : next();
  if (!item) return false;
  ++index0;
  before = std::exchange(current, std::move(*item));
  return true;
}

void Loop::end() {
  ended = true;
  seen.reset();
}

int64_t Loop::length() {
  if (test) {
    Values rest;
    while (auto item = next()) rest.push_back(std::move(*item));
    items = std::move(rest);
    count = int64_t(items.size()) + index0 + 1 + (after ? 1 : 0);
    at = 0;
    test = nullptr;
  }
  return count;
}

std::optional<Value> Loop::attribute(const std::string& name, Limits&) {
  if (name == "index0") return index0;
  if (name == "index") return index0 + 1;
  if (name == "first") return index0 == 0;
  if (name == "last") return !peek();
  if (name == "length") return length();
  if (name == "revindex") return length() - index0;
  if (name == "revindex0") return length() - index0 - 1;
  if (name == "depth0") return depth;
  if (name == "depth") return depth + 1;
  if (name == "previtem") return index0 == 0 ? Value::undefined("there is no previous item") : before;
  if (name == "nextitem") return peek() ? *peek() : Value::undefined("there is no next item");
  if (name == "cycle")
    return function(name, [self = shared_from_this()](const Arguments& a, Limits& limits) {
      if (a.values.empty()) limits.wrong("cycles through nothing");
      return a.values[size_t(self->index0) % a.values.size()];
    });
  if (name == "changed")
    return function(name, [self = shared_from_this()](const Arguments& a, Limits& limits) {
      if (self->ended) limits.refuse("\"changed\" of a loop that is over");
      const Value now = sequence_of(a.values, Sequence::Form::tuple, limits);
      const bool same = self->seen && equal(*self->seen, now, limits);
      self->seen = now;
      return Value(!same);
    });
  return std::nullopt;
}

}  // namespace fairfight::jinja
