#include "fairfight/io/tokenizer/template_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/template_library.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight::jinja {
namespace {

struct Scope {
  std::map<std::string, Value> names = {};
  std::shared_ptr<Scope> outer = {};
};

struct Function : Object {
  using Call = std::function<Value(const Arguments&, Limits&)>;
  Function(std::string name, Call run) : name(std::move(name)), run(std::move(run)) {}
  const char* type() const override { return "a function"; }
  bool callable() const override { return true; }
  std::optional<Value> attribute(const std::string& member, Limits& limits) override {
    for (const char* known :
         {"arguments", "caller", "catch_kwargs", "catch_varargs", "explicit_caller", "fromkeys", "name", "sep", "used"})
      if (member == known) limits.refuse(fmt::format("\"{}\" of {}", member, name));
    return std::nullopt;
  }
  Value call(const Arguments& arguments, Limits& limits) override { return run(arguments, limits); }

  const std::string name;
  const Call run;
};
Value function(std::string name, Function::Call run) {
  return std::shared_ptr<Object>(std::make_shared<Function>(std::move(name), std::move(run)));
}

struct Namespace : Object {
  const char* type() const override { return "a namespace"; }
  std::optional<Value> attribute(const std::string& name, Limits&) override {
    const auto found = names.find(name);
    return found == names.end() ? std::nullopt : std::optional(found->second);
  }
  void set(const std::string& name, Value value, Limits& limits) {
    if (name.starts_with('_')) limits.wrong(fmt::format("sets \"{}\" of a namespace", shown(name)));
    names[name] = std::move(value);
  }

  std::map<std::string, Value> names;
};

struct Cycler : Object {
  const char* type() const override { return "a cycler"; }
  std::optional<Value> attribute(const std::string& name, Limits& limits) override {
    if (name == "current") return items[at];
    if (name == "reset") return function(name, [this](const Arguments&, Limits&) -> Value { return at = 0, None(); });
    if (name != "next") limits.refuse(fmt::format("\"{}\" of a cycler", shown(name)));
    return function(name, [this](const Arguments&, Limits&) {
      const Value item = items[at];
      at = (at + 1) % items.size();
      return item;
    });
  }

  Values items;
  size_t at = 0;
};

/// The variable `loop`, which takes its items one by one: what a condition says may hang on what the body has done.
struct Loop : Object {
  const char* type() const override { return "a loop"; }
  bool callable() const override { return bool(recurse); }
  Value call(const Arguments& arguments, Limits& limits) override {
    if (!recurse) limits.wrong("calls a loop that is not recursive");
    return recurse(*Given("loop", arguments, {"iterable"}, 1, limits)[0], depth + 1);
  }
  std::optional<Value> next() {
    while (at < items.size()) {
      Value item = items[at++];
      if (!test || test(item)) return item;
    }
    return std::nullopt;
  }
  std::optional<Value>& peek() {
    if (!after) after = next();
    return after;
  }
  bool advance() {
    auto item = after ? std::exchange(after, std::nullopt) : next();
    if (!item) return false;
    ++index0;
    before = std::exchange(current, std::move(*item));
    return true;
  }
  int64_t length() {
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
  std::optional<Value> attribute(const std::string& name, Limits&) override {
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
      return function(name, [this](const Arguments& a, Limits& limits) {
        if (a.values.empty()) limits.wrong("cycles through nothing");
        return a.values[size_t(index0) % a.values.size()];
      });
    if (name == "changed")
      return function(name, [this](const Arguments& a, Limits& limits) {
        const Value now = sequence_of(a.values, Sequence::Form::tuple, limits);
        const bool same = seen && equal(*seen, now, limits);
        seen = now;
        return Value(!same);
      });
    return std::nullopt;
  }

  Values items;
  size_t at = 0;
  std::function<bool(const Value&)> test;
  std::function<Value(const Value&, int64_t depth)> recurse;
  std::optional<Value> after, seen;
  Value before, current;
  int64_t index0 = -1, count = 0, depth = 0;
};

class Run {
 public:
  Run(const std::map<std::string, Value>& variables, const std::function<std::tm()>& now, const std::string& what)
      : limits_(what), what_(what), now_(now) {
    scope_ = std::make_shared<Scope>();
    define_globals();
    for (const auto& [name, value] : variables) scope_->names[name] = value;
  }
  ~Run() {  // macros and namespaces may hold each other
    for (const auto& scope : kept_) scope->names.clear();
    for (const auto& space : spaces_) space->names.clear();
  }
  Run(const Run&) = delete;

