#include "fairfight/io/tokenizer/chat_template.h"

#include <algorithm>

#include "fairfight/io/tokenizer/unicode.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {

/// The first line is a message, the rest a chat template. What it makes is UTF-8, and the same every time.
void chat_template(std::string_view bytes) {
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::vector<ChatMessage> messages{{"system", "Be brief."}, {"user", std::string(bytes.substr(0, end))}};
  done_or_refused([&] {
    const ChatTemplate chat(bytes.substr(std::min(end + 1, bytes.size())), {{"bos_token", "<s>"}}, "fuzz");
    const std::string text = chat.render(messages, true);
    require(unicode::is_utf8(text), "a prompt is UTF-8");
    require(chat.render(messages, true) == text, "a template has no memory");
  });
}

}  // namespace fairfight::fuzz
