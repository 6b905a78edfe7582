#include "fairfight/io/conversations.h"

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

std::vector<ChatMessage> read_messages(const Json& json, const std::string& where) {
  if (!json.is_array() || json.empty())
    fail("[chat] {}: got \"messages\" that are no list of messages, expected [{{\"role\": \"user\", \"content\": \"...\"}}, ...]", where);
  std::vector<ChatMessage> messages;
  for (const Json& message : json) {
    if (!message.is_object()) fail("[chat] {}: got a message that is no object, expected {{\"role\": \"user\", \"content\": \"...\"}}", where);
    Fields fields(message, where + ": messages");
    messages.push_back({fields.text("role"), fields.text("content")});
    fields.finish();  // tools and the like: a template that never saw them writes another conversation
  }
  return messages;
}

}  // namespace

std::string Conversations::whole(const Json& messages, const std::string& where) const { return render(read_messages(messages, where), false, where); }

std::string Conversations::open(const Json& json, const std::string& where) const {
  auto messages = read_messages(json, where);
  if (messages.back().role != "assistant") return render(messages, true, where);
  // The place is marked, not searched for: what is said may stand in the conversation twice. The space shows whether the template trims.
  const std::string mark = "CONTINUE_FINAL_MESSAGE_TAG ", bare = mark.substr(0, mark.size() - 1);
  messages.back().content += mark;
  std::string text = render(messages, false, where);
  const size_t at = text.rfind(bare);
  if (at == text.npos) fail("[chat] {}: the template of {} does not write the assistant's last message as it is; end with a user's", where, folder_.string());
  const bool trims = text.compare(at, mark.size(), mark) != 0;
  text.resize(at);
  if (trims) text.resize(unicode::without_space_behind(text).size());
  return text;
}

std::string Conversations::render(const std::vector<ChatMessage>& messages, bool add_generation_prompt, const std::string& where) const {
  if (!template_) template_ = find_chat_template(folder_);
  if (!template_)
    fail("[chat] {}: got a conversation, but {} has no chat template (chat_template.jinja, or one in tokenizer_config.json); write it as a text", where, folder_.string());
  try {
    return template_->render(messages, add_generation_prompt);
  } catch (const Error& error) {  // which knows no line
    fail("{} (in {})", error.what(), where);
  }
}

std::string last_said(const Json& json, const std::string& where) {
  const auto messages = read_messages(json, where);
  const auto said = std::find_if(messages.rbegin(), messages.rend(), [](const ChatMessage& m) { return m.role == "user"; });
  if (said == messages.rend()) fail("[chat] {}: got a conversation in which no user speaks, expected one message of role user at least", where);
  return said->content;
}

}  // namespace fairfight
