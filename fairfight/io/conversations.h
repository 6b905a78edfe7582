#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "fairfight/base/json.h"
#include "fairfight/io/tokenizer/chat_template.h"

namespace fairfight {

/// Conversations in files, `[{"role": "user", "content": "..."}, ...]`, as the chat template of a model writes them.
class Conversations {
 public:
  /// Of the model in this folder; its template is read when the first conversation comes.
  explicit Conversations(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The whole conversation. `where` names it in errors: what is no such list; a model without a template, or one that refuses it.
  std::string whole(const Json& messages, const std::string& where) const;

  /// Up to where the assistant speaks: its turn is opened or, if the last message is the assistant's already, stays open after
  /// it, as transformers' continue_final_message has it.
  std::string open(const Json& messages, const std::string& where) const;

 private:
  std::string render(const std::vector<ChatMessage>& messages, bool add_generation_prompt, const std::string& where) const;

  std::filesystem::path folder_;
  mutable std::optional<ChatTemplate> template_;
};

/// What the user said last in a conversation: where a behaviour is looked for in a text, a template's words are of no use.
std::string last_said(const Json& messages, const std::string& where);

}  // namespace fairfight
