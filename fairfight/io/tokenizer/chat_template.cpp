#include "fairfight/io/tokenizer/chat_template.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/template_syntax.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {

struct ChatTemplate::Program {
  jinja::Block block;
  std::map<std::string, std::string> tokens;
  std::string what;
};

namespace {

using jinja::Expression, jinja::Kind, jinja::Statement;
constexpr size_t kMaxSteps = 1'000'000, kMaxText = 4'000'000, kMaxSource = 1'000'000, kMaxItems = 100'000;

const Json kUndefined = Json(Json::value_t::discarded);
bool is_defined(const Json& value) { return !value.is_discarded(); }

bool is_true(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return (value.is_array() || value.is_object()) && !value.empty();
}

bool is_python_space(char32_t c) { return unicode::is_white_space(c) || (c >= 0x1c && c <= 0x1f); }

std::string stripped(std::string_view text, bool left, bool right) {
  size_t begin = text.size(), end = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    if (is_python_space(unicode::next(text, at))) continue;
    begin = std::min(begin, from);
    end = at;
  }
  if (begin >= end) return "";  // nothing but space
  return std::string(text.substr(left ? begin : 0, (right ? end : text.size()) - (left ? begin : 0)));
}

class Run {
 public:
  explicit Run(const std::string& what) : what_(what) { scopes_.emplace_back(); }

  void define(const std::string& name, Json value) { scopes_.back()[name] = std::move(value); }

