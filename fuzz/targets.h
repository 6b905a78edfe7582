#pragma once
#include <string_view>
#include <vector>

// What must hold for any bytes whatever. A refusal (Error, one line) is always right; a broken promise throws logic_error.
// libFuzzer runs these on bytes of its own, the replay test in io/ on the corpus and on mutations.
namespace fairfight::fuzz {

void safetensors_header(std::string_view bytes);
void json(std::string_view bytes);
void tokenizer_json(std::string_view bytes);
void chat_template(std::string_view bytes);
void toml(std::string_view bytes);
void texts(std::string_view bytes);

struct Target {
  const char* name;  // of its folder in corpus/, and of its file in targets/
  void (*check)(std::string_view bytes);
};
inline const std::vector<Target> kTargets{
    {"safetensors_header", safetensors_header}, {"json", json}, {"tokenizer_json", tokenizer_json}, {"chat_template", chat_template}, {"toml", toml}, {"texts", texts}};

}  // namespace fairfight::fuzz
