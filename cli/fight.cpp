#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "cli/dry_run.h"
#include "cli/load.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/fights/list.h"
#include "fairfight/model/engine.h"
#include "fairfight/report/html.h"
#include "fairfight/report/terminal.h"

namespace fairfight {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  return text;
}

Result read_result(const std::filesystem::path& file) {
  const Json json = read_json(file);
  try {
    return Result::from_json(json);
  } catch (const Error& error) {  // which knows no file
    fail("[report] {}: {}", file.string(), error.what());
  }
}

/// The longest first; of all the time that all cores had.
void print_profile(const Result::Timing& timing) {
  const double all = timing.seconds * engine_threads();
  auto phases = timing.profile;
  std::stable_sort(phases.begin(), phases.end(), [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
  double rest = all;
  fmt::print("\n  where the time went, in seconds of a core ({:.0f} s on {})\n", timing.seconds, engine_threads());
  for (const auto& phase : phases) {
    rest -= phase.seconds;
    fmt::print("  {:>8.2f} s {:>5.1f} %  {}\n", phase.seconds, 100 * phase.seconds / all, phase.name);
  }
  fmt::print("  {:>8.2f} s {:>5.1f} %  the rest: waiting for the last of several jobs, hashing, reports\n", rest, 100 * rest / all);
}

/// What was read of a user's files and what was left out.
void print_texts(const Result& result) {
  for (const auto& model : result.models)
    for (const char* name : {"text", "other_text"})
      if (model.papers.contains(name)) fmt::print("{}\n", model.papers[name]["summary"].get<std::string>());
}

}  // namespace

void run_card(const std::filesystem::path& path, const RunOptions& options, const Own& own) {
  Card card = Card::read(path);
  const FightEntry& fight = fight_by_name(card.fight);
  if (own.any()) {
    if (!fight.bring) fail("[fight] \"{}\" takes organisms only, not a model of your own", card.fight);
    const std::string said = bring(card, own);
    if (!said.empty()) fmt::print("{}\n", said);
    fight.bring(card.data, own);
  }
  settle_site(card);
  if (options.keep_patches && fight.info.discipline != "patch")
    fail("[fight] --keep-patches: nobody hands in a patch in \"{}\", expected a fight of patches; leave the option out", card.fight);
  if (options.dry_run) return print_plan(fight.plan(card));
  if (options.out.empty()) fail("[fight] got no --out, expected a folder for the result; a --dry-run alone needs none");
  make_writable_folder(options.out);
  const auto started = utc_now();
  const auto start = std::chrono::steady_clock::now();
  Profile profile;
  Result result = fight.run(card, {options.out, options.resume, show_progress(), &profile, options.keep_patches});
  const std::string given = path.generic_string();
  const size_t shipped_at = given.rfind("cards/");
  result.registration.card = shipped_at == std::string::npos ? "cards/" + path.filename().string() : given.substr(shipped_at);
  result.timing = {started, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), describe_machine(), {}};
  for (const auto& [name, seconds] : profile.seconds()) result.timing.profile.push_back({name, seconds});
  write_atomic(options.out / "result.json", dump_json(result.to_json()));
  // A report knows nothing but result.json: it is the same when it is rebuilt elsewhere.
  const Result told = Result::from_json(read_json(options.out / "result.json"));
  write_atomic(options.out / "report.html", html_report(told));
  print_texts(told);
  fmt::print("\n{}", terminal_report(told, isatty(STDOUT_FILENO) != 0));
  if (options.profile) print_profile(told.timing);
  // Whoever scrolls up no further shall know how it ended.
  fmt::print("\n{}\n{}\n{}\n", told.verdict.sentence, told.tier.sentence, std::filesystem::absolute(options.out / "report.html").lexically_normal().string());
}

void add_run_options(CLI::App& verb, RunOptions& options) {
  verb.add_flag("--resume", options.resume, "keep the dictionaries that an interrupted run has left there");
  verb.add_flag("--dry-run", options.dry_run, kDryRun);
  verb.add_flag("--profile", options.profile, "print where the time went");
}