  void block(const jinja::Block& block) {
    for (const Statement& statement : block) {
      step();
      switch (statement.what) {
        case Statement::What::text:
          put(statement.text);
          break;
        case Statement::What::output:
          put(text_of(value(*statement.expressions[0])));
          break;
        case Statement::What::set:
          set(statement);
          break;
        case Statement::What::for_each:
          loop(statement);
          break;
        case Statement::What::branch:
          branch(statement);
          break;
      }
    }
  }
  std::string take() { return std::move(out_); }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail("[chat_template] {}: {}; fairfight does not implement this", what_, why);
  }
  void step(size_t steps = 1) {
    steps_ += steps;
    if (steps_ > kMaxSteps) fail("[chat_template] {}: takes more than {} steps", what_, kMaxSteps);
  }
  void put(std::string_view text) {
    if (out_.size() + text.size() > kMaxText) fail("[chat_template] {}: writes more than {} bytes", what_, kMaxText);
    out_ += text;
  }

  void set(const Statement& statement) {
    Json made = value(*statement.expressions[0]);
    if (statement.member.empty()) return define(statement.text, std::move(made));
    Json* space = find(statement.text);
    if (!space || !space->is_object() || !space->contains(kNamespace)) refuse("sets a member of what is no namespace");
    (*space)[statement.member] = std::move(made);
  }
  void loop(const Statement& statement) {
    const Json list = value(*statement.expressions[0]);
    if (!list.is_array() && is_defined(list)) refuse("loops over what is no list");
    for (size_t i = 0; is_defined(list) && i < list.size(); ++i) {
      step();
      scopes_.emplace_back();
      define(statement.text, list[i]);
      Json state{{"index", i + 1},
                 {"index0", i},
                 {"first", i == 0},
                 {"last", i + 1 == list.size()},
                 {"length", list.size()},
                 {"revindex", list.size() - i},
                 {"revindex0", list.size() - i - 1}};
      if (i > 0) state["previtem"] = list[i - 1];
      if (i + 1 < list.size()) state["nextitem"] = list[i + 1];
      define("loop", std::move(state));
      block(statement.blocks[0]);
      scopes_.pop_back();
    }
  }
  void branch(const Statement& statement) {
    for (size_t i = 0; i < statement.blocks.size(); ++i)
      if (i >= statement.expressions.size() || is_true(value(*statement.expressions[i]))) return block(statement.blocks[i]);
  }

  static size_t weight(const Json& value) {
    if (value.is_string()) return value.get_ref<const std::string&>().size();
    size_t sum = 16;
    if (value.is_structured())
      for (const Json& item : value) sum += weight(item);
    return sum;
  }
  Json* find(const std::string& name) {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
      if (const auto found = scope->find(name); found != scope->end()) return &found->second;
    return nullptr;
  }

  std::string text_of(const Json& value) const {
    if (!is_defined(value)) return "";
    if (value.is_string()) return value;
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (value.is_number_integer()) return value.dump();
    if (value.is_null()) return "None";
    refuse("writes a list or an object");
  }
  std::string need_text(const Json& value, std::string_view whose) const {
    if (!value.is_string()) refuse(fmt::format("{} of what is no text", whose));
    return value;
  }
  int64_t need_number(const Json& value, std::string_view whose) const {
    if (!value.is_number_integer()) refuse(fmt::format("{} of what is no integer", whose));
    const auto number = value.get<int64_t>();
    if (number > kMaxNumber || number < -kMaxNumber) refuse(fmt::format("{} of a number that large", whose));
    return number;
  }

  Json value(const Expression& e) {
    step();
    const auto child = [&](size_t i) { return value(*e.children[i]); };
    switch (e.kind) {
      case Kind::text:
        return e.text;
      case Kind::number:
        return e.number;
      case Kind::boolean:
        return e.number != 0;
      case Kind::none:
        return nullptr;
      case Kind::name: {
        const Json* found = find(e.text);
        if (!found) return kUndefined;
        step(weight(*found) / 256);  // it is copied
        return *found;
      }
      case Kind::list: {
        Json list = Json::array();
        for (size_t i = 0; i < e.children.size(); ++i) list.push_back(child(i));
        return list;
      }
      case Kind::member:
        return member(child(0), child(1));
      case Kind::slice:
        return slice(child(0), child(1), child(2), child(3));
      case Kind::call:
        return call(e);
      case Kind::filter:
        return filter(e);
      case Kind::test:
        return test(child(0), e.text);
      case Kind::unary:
        return e.text == "not" ? Json(!is_true(child(0))) : Json(-need_number(child(0), "-"));
      case Kind::binary:
        return binary(e);
      case Kind::choice:
        return is_true(child(1)) ? child(0) : child(2);
    }
    refuse("has an odd expression");
  }

  Json member(const Json& of, const Json& key) const {
    if (!is_defined(of)) fail("[chat_template] {}: asks for a member of what is not defined", what_);
    if (of.is_object() && key.is_string()) {
      const auto found = of.find(key.get<std::string>());
      return found == of.end() ? kUndefined : *found;
    }
    if (of.is_array() && key.is_number_integer()) {
      const int64_t at = key.get<int64_t>(), size = int64_t(of.size());
      return at >= -size && at < size ? of[size_t(at < 0 ? at + size : at)] : kUndefined;
    }
    if (of.is_string() && key.is_number_integer()) refuse("takes a character out of a text");
    return kUndefined;
  }
  Json slice(const Json& of, const Json& from, const Json& to, const Json& stride) const {
    if (!of.is_array()) refuse("a slice of what is no list");
    const int64_t size = int64_t(of.size()), by = stride.is_null() ? 1 : need_number(stride, "a slice");
    const auto place = [&](const Json& value, int64_t otherwise) {
      if (value.is_null()) return otherwise;
      const int64_t at = need_number(value, "a slice");
      return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size);
    };
    Json list = Json::array();
    if (by == -1 && from.is_null() && to.is_null()) {
      for (int64_t i = size - 1; i >= 0; --i) list.push_back(of[size_t(i)]);
      return list;
    }
    if (by != 1) refuse("a slice in steps");
    for (int64_t i = place(from, 0); i < place(to, size); ++i) list.push_back(of[size_t(i)]);
    return list;
  }

  Json binary(const Expression& e) {
    Json left = value(*e.children[0]);
    if (e.text == "and" || e.text == "or") return is_true(left) == (e.text == "or") ? left : value(*e.children[1]);
    Json right = value(*e.children[1]);
    if (e.text == "~") return join(text_of(left), text_of(right));
    if (e.text == "==") return equal(left, right);
    if (e.text == "!=") return !equal(left, right);
    if (e.text == "in" || e.text == "not in") return contains(right, left) == (e.text == "in");
    if (e.text == "+" && left.is_string() && right.is_string()) return join(left, right);
    if (e.text == "+" && left.is_array() && right.is_array()) {
      if (left.size() + right.size() > kMaxItems)
        fail("[chat_template] {}: makes a list of more than {} items", what_, kMaxItems);
      for (Json& item : right) left.push_back(std::move(item));
      return left;
    }
    const int64_t a = need_number(left, e.text), b = need_number(right, e.text);
    if (e.text == "<") return a < b;
    if (e.text == ">") return a > b;
    if (e.text == "<=") return a <= b;
    if (e.text == ">=") return a >= b;
    if (e.text == "+") return a + b;
    if (e.text == "-") return a - b;
    if (e.text == "*") return a * b;
    if (b == 0) fail("[chat_template] {}: divides by zero", what_);
    const int64_t rest = ((a % b) + b) % b;  // as Python has it: of the divisor's sign
    return e.text == "%" ? rest : (a - rest) / b;
  }
  Json join(std::string left, const std::string& right) const {
    if (left.size() + right.size() > kMaxText)
      fail("[chat_template] {}: makes a text of more than {} bytes", what_, kMaxText);
    return left += right;
  }
  static bool equal(const Json& left, const Json& right) {
    if (!is_defined(left) || !is_defined(right)) return is_defined(left) == is_defined(right);
    const auto number = [](const Json& value) { return value.is_boolean() ? Json(int64_t(value.get<bool>())) : value; };
    return number(left) == number(right);
  }
  bool contains(const Json& in, const Json& what) const {
    if (in.is_string()) return in.get_ref<const std::string&>().find(need_text(what, "in")) != std::string::npos;
    if (in.is_object()) return what.is_string() && in.contains(what.get<std::string>());
    if (in.is_array()) return std::any_of(in.begin(), in.end(), [&](const Json& item) { return equal(item, what); });
    if (!is_defined(in)) return false;
    refuse("\"in\" what is no text, list or object");
  }

  Json test(const Json& value, const std::string& name) const {
    if (name == "defined") return is_defined(value);
    if (name == "undefined") return !is_defined(value);
    if (name == "none") return value.is_null();
    if (name == "string") return value.is_string();
    if (name == "mapping") return value.is_object();
    if (name == "sequence" || name == "iterable") return value.is_array() || value.is_string() || value.is_object();
    if (name == "number") return value.is_number() || value.is_boolean();
    if (name == "boolean") return value.is_boolean();
    if (name == "true") return value.is_boolean() && value.get<bool>();
    if (name == "false") return value.is_boolean() && !value.get<bool>();
    if (name == "odd" || name == "even") return (need_number(value, name) % 2 != 0) == (name == "odd");
    refuse(fmt::format("the test \"{}\"", shown(name)));
  }

  std::vector<Json> arguments(const Expression& e, size_t most) {
    if (!e.names.empty() || e.children.size() > most + 1) refuse("has other arguments than are known");
    std::vector<Json> values;
    for (size_t i = 1; i < e.children.size(); ++i) values.push_back(value(*e.children[i]));
    return values;
  }

  Json filter(const Expression& e) {
    const Json of = value(*e.children[0]);
    const std::string& name = e.text;
    if (name == "default" || name == "d") {
      const auto with = arguments(e, 1);
      return is_defined(of) ? of : with.empty() ? Json("") : with[0];
    }
    if (name == "join") {
      const auto with = arguments(e, 1);
      if (!of.is_array()) refuse("joins what is no list");
      std::string all;
      for (size_t i = 0; i < of.size(); ++i)
        all = join((i && !with.empty() ? join(all, text_of(with[0])).get<std::string>() : all), text_of(of[i]));
      return all;
    }
    if (name == "replace") {
      const auto with = arguments(e, 2);
      if (with.size() != 2) refuse("replace without two texts");
      return replaced(need_text(of, name), need_text(with[0], name), need_text(with[1], name));
    }
    if (e.children.size() > 1) refuse(fmt::format("the filter \"{}\" with arguments", shown(name)));
    if (name == "trim") return stripped(text_of(of), true, true);
    if (name == "length" || name == "count") {
      if (of.is_string()) return unicode::count(of.get_ref<const std::string&>());
      if (of.is_array() || of.is_object()) return of.size();
      refuse("the length of what has none");
    }
    if (name == "upper" || name == "lower") return cased(need_text(of, name), name == "upper");
    if (name == "first" && of.is_array()) return of.empty() ? kUndefined : of.front();
    if (name == "last" && of.is_array()) return of.empty() ? kUndefined : of.back();
    if (name == "string") return text_of(of);
    refuse(fmt::format("the filter \"{}\"", shown(name)));
  }

  Json call(const Expression& e) {
    const Expression& function = *e.children[0];
    if (function.kind == Kind::member && function.children[1]->kind == Kind::text)
      return method(e, function.children[1]->text);
    if (function.kind != Kind::name) refuse("calls what is no function");
    if (function.text == "raise_exception") {
      const auto with = arguments(e, 1);
      fail("[chat_template] {}: refuses these messages: {}", what_, with.empty() ? "" : shown(text_of(with[0])));
    }
    if (function.text == "namespace" && e.names.size() == e.children.size() - 1) {
      Json space{{kNamespace, true}};
      for (size_t i = 0; i < e.names.size(); ++i) space[e.names[i]] = value(*e.children[i + 1]);
      return space;
    }
    refuse(fmt::format("the function \"{}\"", shown(function.text)));
  }

  Json method(const Expression& e, const std::string& name) {
    const Json of = value(*e.children[0]->children[0]);
    if (of.is_object() && name == "get") {
      const auto with = arguments(e, 2);
      if (with.empty()) refuse("get without a key");
      const Json found = member(of, with[0]);
      return is_defined(found) ? found : with.size() > 1 ? with[1] : Json(nullptr);
    }
    const std::string text = need_text(of, name);
    if (name == "startswith" || name == "endswith") {
      const auto with = arguments(e, 1);
      if (with.empty()) refuse("startswith or endswith without a text");
      const std::string part = need_text(with[0], name);
      return name == "startswith" ? text.starts_with(part) : text.ends_with(part);
    }
    if (name == "split") {
      const auto with = arguments(e, 1);
      const std::string by = with.empty() ? "" : need_text(with[0], name);
      if (by.empty()) refuse("split without a text");
      Json list = Json::array();
      for (size_t from = 0, at; from <= text.size(); from = at + by.size()) {
        at = std::min(text.find(by, from), text.size());
        list.push_back(text.substr(from, at - from));
      }
      return list;
    }
    if (name == "replace") {
      const auto with = arguments(e, 2);
      if (with.size() != 2) refuse("replace without two texts");
      return replaced(text, need_text(with[0], name), need_text(with[1], name));
    }
    if (name == "strip" || name == "lstrip" || name == "rstrip") {
      const auto with = arguments(e, 1);
      const bool left = name != "rstrip", right = name != "lstrip";
      if (with.empty()) return stripped(text, left, right);
      const std::string letters = need_text(with[0], name);
      if (std::any_of(letters.begin(), letters.end(), [](char c) { return static_cast<signed char>(c) < 0; }))
        refuse("strips what is not ASCII");
      const size_t begin = left ? text.find_first_not_of(letters) : 0,
                   end = right ? text.find_last_not_of(letters) : text.size() - 1;
      return begin == text.npos || end == text.npos ? "" : text.substr(begin, end + 1 - begin);
    }
    if (name != "upper" && name != "lower") refuse(fmt::format("the method \"{}\"", shown(name)));
    arguments(e, 0);
    return cased(text, name == "upper");
  }

  std::string cased(std::string text, bool upper) const {
    for (char& c : text) {
      if (static_cast<signed char>(c) < 0) refuse("changes the case of what is not ASCII");
      if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z') c = char(c ^ 0x20);
    }
    return text;
  }
  std::string replaced(const std::string& text, const std::string& what, const std::string& with) const {
    if (what.empty()) refuse("replaces nothing by something");
    std::string result;
    for (size_t from = 0, at; from <= text.size(); from = at + what.size()) {
      at = std::min(text.find(what, from), text.size());
      result += text.substr(from, at - from) + (at < text.size() ? with : "");
      if (result.size() > kMaxText) refuse("makes a text that long");
    }
    return result;
  }

  static constexpr const char* kNamespace = "\x01namespace";
  static constexpr int64_t kMaxNumber = 1 << 30;
  const std::string& what_;
  std::vector<std::map<std::string, Json>> scopes_;
  std::string out_;
  size_t steps_ = 0;
};

