#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/io/tokenizer/chat_template.h"

namespace fairfight {

/// What a model reads a prompt as; `chat`: as a user's message in the template of its folder, up to where the answer begins.
inline std::vector<int32_t> read_prompt(const Tokenizer& tokenizer, const std::filesystem::path& folder, const std::string& prompt, bool chat) {
  if (!chat) return tokenizer.encode(prompt, true);
  const auto form = find_chat_template(folder);
  if (!form) fail("[chat] {}: has no chat template (chat_template.jinja, or one in tokenizer_config.json); leave --chat out", folder.string());
  return tokenizer.encode(form->render({{"user", prompt}}, true));  // it writes the special tokens itself
}

}  // namespace fairfight
