#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/io/reading.h"
#include "fairfight/io/tokenizer/chat_template.h"

namespace fairfight {

inline CLI::Option* add_bos_option(CLI::App& verb, bool& bos) {
  return verb.add_flag("--bos", bos, "a <bos> before every text, exactly one, as some dictionaries were trained (default: as the tokenizer does)");
}

/// What a model reads a prompt as; `chat`: as a user's message in the template of its folder, up to where the answer begins.
inline std::vector<int32_t> read_prompt(const Reading& read, const std::filesystem::path& folder, const std::string& prompt, bool chat) {
  if (!chat) return read(prompt);
  const auto form = find_chat_template(folder);
  if (!form) fail("[chat] {}: has no chat template (chat_template.jinja, or one in tokenizer_config.json); leave --chat out", folder.string());
  return read.rendered(form->render({{"user", prompt}}, true));  // it writes the special tokens itself
}

}  // namespace fairfight
