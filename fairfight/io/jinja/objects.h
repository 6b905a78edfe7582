#pragma once
#include <functional>
#include <map>

#include "fairfight/io/jinja/value.h"

// The objects that a template meets: functions and macros, namespaces, cyclers, and the variable of a loop. A method of one
// may be called when nobody holds the object itself any more, so it does.
namespace fairfight::jinja {

struct Function : Object {
  using Call = std::function<Value(const Arguments&, Limits&)>;
  Function(std::string name, Call run) : name(std::move(name)), run(std::move(run)) {}
  const char* type() const override { return "a function"; }
  bool callable() const override { return true; }
  std::optional<Value> attribute(const std::string& member, Limits& limits) override;
  Value call(const Arguments& arguments, Limits& limits) override { return run(arguments, limits); }

  const std::string name;
  const Call run;
};
Value function(std::string name, Function::Call run);

struct Namespace : Object {
  const char* type() const override { return "a namespace"; }
  std::optional<Value> attribute(const std::string& name, Limits& limits) override;
  void set(const std::string& name, Value value, Limits& limits);

  std::map<std::string, Value> names;
};

struct Cycler : Object, std::enable_shared_from_this<Cycler> {
  const char* type() const override { return "a cycler"; }
  std::optional<Value> attribute(const std::string& name, Limits& limits) override;

  Values items;
  size_t at = 0;
};

/// The variable `loop`, which takes its items one by one: what a condition says may hang on what the body has done.
struct Loop : Object, std::enable_shared_from_this<Loop> {
  const char* type() const override { return "a loop"; }
  bool callable() const override { return bool(recurse); }
  Value call(const Arguments& arguments, Limits& limits) override;
  std::optional<Value> attribute(const std::string& name, Limits& limits) override;
  bool advance();  // to the next item, which is `current` then
  void end();      // it may have seen itself: nobody would free it

  Values items;
  size_t at = 0;
  std::function<bool(const Value&)> test;
  std::function<Value(const Value&, int64_t depth)> recurse;
  Value before, current;
  int64_t index0 = -1, count = 0, depth = 0;

 private:
  std::optional<Value> next();
  std::optional<Value>& peek();
  int64_t length();

  std::optional<Value> after, seen;
  bool ended = false;
};

}  // namespace fairfight::jinja
