#include <fmt/format.h>

#include "cli/plain_verbs.h"
#include "cli/prompt.h"
#include "fairfight/base/error.h"
#include "fairfight/base/json.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/conversations.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/texts.h"

namespace fairfight {
namespace {

struct TokenOptions {
  std::string model, field = "text";
  std::vector<std::string> texts;
  std::filesystem::path file;
  bool chat = false, bos = false;
};

/// One text for people: a line a token.
void show(const Tokenizer& tokenizer, const std::vector<int32_t>& ids) {
  for (const int32_t id : ids) fmt::print("{:>8}  {}\n", id, shown(tokenizer.piece(id)));
  fmt::print("{} tokens; decoded: {}\n", ids.size(), tokenizer.decode(ids));
}

void run(const TokenOptions& o) {
  if (o.texts.empty() == o.file.empty()) fail("[tokens] got {}, expected either texts or --text FILE", o.file.empty() ? "no text" : "both");
  const ModelFolder found = find_model(given_or_shipped(o.model).string());
  Fields config(found.config, (found.folder / "config.json").string());
  const bool has_bos = config.has("bos_token_id") && !config.any("bos_token_id").is_null();
  const Reading read = reading_of(Tokenizer(found.tokenizer.value_or(found.folder / "tokenizer.json")), has_bos ? config.integer("bos_token_id", 0, INT32_MAX) : -1, o.bos, found.folder.string());
  if (o.texts.size() == 1) return show(read.tokenizer(), read_prompt(read, found.folder, o.texts[0], o.chat));
  const auto print = [&](const std::vector<int32_t>& ids) {
    Json pieces = Json::array();
    for (const int32_t id : ids) pieces.push_back(read.tokenizer().piece(id));
    fmt::print("{}\n", Json{{"ids", ids}, {"pieces", pieces}}.dump());
  };
  for (const auto& text : o.texts) print(read_prompt(read, found.folder, text, o.chat));
  if (o.file.empty()) return;
  const Conversations chat(found.folder);
  for (const auto& text : read_texts(o.file, o.field, SIZE_MAX, &chat)) print(text.rendered ? read.rendered(text.text) : read_prompt(read, found.folder, text.text, o.chat));
}

}  // namespace

void add_tokens(CLI::App& app) {
  auto* verb = app.add_subcommand("tokens", "Shows the pieces and ids that a model reads a text as");
  verb->footer("One text is shown a token a line; several, or those of a file, as a line of JSON each: {\"ids\": [...], \"pieces\": [...]}.\n"
               "Example:  fairfight tokens organisms/tinytown-0 \"question : where does\"\n"
               "Example:  fairfight tokens organisms/tinytown-0 --text mails.jsonl --field body");
  static TokenOptions o;
  verb->add_option("model,--model", o.model, "a Hugging Face folder, or the name of a model in its cache")->required();
  verb->add_option("texts", o.texts, "one or several texts, UTF-8");
  auto* file = verb->add_option("--text", o.file, "the texts of a file (.jsonl, .csv, .txt), as with the other verbs");
  verb->add_option("--field", o.field, "the JSON field or CSV column that holds a text")->needs(file)->capture_default_str();
  verb->add_flag("--chat", o.chat, "each text is a user's message, in the model's own chat template");
  add_bos_option(*verb, o.bos);
  verb->callback([] { run(o); });
}

}  // namespace fairfight
