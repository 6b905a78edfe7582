#include <fmt/ranges.h>

#include <cmath>

#include "cli/dry_run.h"
#include "cli/load.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/base/error.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/texts.h"
#include "fairfight/methods/patched.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/score.h"
#include "fairfight/model/tokenizer_of.h"

namespace fairfight {
namespace {

struct Options {
  std::string model, field = "text";
  std::filesystem::path text;
  size_t limit = SIZE_MAX;
  int64_t stride = 0;
  bool per_token = false, bos = false, dry_run = false;
  LoadOptions load{.hash = false};
};

struct Sums {
  double nats = 0;
  size_t tokens = 0, bytes = 0;
};

std::string line_of(const std::vector<int32_t>& ids, const std::vector<float>& logprobs) {
  std::vector<std::string> values;
  if (!ids.empty()) values.push_back("null");  // nothing stands before the first token
  for (const float x : logprobs) values.push_back(fmt::format("{}", x));
  return fmt::format(R"({{"ids": [{}], "logprobs": [{}]}})"
                     "\n",
                     fmt::join(ids, ", "), fmt::join(values, ", "));
}

/// Where a text is longer than the context, its windows overlap.
Plan plan_of(const Options& o) {
  constexpr double kTokensAtOnce = 8192;
  const Config config = configs_of({o.model})[0];
  const double stride = o.stride > 0 ? double(o.stride) : double(config.n_ctx) / 2, overlap = double(config.n_ctx) / stride;
  double tokens = 0;
  const Conversations chat(find_model(given_or_shipped(o.model).string()).folder);
  for (const auto& text : read_texts(o.text, o.field, o.limit, &chat)) {
    const double own = double(text.text.size()) / kBytesAToken;
    tokens += own > double(config.n_ctx) ? own * overlap : own;
  }
  return plan_of_reading("perplexity", config, o.load.weights, tokens, forward_flops(config, 1), std::max(kTokensAtOnce, double(config.n_ctx)));
}

void measure(const Options& o) {
  if (o.dry_run) return print_plan(plan_of(o));
  const Conversations chat(find_model(given_or_shipped(o.model).string()).folder);
  const auto texts = read_texts(o.text, o.field, o.limit, &chat);  // a bad file is reported before the model is loaded
  const PatchedModel patched = load_patched(o.model, o.load);
  const Config& config = patched.loaded.model.config();
  const Reading read = reading_of(patched.loaded, o.bos);
  const int64_t stride = o.stride > 0 ? o.stride : std::max<int64_t>(1, config.n_ctx / 2);
  const auto said = [&](const at::Tensor& t) { return patched.read_out(t); };
  constexpr size_t kAtOnce = 512;
  size_t bytes = 0;
  for (const auto& text : texts) bytes += text.text.size();
  const Tick tick = show_job("perplexity", forward_flops(config, 1) * double(bytes) / kBytesAToken / machine_speed());
  Sums sums;
  for (size_t from = 0; from < texts.size(); from += kAtOnce) {
    std::vector<std::vector<int32_t>> ids;
    for (size_t i = from; i < std::min(texts.size(), from + kAtOnce); ++i) ids.push_back(texts[i].rendered ? read.rendered(texts[i].text) : read(texts[i].text));
    const auto scores = log_probabilities(said, config, ids, stride);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (o.per_token) fmt::print("{}", line_of(ids[i], scores[i]));
      for (const float x : scores[i]) sums.nats -= double(x);
      sums.tokens += scores[i].size();
      if (scores[i].empty()) continue;
      const FileText& text = texts[from + i];
      sums.bytes += text.text.size() - read.bytes_of_first(text.text, text.rendered);  // a first token that is text, too, is not scored
    }
    tick(double(from + ids.size()) / double(texts.size()), "");
  }
  if (sums.tokens == 0) fail("[perplexity] {}: no text has two tokens, so nothing is scored", o.text.string());
  const double nats = sums.nats / double(sums.tokens);
  fmt::print(o.per_token ? stderr : stdout, "{} tokens of {} texts (the first of each is given)\nnats a token     {:.5f}\nperplexity       {:.4f}\nbits a byte      {:.5f}\n",
             sums.tokens, texts.size(), nats, std::exp(nats), sums.nats / std::log(2.0) / double(sums.bytes));
}

}  // namespace

void add_perplexity(CLI::App& app) {
  auto* verb = app.add_subcommand("perplexity", "Measures how well a model predicts texts");
  verb->footer(
      "FILE is .txt (one text), .jsonl (an object a line), .json (a list of objects) or .csv (with a header). An object may have a conversation,\n"
      "\"messages\", in place of a text. Tokens are those of the model's tokenizer, with <bos> where tokenizer.json puts it. A text that is longer than the context is read in windows; bits a byte compare models with different tokenizers.\n"
      "Example:  fairfight perplexity path/to/model --text stories.jsonl");
  static Options o;
  verb->add_option("model,--model", o.model, "a Hugging Face folder, patched or not, or the name of a shipped organism")->required();
  verb->add_option("--text", o.text, "the texts: .txt, .jsonl, .json or .csv")->required();
  verb->add_option("--field", o.field, "of a JSON object or a table that holds the text")->capture_default_str();
  verb->add_option("--limit", o.limit, "only so many texts, the first ones")->check(CLI::Range(size_t(1), size_t(1) << 40));
  verb->add_option("--stride", o.stride, "tokens from one window to the next (default: half of the context)")->check(CLI::Range(1, 1 << 30));
  verb->add_flag("--per-token", o.per_token, "a line of JSON a text: its ids and their logprobs, null for the first; the summary goes to stderr");
  add_bos_option(*verb, o.bos);
  add_load_options(*verb, o.load);
  verb->add_flag("--dry-run", o.dry_run, kDryRun);
  verb->callback([] { measure(o); });
}

}  // namespace fairfight