  std::string whole(const Block& block) {
    return captured([&] { inner(block); });
  }

 private:
  enum class Flow { on, leave, proceed };
  using What = Statement::What;

  // --- scopes and what is written
  class Entered {
   public:
    Entered(Run& run, std::shared_ptr<Scope> outer)
        : run_(run), before_(std::exchange(run.scope_, std::make_shared<Scope>(Scope{{}, std::move(outer)}))) {}
    ~Entered() { run_.scope_ = std::move(before_); }

   private:
    Run& run_;
    std::shared_ptr<Scope> before_;
  };
  void define(const std::string& name, Value value) { scope_->names[name] = std::move(value); }
  void hide(const Block& block) {
    for (const std::string& name : block.hidden) define(name, undefined(name));
  }
  static Value undefined(const std::string& name) {
    return Value::undefined(fmt::format("\"{}\" is not defined", shown(name)));
  }
  Value found(const std::string& name) const {
    for (const Scope* scope = scope_.get(); scope; scope = scope->outer.get())
      if (const auto found = scope->names.find(name); found != scope->names.end()) return found->second;
    return undefined(name);
  }
  template <class Write>
  std::string captured(Write write) {
    std::string text;
    std::string* before = std::exchange(out_, &text);
    try {
      write();
    } catch (...) {
      out_ = before;
      throw;
    }
    out_ = before;
    return text;
  }
  void put(std::string_view text) {
    if (out_->size() + text.size() > Limits::kMaxText)
      fail("[chat_template] {}: writes more than {} bytes", what_, Limits::kMaxText);
    limits_.step(text.size() / 64);
    *out_ += text;
  }

  // --- statements
  /// A block in a scope of its own.
  Flow inner(const Block& block) {
    const Entered entered(*this, scope_);
    hide(block);
    return run(block);
  }
  Flow run(const Block& block) {
    const Limits::Deeper deeper(limits_);
    for (const Statement& s : block.statements)
      if (const Flow flow = run(s); flow != Flow::on) return flow;
    return Flow::on;
  }
  Flow run(const Statement& s) {
    limits_.step();
    switch (s.what) {
      case What::text:
        put(s.text);
        break;
      case What::output:
        for (const Tree& e : s.expressions) put(str(value(*e), limits_));
        break;
      case What::set:
        assign(*s.targets[0], value(*s.expressions[0]));
        break;
      case What::set_block:
      case What::filter: {
        Flow flow = Flow::on;
        const Entered entered(*this, scope_);
        hide(s.blocks[0]);
        Value made = captured([&] { flow = run(s.blocks[0]); });
        if (flow != Flow::on) return flow;
        if (!s.expressions.empty()) made = filtered(*s.expressions[0], std::move(made));
        if (s.what == What::filter)
          put(str(made, limits_));
        else
          outside([&] { assign(*s.targets[0], made); });
        break;
      }
      case What::for_each:
        return loop(s, value(*s.expressions[0]), scope_, 0);
      case What::branch:
        for (size_t i = 0; i < s.blocks.size(); ++i)
          if (i >= s.expressions.size() || is_true(value(*s.expressions[i]))) return run(s.blocks[i]);
        break;
      case What::macro:
        define(s.text, macro(s));
        break;
      case What::call: {
        const Value caller = macro(s);
        put(str(call(*s.targets[0], &caller), limits_));
        break;
      }
      case What::with: {
        Values values;
        for (const Tree& e : s.expressions) values.push_back(value(*e));
        const Entered entered(*this, scope_);
        for (size_t i = 0; i < values.size(); ++i) assign(*s.targets[i], values[i]);
        hide(s.blocks[0]);
        return run(s.blocks[0]);
      }
      case What::generation:
        inner(s.blocks[0]);
        break;
      case What::leave:
        return Flow::leave;
      case What::proceed:
        return Flow::proceed;
    }
    return Flow::on;
  }
  /// Does something in the scope around this one.
  template <class Act>
  void outside(Act act) {
    const std::shared_ptr<Scope> here = std::exchange(scope_, scope_->outer);
    act();
    scope_ = here;
  }
  void assign(const Expression& target, const Value& made) {
    if (target.kind == Kind::name) return define(target.text, made);
    if (target.kind == Kind::space) {
      const Value holder = found(target.text);
      auto* space = dynamic_cast<Namespace*>(holder.object());
      if (!space) limits_.wrong(fmt::format("sets a member of \"{}\", which is no namespace", shown(target.text)));
      return space->set(target.names[0], made, limits_);
    }
    const Values parts = items_of(made, limits_);
    if (parts.size() != target.children.size())
      limits_.wrong(fmt::format("takes {} values apart as {}", parts.size(), target.children.size()));
    for (size_t i = 0; i < parts.size(); ++i) assign(*target.children[i], parts[i]);
  }