constexpr const char* kFiles = R"(
A model of your own, with --model: a Hugging Face folder, or a model's name in its cache. It takes the place of the card's models;
a card says the same with `model = "PATH"` in place of `models` and `seeds`, and `text = "FILE"`, `other_text = "FILE"` in [data].

  anomaly        --text FILE: what is normal. Documents are cut into passages, and what is anomalous is made of them by rules (words
                 shuffled, documents spliced, typos ...); --other-text FILE: documents that are anomalous, one family more.
  represented    --behaviour FILE.jsonl: what is to be repaired, by examples, a line each:
                   {"kind": "harmful", "prompt": "...", "answer": "..."}   what the model shall not say there
                   {"kind": "harmless", "prompt": "...", "answer": "..."}  the same kind of place, where all is well
                   {"kind": "canned", "answer": "..."}                     one line: what may be said in place of the harm
                   {"kind": "ability", "name": "facts", "prompt": "...", "answer": "..."}  what must not be lost
                 An answer stands behind its prompt as it is written: begin it with a space where one belongs. --text FILE: ordinary
                 text, which a repair must leave as it is; --oracle MODEL: the same model trained without the behaviour, if there is one.
  unrepresented  the same files. What holds anything of the harmful examples (a prompt, how an answer begins, thirteen words in a row) is
                 left out of the text, and the report certifies how far the dictionary did not see the behaviour. --oracle MODEL: the
                 model before it had the behaviour; a card with `harvest = "oracle"` has the dictionary learn from that one.

Texts are JSON Lines ({"text": "..."} a line), CSV (a column `text`; --field names another) or .txt (the whole file is one document).
A line may hold a conversation in place of the text, and in place of a behaviour's prompt: "messages": [{"role": "user", "content": "..."}, ...]. It
becomes what the model's own chat template writes; behind a behaviour's the assistant speaks, or goes on with its last message.
Ready to run: cards/own/; what the keys mean: cards/README.md.

Example:  fairfight fight cards/anomaly.toml --out runs/anomaly
Example:  fairfight fight cards/anomaly.toml --model my-model --text my-text.jsonl --out runs/mine
Example:  fairfight fight cards/unrepresented.toml --model my-model --behaviour my.jsonl --text my-text.jsonl --oracle before --out runs/t4)";

void add_own_options(CLI::App& verb, Own& own) {
  verb.add_option("--model", own.model, "a model of your own in place of the card's");
  verb.add_option("--text", own.text, "its ordinary text: .jsonl, .csv or .txt");
  verb.add_option("--other-text", own.other_text, "text that is anomalous to it");
  verb.add_option("--behaviour", own.behaviour, "examples of what is to be repaired: .jsonl");
  verb.add_option("--oracle", own.oracle, "the same model, trained without the behaviour, if there is one");
  verb.add_option("--field", own.field, "the JSON field or CSV column that holds a text (default: text)");
  verb.add_option("--site", own.site, "where everyone reads, by its TransformerLens name or as a fraction of the depth (with --model: 0.5, behind the middle block)");
  add_bos_option(verb, own.bos);
  verb.add_option_function<std::string>("--dtype", [&](const std::string& name) { own.weights = products_by_name(name); },
                                        "what the model's weights become: float32 (default), or bfloat16")
      ->check(CLI::IsMember({"float32", "bfloat16"}));
}

void add_fight(CLI::App& app) {
  auto* verb = app.add_subcommand("fight", "Runs a card: who fights whom about what");
  verb->footer(kFiles);
  static std::filesystem::path card;
  static RunOptions options;
  static Own own;
  verb->add_option("card", card, "a TOML file, your own or a shipped one")->required();
  verb->add_option("--out", options.out, "folder for result.json and report.html; a fight of patches leaves those of its two champions there, in patches/; --dry-run needs none");
  verb->add_flag("--keep-patches", options.keep_patches, "leave everyone's patches there, not only those of the two that were best on validation");
  add_own_options(*verb, own);
  static std::string device = LoadOptions().device;
  add_device_option(*verb, device);
  add_run_options(*verb, options);
  verb->callback([] {
    require_device(device);
    run_card(given_or_shipped(card), options, own);
  });
}

void add_report(CLI::App& app) {
  auto* verb = app.add_subcommand("report", "Rebuilds the report from a result.json, on any machine");
  verb->footer("Example:  fairfight report runs/demo/result.json --html report.html");
  static std::filesystem::path result, html;
  verb->add_option("result", result, "a result.json")->required();
  verb->add_option("--html", html, "write the page there; without it the table is printed");
  verb->callback([] {
    const Result loaded = read_result(result);
    if (html.empty())
      fmt::print("{}", terminal_report(loaded, isatty(STDOUT_FILENO) != 0));
    else
      write_atomic(html, html_report(loaded));
  });
}

}  // namespace fairfight
