#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <set>

#include "cli/dry_run.h"
#include "cli/load.h"
#include "cli/prompt.h"
#include "cli/verbs.h"
#include "fairfight/arena/ranks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/launch.h"
#include "fairfight/base/note.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/stop.h"
#include "fairfight/fights/list.h"
#include "fairfight/model/engine.h"
#include "fairfight/organism/shelf.h"
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

/// A report knows nothing but result.json: it is the same when it is rebuilt elsewhere.
Result report_on(const std::filesystem::path& folder) {
  const Result result = read_result(folder / "result.json");
  write_atomic(folder / "report.html", html_report(result));
  return result;
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
      if (model.datasheet.contains(name)) fmt::print("{}\n", model.datasheet[name]["summary"].get<std::string>());
}

/// The fight itself, of which a rank that is not the first does its part and says nothing.
void run_task(const AnyTask& task, const Venue& venue, const std::filesystem::path& path, bool profiled) {
  const auto started = utc_now();
  const auto start = std::chrono::steady_clock::now();
  Result result = run_fight(task, venue);
  if (venue.ranks && !venue.ranks->first()) return;
  const std::string given = path.generic_string();
  const size_t shipped_at = given.rfind("cards/");
  result.registration.card = shipped_at == std::string::npos ? "cards/" + path.filename().string() : given.substr(shipped_at);
  result.timing = {started, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), describe_machine(), {}};
  for (const auto& [name, seconds] : venue.profile->seconds()) result.timing.profile.push_back({name, seconds});
  const auto& out = venue.folder;
  write_atomic(out / "result.json", dump_json(result.to_json()));
  const Result reported = report_on(out);
  print_texts(reported);
  fmt::print("\n{}", terminal_report(reported, isatty(STDOUT_FILENO) != 0));
  if (profiled) print_profile(reported.timing);
  // Whoever scrolls up no further shall know how it ended.
  fmt::print("\n{}\n{}\n{}\n", reported.verdict.sentence, reported.tier.sentence, std::filesystem::absolute(out / "report.html").lexically_normal().string());
}

/// The same, shared with the other processes of `launch`.
void run_ranks(const Launch& launch, const AnyTask& task, Venue venue, const std::filesystem::path& path, bool profiled) {
  Ranks ranks(launch, venue.folder, request_stop);
  try {
    venue.ranks = &ranks;
    venue.resume = ranks.word_of_first("resume", venue.resume ? "yes" : "no") == "yes";
    run_task(task, venue, path, profiled);
    if (ranks.first()) ranks.finish();
  } catch (const Interrupted&) {
    if (!ranks.finished()) throw;  // if it is, there was nothing more to do here
  }
}

/// The card's organisms, and those that they go on from, that are neither shipped nor built.
std::vector<tinytown::OrganismName> missing_organisms(const Card& card) {
  constexpr std::string_view kShipped = "organisms/";
  std::vector<std::string> models = card.models;
  if (card.data.contains("retrained"))
    for (const auto& model : card.data["retrained"])
      if (model.is_string()) models.push_back(model.get<std::string>());
  std::vector<tinytown::OrganismName> wanted;
  for (const auto& model : models) {
    if (std::filesystem::exists(given_or_shipped(model))) continue;
    const auto name = tinytown::OrganismName::read(model.starts_with(kShipped) ? model.substr(kShipped.size()) : model);
    if (name) wanted.push_back(*name);  // else it is a model of the hub, or an error
  }
  return tinytown::missing(wanted);
}

/// Builds what the card's fight needs and this machine has not. -> whether all of it is there.
bool provide_organisms(const Card& card, const RunOptions& options, const Launch& launch) {
  const auto missing = missing_organisms(card);
  if (missing.empty()) return true;
  std::vector<std::string> names;
  for (const auto& organism : missing) names.push_back(organism.text());
  const std::string shelf = built_organisms().string();
  if (options.dry_run) {
    if (launch.rank > 0) return false;
    fmt::print("what it would build first, in {}; nothing is done, and what the fight itself takes can be said when that is there\ntime, minutes and seconds\n", shelf);
    for (const auto& organism : missing) fmt::print("  {:>11}  {}\n", clock_time(tinytown::expected_seconds(organism)), organism.text());
    return false;
  }
  if (!launch.alone())
    fail("[fight] not built yet: {}; {} processes cannot share that, so start the card in one of them first, or build each with `fairfight organism build --seed SEED --variant VARIANT --out {}/NAME`",
         fmt::join(names, ", "), launch.size, shelf);
  make_writable_folder(options.out);  // or all that work would have no place for its fight
  fmt::print("first {} built in {}: {}\n", names.size() == 1 ? "an organism is" : fmt::format("{} organisms are", names.size()), shelf, fmt::join(names, ", "));
  tinytown::build_missing(missing, show_progress());
  return true;
}

}  // namespace