  Flow loop(const Statement& s, const Value& through, const std::shared_ptr<Scope>& outer, int64_t depth) {
    const auto state = std::make_shared<Loop>();
    state->items = items_of(through, limits_);
    state->count = int64_t(state->items.size());
    state->depth = depth;
    if (s.expressions.size() > 1)
      state->test = [&, outer](const Value& item) {
        const Entered entered(*this, outer);
        assign(*s.targets[0], item);
        return is_true(value(*s.expressions[1]));
      };
    if (s.recursive)
      state->recurse = [this, &s, outer](const Value& items, int64_t deeper) {
        return Value(captured([&] { loop(s, items, outer, deeper); }));
      };
    bool any = false;  // whether a body came to its end; else jinja2 says what stands behind `else`, after a break, too
    while (state->advance()) {
      limits_.step();
      const Entered entered(*this, outer);
      define("loop", std::shared_ptr<Object>(state));
      assign(*s.targets[0], state->current);
      hide(s.blocks[0]);
      const Flow flow = run(s.blocks[0]);
      if (flow == Flow::leave) break;
      any = any || flow == Flow::on;
    }
    if (any || s.blocks.size() == 1) return Flow::on;
    const Entered entered(*this, outer);
    hide(s.blocks[1]);
    return run(s.blocks[1]);
  }

  Value macro(const Statement& s) {
    kept_.push_back(scope_);
    return function(
        fmt::format("the macro \"{}\"", shown(s.text)),
        [this, &s, scope = scope_](const Arguments& arguments, Limits&) { return Value(expanded(s, scope, arguments)); });
  }
  std::string expanded(const Statement& s, const std::shared_ptr<Scope>& scope, const Arguments& given) {
    const Limits::Deeper deeper(limits_);
    const Entered entered(*this, scope);
    Named rest = given.named;
    const auto take = [&](const std::string& name) -> std::optional<Value> {
      const auto found = std::find_if(rest.begin(), rest.end(), [&](const auto& pair) { return pair.first == name; });
      if (found == rest.end()) return std::nullopt;
      Value value = found->second;
      rest.erase(found);
      return value;
    };
    std::vector<std::optional<Value>> values(s.names.size());
    for (size_t i = 0; i < values.size(); ++i) values[i] = i < given.values.size() ? given.values[i] : take(s.names[i]);
    if (s.uses_caller)
      define("caller", take("caller").value_or(Value::undefined("nobody calls this macro in a call block")));
    if (s.uses_named) {
      std::vector<std::pair<Value, Value>> pairs;
      for (auto& [name, value] : rest) pairs.emplace_back(name, value);
      define("kwargs", dict_of(pairs, limits_));
    } else if (!rest.empty()) {
      limits_.wrong(fmt::format("the macro \"{}\" has no argument \"{}\"", shown(s.text), shown(rest[0].first)));
    }
    const size_t named = std::min(given.values.size(), values.size());
    if (s.uses_list)
      define("varargs", sequence_of(Values(given.values.begin() + ptrdiff_t(named), given.values.end()),
                                    Sequence::Form::tuple, limits_));
    else if (given.values.size() > named)
      limits_.wrong(fmt::format("the macro \"{}\" takes at most {} arguments", shown(s.text), values.size()));
    const size_t first_default = values.size() - s.expressions.size();
    for (size_t i = 0; i < values.size(); ++i) {
      if (!values[i])
        values[i] = i < first_default ? Value::undefined(fmt::format("the argument \"{}\" was not given", shown(s.names[i])))
                                      : value(*s.expressions[i - first_default]);
      define(s.names[i], *values[i]);
    }
    hide(s.blocks[0]);
    return captured([&] { run(s.blocks[0]); });
  }

