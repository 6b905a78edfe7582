#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

struct ChatMessage {
  std::string role, content;
};

/// The `chat_template` of a Hugging Face model: Jinja, of which fairfight runs what the templates of the common families
/// need. The rest is refused by name, when the template is read or when it gets there. `strftime_now` is not defined: a
/// prompt that changes from day to day would be no experiment, so templates take the date that they have for that case.
class ChatTemplate {
 public:
  /// `tokens` are the variables bos_token, eos_token ...
  ChatTemplate(std::string_view source, std::map<std::string, std::string> tokens, std::string what);

  /// With `add_generation_prompt`, the text ends where the assistant's answer begins. Errors: what the template itself
  /// refuses.
  std::string render(const std::vector<ChatMessage>& messages, bool add_generation_prompt) const;

 private:
  struct Program;
  std::shared_ptr<const Program> program_;
};

/// The template of a model's folder: chat_template.jinja, or that in tokenizer_config.json; nothing if there is none.
std::optional<ChatTemplate> find_chat_template(const std::filesystem::path& folder);

}  // namespace fairfight
