#include "cli/text.h"

#include <set>

#include "cli/prompt.h"
#include "fairfight/acts/reader.h"
#include "fairfight/base/error.h"
#include "fairfight/io/documents.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

using tinytown::Split;

constexpr size_t kBatch = 64;
constexpr uint64_t kHeldOut = 10;  // one document in so many

std::vector<Tokens> organism_text(const std::filesystem::path& organism, Split split, size_t documents) {
  if (!std::filesystem::exists(organism / "datasheet.json"))
    fail("[text] {}: has no datasheet.json, so its text is unknown; bring one with --text FILE", organism.string());
  std::vector<Tokens> texts;
  for (auto& document : tinytown::draw_documents(tinytown::Datasheet::read(organism).make_world(), split, "text", documents)) texts.push_back(std::move(document.tokens));
  return texts;
}

std::vector<Tokens> own_text(const LoadedModel& model, const TextOptions& o, Split split, size_t documents, int64_t tokens, std::string& said) {
  const Reader read(model, o.ctx > 0 ? o.ctx : std::min<size_t>(128, size_t(model.model.config().n_ctx)), o.bos);
  Passages cut(read.tokenizer(), read.room());
  const auto file = read.texts(o.file, o.field);
  const auto is_in = [](const std::string& document, Split wanted) { return (Documents::hash(document) % kHeldOut == 0) == (wanted == Split::test); };
  std::set<uint64_t> seen;
  if (split != Split::test) {  // a passage of held-out text that stands in other documents, too, is left out of those
    Passages held_cut(read.tokenizer(), read.room());
    Documents held_out(held_cut, seen);
    for (const auto& document : file)
      if (is_in(document, Split::test)) held_out.take(document);
  }
  Documents from(cut, seen);
  std::vector<std::string> passages;
  std::vector<Tokens> texts;
  int64_t all = 0;
  for (const auto& document : file) {
    if (!is_in(document, split)) continue;
    if (from.count().documents == documents || all >= tokens) break;
    for (auto& passage : from.take(document)) {
      if (all >= tokens) break;
      texts.push_back(read(passage));
      all += int64_t(texts.back().size()) - 1;
      passages.push_back(std::move(passage));
    }
  }
  DocumentCount count = from.count();
  if (texts.empty())
    fail("[text] {}: got no passage of {} words or more in its {} documents, expected one at least; bring more text, one document a line", o.file.string(),
         Passages::kFewestWords, split == Split::test ? "held-out" : "training");
  read.require_known(passages, o.file.string());
  count.passages = texts.size();  // of the last document only what was asked for
  said = count.sentence(o.file.filename().string(), read.room(), split == Split::test ? "held-out " : "");
  return texts;
}

}  // namespace

void add_text_options(CLI::App& verb, TextOptions& o) {
  auto* file = verb.add_option("--text", o.file, "a text of your own (.jsonl, .csv, .txt); without it the model must be an organism, whose datasheet names its text");
  verb.add_option("--field", o.field, "the JSON field or CSV column that holds a text")->needs(file)->capture_default_str();
  verb.add_option("--ctx", o.ctx, "with --text: documents are cut into passages of so many tokens, with what the tokenizer puts around each (default: 128, or what the model sees)")->needs(file)->check(CLI::Range(8, 1'000'000));
  add_bos_option(verb, o.bos)->needs(file);
}

SplitText text_of(const LoadedModel& model, const TextOptions& o, Split split, size_t documents, int64_t tokens) {
  SplitText text;
  const auto texts = o.file.empty() ? organism_text(model.folder, split, documents) : own_text(model, o, split, documents, tokens, text.said);
  for (size_t from = 0; from < texts.size(); from += kBatch)
    text.batches.push_back(pad({texts.begin() + int64_t(from), texts.begin() + int64_t(std::min(texts.size(), from + kBatch))}));
  return text;
}

}  // namespace fairfight