  // --- expressions
  Value value(const Expression& e) {
    const Limits::Deeper deeper(limits_);
    limits_.step();
    const auto child = [&](size_t i) { return value(*e.children[i]); };
    switch (e.kind) {
      case Kind::constant:
        return e.constant;
      case Kind::name:
        return found(e.text);
      case Kind::attribute:
        return attribute(child(0), e.text, limits_);
      case Kind::item:
        if (e.children[1]->kind == Kind::slice) return sliced(child(0), *e.children[1]);
        return item_of(child(0), *e.children[1]);
      case Kind::slice:
        limits_.refuse("a slice among others");
      case Kind::list:
      case Kind::tuple: {
        Values all;
        for (size_t i = 0; i < e.children.size(); ++i) all.push_back(child(i));
        return sequence_of(std::move(all), e.kind == Kind::list ? Sequence::Form::list : Sequence::Form::tuple, limits_);
      }
      case Kind::dict: {
        std::vector<std::pair<Value, Value>> pairs;
        for (size_t i = 0; i < e.children.size(); i += 2) {
          Value key = child(i);
          pairs.emplace_back(std::move(key), child(i + 1));
        }
        return dict_of(pairs, limits_);
      }
      case Kind::call:
        return call(e, nullptr);
      case Kind::filter: {
        const Value of = e.children[0] ? child(0) : *input_;
        return jinja::filter(e.text, of, arguments(e), limits_);
      }
      case Kind::test: {
        const Value of = child(0);
        return jinja::test(e.text, of, arguments(e), limits_);
      }
      case Kind::unary:
        return unary(e.text, child(0));
      case Kind::binary: {
        const Value left = child(0);
        return arithmetic(e.text, left, child(1), limits_);
      }
      case Kind::both:
      case Kind::either: {
        Value left = child(0);
        return is_true(left) == (e.kind == Kind::either) ? left : child(1);
      }
      case Kind::concat: {
        std::string all;
        for (size_t i = 0; i < e.children.size(); ++i) {
          all += str(child(i), limits_);
          limits_.text(all.size());
        }
        return all;
      }
      case Kind::compare:
        return compared(e);
      case Kind::choice:
        return is_true(child(1))       ? child(0)
               : e.children.size() > 2 ? child(2)
                                       : Value::undefined("an \"if\" without \"else\" chose nothing");
      case Kind::space:
        break;
    }
    limits_.wrong("has an odd expression");
  }
  Value item_of(const Value& of, const Expression& key) { return item(of, value(key), limits_); }
  Value filtered(const Expression& filter, Value input) {
    input_ = &input;
    return value(filter);
  }
  Value unary(const std::string& sign, const Value& of) {
    if (sign == "not") return !is_true(of);
    if (const auto* real = of.as<double>()) return sign == "-" ? -*real : *real;
    if (!of.integer()) limits_.wrong(fmt::format("\"{}\" of {}", sign, type_of(of)));
    return sign == "-" ? arithmetic("-", int64_t(0), of, limits_) : Value(*of.integer());
  }
  Value compared(const Expression& e) {
    Value left = value(*e.children[0]);
    for (size_t i = 0; i < e.names.size(); ++i) {
      Value right = value(*e.children[i + 1]);
      if (!holds(e.names[i], left, right)) return false;
      left = std::move(right);
    }
    return true;
  }
  bool holds(const std::string& sign, const Value& left, const Value& right) {
    if (sign == "==" || sign == "!=") return equal(left, right, limits_) == (sign == "==");
    if (sign == "in" || sign == "not in") return contains(right, left, limits_) == (sign == "in");
    if (sign == "<" || sign == ">") return sign == "<" ? less(left, right, limits_) : less(right, left, limits_);
    return (sign == "<=" ? less(left, right, limits_) : less(right, left, limits_)) || equal(left, right, limits_);
  }
  Value sliced(const Value& of, const Expression& slice) {
    const Value from = value(*slice.children[0]), to = value(*slice.children[1]), step = value(*slice.children[2]);
    if (const std::string* text = of.text()) {
      if (of.as<Text>()->safe) limits_.refuse("a slice of a safe text");
      std::vector<size_t> starts;
      limits_.text(text->size());
      for (size_t at = 0; at < text->size(); unicode::next(*text, at)) starts.push_back(at);
      std::string part;
      for (const size_t i : slice_of(starts.size(), from, to, step, limits_))
        part += text->substr(starts[i], (i + 1 < starts.size() ? starts[i + 1] : text->size()) - starts[i]);
      return part;
    }
    if (!of.is_defined()) limits_.wrong("a slice of what is not defined");
    const Sequence* list = of.sequence();
    if (!list || list->form > Sequence::Form::range) return Value::undefined(fmt::format("a slice of {}", type_of(of)));
    if (list->form == Sequence::Form::range) limits_.refuse("a slice of a range");
    Values part;
    for (const size_t i : slice_of(list->all.size(), from, to, step, limits_)) part.push_back(list->all[i]);
    return sequence_of(std::move(part), list->form, limits_);
  }