/// A token of tokenizer_config.json: a text, or an object that has it as its content.
std::optional<std::string> token_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string())
    return value["content"].get<std::string>();
  return std::nullopt;
}

}  // namespace

ChatTemplate::ChatTemplate(std::string_view source, std::map<std::string, std::string> tokens, std::string what) {
  if (source.size() > kMaxSource) fail("[chat_template] {}: {} bytes, expected at most {}", what, source.size(), kMaxSource);
  if (!unicode::is_utf8(source)) fail("[chat_template] {}: the template is no UTF-8", what);
  const auto program = std::make_shared<Program>();
  program->tokens = std::move(tokens);
  program->what = std::move(what);
  program->block = jinja::parse(source, program->what);
  program_ = program;
}

std::string ChatTemplate::render(const std::vector<ChatMessage>& messages, bool add_generation_prompt) const {
  Run run(program_->what);
  for (const auto& [name, text] : program_->tokens) run.define(name, text);
  Json list = Json::array();
  for (const auto& message : messages) {
    if (!unicode::is_utf8(message.role) || !unicode::is_utf8(message.content)) fail("[chat_template] a message is no UTF-8");
    list.push_back({{"role", message.role}, {"content", message.content}});
  }
  run.define("messages", std::move(list));
  run.define("add_generation_prompt", add_generation_prompt);
  run.define("tools", nullptr);
  run.define("documents", nullptr);
  run.block(program_->block);
  return run.take();
}

std::optional<ChatTemplate> find_chat_template(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const fs::path config_path = folder / "tokenizer_config.json", own = folder / "chat_template.jinja";
  const Json config = fs::exists(config_path) ? read_json(config_path) : Json::object();
  if (!config.is_object()) fail("[chat_template] {}: expected an object", config_path.string());
  std::map<std::string, std::string> tokens;
  for (const auto& [key, value] : config.items())
    if (const auto text = token_text(value); text && key.ends_with("_token")) tokens[key] = *text;
  if (fs::exists(own)) return ChatTemplate(read_file(own), tokens, own.string());
  if (!config.contains("chat_template") || config["chat_template"].is_null()) return std::nullopt;
  const Json& chosen = config["chat_template"];
  if (chosen.is_string()) return ChatTemplate(chosen.get<std::string>(), tokens, config_path.string());
  if (chosen.is_array())  // several, of which one is for plain chats
    for (const Json& named : chosen)
      if (named.is_object() && named.value("name", Json()) == "default" && named.value("template", Json()).is_string())
        return ChatTemplate(named["template"].get<std::string>(), tokens, config_path.string());
  fail("[chat_template] {}: chat_template is neither a text nor a list with one named \"default\"", config_path.string());
}

}  // namespace fairfight
