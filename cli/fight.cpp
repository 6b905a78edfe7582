#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

#include "cli/verbs.h"
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

}  // namespace

void run_card(const std::filesystem::path& path, const std::filesystem::path& out, bool resume) {
  const Card card = Card::read(path);
  const FightEntry& fight = fight_by_name(card.fight);
  make_writable_folder(out);
  const auto started = utc_now();
  const auto start = std::chrono::steady_clock::now();
  Result result = fight.run(card, {out, resume, show_progress()});
  result.registration.card = "cards/" + path.filename().string();
  result.timing = {started, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), describe_machine()};
  write_atomic(out / "result.json", dump_json(result.to_json()));
  // A report knows nothing but result.json: it is the same when it is rebuilt elsewhere.
  const Result told = Result::from_json(read_json(out / "result.json"));
  write_atomic(out / "report.html", html_report(told));
  fmt::print("\n{}\n{}\n", terminal_report(told, isatty(STDOUT_FILENO) != 0), std::filesystem::absolute(out / "report.html").lexically_normal().string());
}

void add_fight(CLI::App& app) {
  auto* verb = app.add_subcommand("fight", "Runs a card: who fights whom about what");
  verb->footer("Example:  fairfight fight cards/anomaly.toml --out runs/anomaly");
  static std::filesystem::path card, out;
  static bool resume = false;
  verb->add_option("card", card, "a TOML file, your own or a shipped one")->required();
  verb->add_option("--out", out, "folder for result.json and report.html")->required();
  verb->add_flag("--resume", resume, "keep the dictionaries that an interrupted run has left there");
  verb->callback([] { run_card(given_or_shipped(card), out, resume); });
}

void add_report(CLI::App& app) {
  auto* verb = app.add_subcommand("report", "Rebuilds the report from a result.json, on any machine");
  verb->footer("Example:  fairfight report runs/demo/result.json --html report.html");
  static std::filesystem::path result, html;
  verb->add_option("result", result, "a result.json")->required();
  verb->add_option("--html", html, "write the page there; without it the table is printed");
  verb->callback([] {
    const Result loaded = Result::from_json(read_json(result));
    if (html.empty())
      fmt::print("{}", terminal_report(loaded, isatty(STDOUT_FILENO) != 0));
    else
      write_atomic(html, html_report(loaded));
  });
}

}  // namespace fairfight
