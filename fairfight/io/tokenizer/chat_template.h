#pragma once
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

struct ChatMessage {
  std::string role, content;
};

/// The `chat_template` of a Hugging Face model, rendered as transformers renders it: jinja2 in a sandbox, with trim_blocks,
/// lstrip_blocks, loop controls and {% generation %}. What of jinja2 is not implemented is refused by name, when the
/// template is read or when it gets there: a prompt that differs silently ruins every answer to it.
class ChatTemplate {
 public:
  using Clock = std::function<std::tm()>;
  static std::tm local_time();

  /// `tokens` are the variables bos_token, eos_token ... A template that calls strftime_now has the day of `now` in its
  /// prompts.
  ChatTemplate(std::string_view source, std::map<std::string, std::string> tokens, std::string what, Clock now = local_time);

  /// With `add_generation_prompt`, the text ends where the assistant's answer begins. There are neither tools nor documents.
  /// Errors: what the template itself refuses.
  std::string render(const std::vector<ChatMessage>& messages, bool add_generation_prompt) const;

 private:
  struct Program;
  std::shared_ptr<const Program> program_;
};

/// The template of a model's folder, where transformers looks for it: chat_template.jinja and additional_chat_templates/; or
/// else in tokenizer_config.json; or else chat_template.json, which is a processor's. Of several that named "default".
/// Nothing if there is none.
std::optional<ChatTemplate> find_chat_template(const std::filesystem::path& folder,
                                               ChatTemplate::Clock now = ChatTemplate::local_time);

}  // namespace fairfight
