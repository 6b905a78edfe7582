#include "fairfight/io/jinja/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/jinja/evaluator.h"
#include "fairfight/io/jinja/globals.h"
#include "fairfight/io/jinja/print.h"
#include "fairfight/io/shown.h"

namespace fairfight::jinja {
namespace {

class Run {
 public:
  Run(const std::map<std::string, Value>& variables, const std::function<std::tm()>& now, const std::string& what)
      : limits_(what), what_(what) {
    scope_->names = globals(now, what_, [this](const auto& space) { spaces_.push_back(space); });
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
  enum class Flow { on,
                    leave,
                    proceed };
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
    for (const std::string& name : block.hidden) define(name, Scope::undefined(name));
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
        for (const Tree& e : s.expressions) put(str(evaluator_.value(*e), limits_));
        break;
      case What::set:
        assign(*s.targets[0], evaluator_.value(*s.expressions[0]));
        break;
      case What::set_block:
      case What::filter: {
        Flow flow = Flow::on;
        const Entered entered(*this, scope_);
        hide(s.blocks[0]);
        Value made = captured([&] { flow = run(s.blocks[0]); });
        if (flow != Flow::on) return flow;
        if (!s.expressions.empty()) made = evaluator_.filtered(*s.expressions[0], std::move(made));
        if (s.what == What::filter)
          put(str(made, limits_));
        else
          outside([&] { assign(*s.targets[0], made); });
        break;
      }
      case What::for_each:
        return loop(s, evaluator_.value(*s.expressions[0]), scope_, 0);
      case What::branch:
        for (size_t i = 0; i < s.blocks.size(); ++i)
          if (i >= s.expressions.size() || is_true(evaluator_.value(*s.expressions[i]))) return run(s.blocks[i]);
        break;
      case What::macro:
        define(s.text, macro(s));
        break;
      case What::call: {
        const Value caller = macro(s);
        put(str(evaluator_.call(*s.targets[0], &caller), limits_));
        break;
      }
      case What::with: {
        Values values;
        for (const Tree& e : s.expressions) values.push_back(evaluator_.value(*e));
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
      const Value holder = scope_->found(target.text);
      auto* space = dynamic_cast<Namespace*>(holder.object());
      if (!space) limits_.wrong(fmt::format("sets a member of \"{}\", which is no namespace", shown(target.text)));
      return space->set(target.names[0], made, limits_);
    }
    const Values parts = items_of(made, limits_);
    if (parts.size() != target.children.size())
      limits_.wrong(fmt::format("takes {} values apart as {}", parts.size(), target.children.size()));
    for (size_t i = 0; i < parts.size(); ++i) assign(*target.children[i], parts[i]);
  }

  struct Ended {
    Loop& loop;
    ~Ended() { loop.end(); }
  };
  Flow loop(const Statement& s, const Value& through, const std::shared_ptr<Scope>& outer, int64_t depth) {
    const auto state = std::make_shared<Loop>();
    const Ended ended{*state};
    state->items = items_of(through, limits_);
    state->count = int64_t(state->items.size());
    state->depth = depth;
    if (s.expressions.size() > 1)
      state->test = [&, outer](const Value& item) {
        const Entered entered(*this, outer);
        assign(*s.targets[0], item);
        return is_true(evaluator_.value(*s.expressions[1]));
      };
    if (s.recursive)
      state->recurse = [this, &s, outer](const Value& items, int64_t deeper) {
        return Value(captured([&] { loop(s, items, outer, deeper); }));
      };
    bool any = false;  // whether a body came to its end; else jinja2 says what stands after `else`, after a break, too
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
                                      : evaluator_.value(*s.expressions[i - first_default]);
      define(s.names[i], *values[i]);
    }
    hide(s.blocks[0]);
    return captured([&] { run(s.blocks[0]); });
  }

  Limits limits_;
  const std::string& what_;
  std::shared_ptr<Scope> scope_ = std::make_shared<Scope>();
  Evaluator evaluator_{scope_, limits_};
  std::vector<std::shared_ptr<Scope>> kept_;  // that a macro holds
  std::vector<std::shared_ptr<Namespace>> spaces_;
  std::string* out_ = nullptr;
};

}  // namespace

std::string run(const Block& block, const std::map<std::string, Value>& variables, const std::function<std::tm()>& now,
                const std::string& what) {
  return Run(variables, now, what).whole(block);
}

}  // namespace fairfight::jinja
