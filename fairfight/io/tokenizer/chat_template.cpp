#include "fairfight/io/tokenizer/chat_template.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/json.h"
#include "fairfight/io/jinja/parse.h"
#include "fairfight/io/jinja/run.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {

namespace fs = std::filesystem;

struct ChatTemplate::Program {
  jinja::Block block;
  std::map<std::string, std::string> tokens;
  std::string what;
  Clock now;
};

namespace {

constexpr size_t kMaxSource = 1'000'000;

/// A token of tokenizer_config.json: a text, or an object that has it as its content.
std::optional<std::string> token_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("content") && value["content"].is_string())
    return value["content"].get<std::string>();
  return std::nullopt;
}

Json read_object(const fs::path& path) {
  if (!fs::exists(path)) return Json::object();
  Json object = read_json(path);
  if (!object.is_object()) fail("[chat_template] {}: expected an object", path.string());
  return object;
}

/// The variables that transformers gives to a template: the seven special tokens, and those that a model has of its own.
std::map<std::string, std::string> special_tokens(const fs::path& folder, const Json& config) {
  constexpr const char* names[] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                   "pad_token", "cls_token", "mask_token"};
  std::map<std::string, std::string> tokens;
  for (const auto& [key, value] : config.items())
    if (value.is_string() && key.ends_with("_token")) tokens[key] = value.get<std::string>();
  if (const auto extra = config.find("extra_special_tokens"); extra != config.end() && extra->is_object())
    for (const auto& [key, value] : extra->items())
      if (const auto text = token_text(value)) tokens[key] = *text;
  // a config that lists its added tokens is whole; an older one has its special tokens in a file beside it, too
  const Json beside =
      config.contains("added_tokens_decoder") ? Json::object() : read_object(folder / "special_tokens_map.json");
  for (const char* name : names)
    for (const Json* from : {&config, &beside})
      if (const auto text = token_text(from->value(name, Json()))) tokens[name] = *text;
  return tokens;
}

struct Named {
  std::string source, where;
};

/// All that there are, by name; what transformers reads of the file beside the config counts instead of what is in it.
std::map<std::string, Named> templates_of(const fs::path& folder, const Json& config) {
  std::map<std::string, Named> all;
  const fs::path own = folder / "chat_template.jinja", more = folder / "additional_chat_templates",
                 old = folder / "chat_template.json";
  if (fs::exists(own)) all["default"] = {read_file(own), own.string()};
  if (fs::is_directory(more))
    for (const auto& entry : fs::directory_iterator(more))
      if (entry.path().extension() == ".jinja")
        all[entry.path().stem().string()] = {read_file(entry.path()), entry.path().string()};
  if (!all.empty()) return all;
  const auto add = [&](const Json& holder, const fs::path& path) {
    const Json chosen = holder.value("chat_template", Json());
    const auto put = [&](const std::string& name, const Json& source) {
      if (!source.is_string()) fail("[chat_template] {}: the template \"{}\" is no text", path.string(), shown(name));
      all[name] = {source.get<std::string>(), path.string()};
    };
    if (chosen.is_null()) return;
    if (chosen.is_string()) return put("default", chosen);
    if (chosen.is_object())
      for (const auto& [name, source] : chosen.items()) put(name, source);
    else if (chosen.is_array() && std::all_of(chosen.begin(), chosen.end(), [](const Json& named) {
               return named.is_object() && named.value("name", Json()).is_string();
             }))
      for (const Json& named : chosen) put(named["name"].get<std::string>(), named.value("template", Json()));
    else
      fail("[chat_template] {}: chat_template is neither a text nor a list of named ones", path.string());
  };
  add(config, folder / "tokenizer_config.json");
  if (all.empty()) add(read_object(old), old);
  return all;
}

}  // namespace

std::tm ChatTemplate::local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm time{};
  localtime_r(&now, &time);
  return time;
}

ChatTemplate::ChatTemplate(std::string_view source, std::map<std::string, std::string> tokens, std::string what, Clock now) {
  if (source.size() > kMaxSource) fail("[chat_template] {}: {} bytes, expected at most {}", what, source.size(), kMaxSource);
  if (!unicode::is_utf8(source)) fail("[chat_template] {}: the template is no UTF-8", what);
  const auto program = std::make_shared<Program>();
  program->tokens = std::move(tokens);
  program->what = std::move(what);
  program->now = std::move(now);
  program->block = jinja::parse(source, program->what);
  program_ = program;
}

std::string ChatTemplate::render(const std::vector<ChatMessage>& messages, bool add_generation_prompt) const {
  std::map<std::string, jinja::Value> variables;
  for (const auto& [name, text] : program_->tokens) variables[name] = text;
  jinja::Limits limits(program_->what);
  jinja::Values list;
  for (const auto& message : messages) {
    if (!unicode::is_utf8(message.role) || !unicode::is_utf8(message.content)) fail("[chat_template] a message is no UTF-8");
    list.push_back(jinja::dict_of({{"role", message.role}, {"content", message.content}}, limits));
  }
  variables["messages"] = jinja::list_of(std::move(list), limits);
  variables["add_generation_prompt"] = add_generation_prompt;
  variables["tools"] = variables["documents"] = jinja::None();
  return jinja::run(program_->block, variables, program_->now, program_->what);
}

std::optional<ChatTemplate> find_chat_template(const fs::path& folder, ChatTemplate::Clock now) {
  const Json config = read_object(folder / "tokenizer_config.json");
  const auto all = templates_of(folder, config);
  if (all.empty()) return std::nullopt;
  const auto chosen = all.find("default");
  if (chosen == all.end())
    fail("[chat_template] {}: has {} chat templates, none of which is named \"default\"", folder.string(), all.size());
  return ChatTemplate(chosen->second.source, special_tokens(folder, config), chosen->second.where, std::move(now));
}

}  // namespace fairfight