  Arguments arguments(const Expression& e) {
    Arguments all;
    for (size_t i = 1; i < e.children.size(); ++i) {
      const size_t behind = e.children.size() - i;
      if (behind <= e.names.size())
        all.named.emplace_back(e.names[e.names.size() - behind], value(*e.children[i]));
      else
        all.values.push_back(value(*e.children[i]));
    }
    if (e.list)
      for (Value& more : items_of(value(*e.list), limits_)) all.values.push_back(std::move(more));
    if (e.named) {
      const Value more = value(*e.named);
      if (!more.dict()) limits_.wrong(fmt::format("takes named arguments from {}", type_of(more)));
      for (const auto& [key, named] : more.dict()->all) {
        const auto known = [&](const auto& pair) { return pair.first == *key.text(); };
        if (!key.text() || std::any_of(all.named.begin(), all.named.end(), known))
          limits_.wrong("has a named argument twice, or one whose name is no text");
        all.named.emplace_back(*key.text(), named);
      }
    }
    return all;
  }
  Value call(const Expression& e, const Value* caller) {
    const Value called = value(*e.children[0]);
    Arguments given = arguments(e);
    if (caller) given.named.emplace_back("caller", *caller);
    if (const auto* missing = called.as<Undefined>())
      limits_.wrong(fmt::format("calls what is not defined{}", missing->why ? ": " + *missing->why : ""));
    if (!called.object() || !called.object()->callable()) limits_.wrong(fmt::format("calls {}", type_of(called)));
    return called.object()->call(given, limits_);
  }