void run_card(const std::filesystem::path& path, const RunOptions& options, const UserData& own) {
  if (options.out.empty() && !options.dry_run) fail("[fight] got no --out, expected a folder for the result; a --dry-run alone needs none");
  const Launch launch = read_launch();
  if (launch.rank > 0) hear_notes(nullptr);  // rank 0 says all that is to be said
  Card card = Card::read(path);
  const FightEntry& fight = fight_by_name(card.fight);
  if (own.any()) {
    if (!fight.override_data) fail("[fight] \"{}\" is of organisms only, and takes neither a model nor a text of your own", card.fight);
    own.require_taken(card.fight, fight.inputs);
    const std::string said = override_card(card, own);
    if (!said.empty() && launch.rank == 0) fmt::print("{}\n", said);
    fight.override_data(card.data, own);
  } else if (!own.places.empty()) {
    card.read_at(own.places, "fight");
  }
  if (options.keep_all && fight.keeps.empty()) fail("[fight] --keep-all: \"{}\" leaves nothing but its result; leave the option out", card.fight);
  if (!provide_organisms(card, options, launch)) return;
  settle_sites(card);
  const bool resume = options.resume || launch.restarts > 0;  // torchrun starts all anew when one has died
  Venue venue{options.out, resume, launch.rank == 0 ? show_progress() : nullptr, nullptr, options.keep_all};
  const auto task = fight.task(card, *venue.memo);
  if (options.dry_run) {
    if (launch.rank == 0) print_plan(plan_fight(*task));
    return;
  }
  make_writable_folder(options.out);
  std::optional<FolderLock> lock;
  if (launch.rank == 0) lock.emplace(options.out);  // the others share it
  if (resume && !options.keep_all && fought(*task, venue)) {
    if (launch.rank > 0) return;
    if (!std::filesystem::exists(options.out / "report.html")) report_on(options.out);
    return fmt::print("{} is there: the fight is finished, and there is nothing to resume\n", (options.out / "result.json").string());
  }
  Profile profile;
  venue.profile = &profile;
  if (launch.alone())
    run_task(*task, venue, path, options.profile);
  else
    run_ranks(launch, *task, venue, path, options.profile);
}

void add_run_options(CLI::App& verb, RunOptions& options) {
  verb.add_flag("--resume", options.resume, "go on where an interrupted run in --out has stopped");
  verb.add_flag("--dry-run", options.dry_run, kDryRun);
  verb.add_flag("--profile", options.profile, "print where the time went");
}

constexpr const char* kYours = R"(
A model of your own, with --model: a Hugging Face folder, or a model's name in its cache. It takes the place of the card's models;
a card says the same with `model = "PATH"` in place of `models` and `seeds`, and with these in [data] (`other_text = "FILE"` ...).
)";

constexpr const char* kTexts = R"(
Texts are JSON Lines ({"text": "..."} a line), CSV (a column `text`; --field names another) or .txt (the whole file is one document).
A line may hold a conversation in place of the text, and in place of a behaviour's prompt: "messages": [{"role": "user", "content": "..."}, ...]. It
becomes what the model's own chat template writes; after a behaviour's the assistant speaks, or goes on with its last message.
Ready to run: cards/own/; what the keys mean: cards/README.md.

Several processes that torchrun, mpirun or srun have started with one --out, in a folder that all of them see, share a fight's jobs and come to the same result. Of one
that dies the others do the jobs, 30 seconds after it fell silent; without rank 0 all end, and --resume goes on.

Example:  fairfight fight cards/anomaly.toml --out runs/anomaly
Example:  torchrun --nnodes 2 --rdzv-backend c10d --rdzv-endpoint HOST:29500 --max-restarts 3 --no-python fairfight fight cards/anomaly.toml --out SHARED/anomaly
Example:  fairfight fight cards/anomaly.toml --model my-model --text my-text.jsonl --out runs/mine
Example:  fairfight fight cards/unrepresented.toml --model my-model --behaviour my.jsonl --text my-text.jsonl --retrained before --out runs/t4)";

/// What each fight takes, as it says itself.
std::string files_help() {
  std::string help = kYours;
  std::set<std::string_view> said;
  for (const auto& fight : fights()) {
    help += fmt::format("\n  {}\n", fight.info.name);
    for (const auto& input : fight.inputs) help += fmt::format("    {:<14} {}\n", input.flag(), input.help);
    if (!fight.files.empty() && said.insert(fight.files).second) help += fmt::format("{}\n", fight.files);
  }
  return help + kTexts;
}

void add_own_options(CLI::App& verb, UserData& own) {
  verb.add_option("--model", own.model, "a model of your own in place of the card's");
  std::map<std::string, std::string> takers;
  for (const auto& fight : fights())
    for (const auto& input : fight.inputs) takers[input.key] += (takers[input.key].empty() ? "" : ", ") + fight.info.name;
  for (const auto& [key, fights] : takers) verb.add_option(Input{key, ""}.flag(), own.files[key], fmt::format("of {}: see below", fights));
  verb.add_option("--site", own.places, "where contestants read, by its TransformerLens name or as a fraction of the depth (with --model: 0.5, after the middle block); several with commas between them: then where is a hyperparameter")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_bos_option(verb, own.bos);
  verb.add_option_function<std::string>("--dtype", [&](const std::string& name) { own.weights = precision_by_name(name); }, "what the model's weights become: float32 (default), or bfloat16")->check(CLI::IsMember({"float32", "bfloat16"}));
}

void add_fight(CLI::App& app) {
  auto* verb = app.add_subcommand("fight", "Runs a card: who fights whom about what");
  verb->footer(files_help());
  static std::filesystem::path card;
  static RunOptions options;
  static UserData own;
  verb->add_option("card", card, "a TOML file, your own or a shipped one")->required();
  verb->add_option("--out", options.out, "folder for result.json and report.html, and what the two champions made where a fight keeps that; --dry-run needs none");
  verb->add_flag("--keep-all", options.keep_all, "leave there what everyone made, not only the two that were best on validation");
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