  // --- what is there from the start
  void define_globals() {
    const auto add = [&](const char* name, Function::Call call) { define(name, function(name, std::move(call))); };
    add("raise_exception", [this](const Arguments& a, Limits& limits) -> Value {
      fail("[chat_template] {}: refuses these messages: {}", what_,
           shown(str(*Given("raise_exception", a, {"message"}, 1, limits)[0], limits)));
    });
    add("strftime_now", [this](const Arguments& a, Limits& limits) -> Value {
      return time(Given("strftime_now", a, {"format"}, 1, limits).text(0));
    });
    add("lipsum", [](const Arguments&, Limits& limits) -> Value { limits.refuse("the function \"lipsum\""); });
    add("range", [](const Arguments& a, Limits& limits) { return range(a, limits); });
    add("dict", [](const Arguments& a, Limits& limits) { return dict_of(pairs(a, limits), limits); });
    add("joiner", [](const Arguments& a, Limits& limits) {
      const Given given("joiner", a, {"sep"}, 0, limits);
      return function("a joiner",
                      [by = given[0] ? *given[0] : Value(", "), used = false](const Arguments&, Limits&) mutable {
                        return std::exchange(used, true) ? by : Value("");
                      });
    });
    add("cycler", [](const Arguments& a, Limits& limits) {
      if (a.values.empty() || !a.named.empty()) limits.wrong("a cycler of nothing");
      const auto made = std::make_shared<Cycler>();
      made->items = a.values;
      return Value(std::shared_ptr<Object>(made));
    });
    add("namespace", [this](const Arguments& a, Limits& limits) {
      const auto made = std::make_shared<Namespace>();
      for (const auto& [key, value] : pairs(a, limits)) {
        if (!key.text()) limits.refuse("a namespace with names that are no texts");
        made->set(*key.text(), value, limits);
      }
      spaces_.push_back(made);
      return Value(std::shared_ptr<Object>(made));
    });
  }
  /// The arguments of Python's dict.
  static std::vector<std::pair<Value, Value>> pairs(const Arguments& a, Limits& limits) {
    std::vector<std::pair<Value, Value>> all;
    if (a.values.size() > 1) limits.wrong("dict takes at most 1 argument");
    if (!a.values.empty() && a.values[0].dict()) {
      all = a.values[0].dict()->all;
    } else if (!a.values.empty()) {
      for (const Value& pair : items_of(a.values[0], limits)) {
        const Values parts = items_of(pair, limits);
        if (parts.size() != 2) limits.wrong("a dict of what are no pairs");
        all.emplace_back(parts[0], parts[1]);
      }
    }
    for (const auto& [name, value] : a.named) all.emplace_back(name, value);
    return all;
  }
  static Value range(const Arguments& a, Limits& limits) {
    const Given given("range", a, {"start", "stop", "step"}, 1, limits);
    if (!a.named.empty()) limits.wrong("range takes no named arguments");
    const int64_t from = given[1] ? given.integer(0) : 0, to = given[1] ? given.integer(1) : given.integer(0),
                  step = given.integer(2, 1);
    constexpr int64_t most = int64_t(1) << 40;
    if (step == 0) limits.wrong("a range in steps of zero");
    if (std::max({std::abs(from), std::abs(to), std::abs(step)}) > most) limits.refuse("a range of numbers that large");
    const int64_t count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
    if (count > 100'000) limits.wrong("a range of more than 100000 items");
    Values all;
    for (int64_t i = 0; i < count; ++i) all.emplace_back(from + i * step);
    Value made = sequence_of(std::move(all), Sequence::Form::range, limits);
    made.sequence()->range_of =
        step == 1 ? fmt::format("range({}, {})", from, to) : fmt::format("range({}, {}, {})", from, to, step);
    return made;
  }
  std::string time(const std::string& form) {
    if (form.empty()) return "";
    if (form.find("%f") != form.npos) limits_.refuse("microseconds in strftime_now");
    const std::tm now = now_();
    std::string text(256 + form.size() * 8, '\0');
    text.resize(std::strftime(text.data(), text.size(), form.c_str(), &now));
    return text;
  }

  Limits limits_;
  const std::string& what_;
  const std::function<std::tm()>& now_;
  std::shared_ptr<Scope> scope_;
  std::vector<std::shared_ptr<Scope>> kept_;  // that a macro holds
  std::vector<std::shared_ptr<Namespace>> spaces_;
  std::string* out_ = nullptr;
  const Value* input_ = nullptr;  // of a filter that has nothing in front
};

}  // namespace

std::string run(const Block& block, const std::map<std::string, Value>& variables, const std::function<std::tm()>& now,
                const std::string& what) {
  return Run(variables, now, what).whole(block);
}

}  // namespace fairfight::jinja
