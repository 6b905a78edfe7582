#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>

#include "cli/plain_verbs.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/base/progress.h"

namespace fairfight {

/// A verb adds itself to the command line and sets what it does as its callback. One file a verb, one line in main.cpp.
void add_demo(CLI::App& app);
void add_fight(CLI::App& app);
void add_fights(CLI::App& app);
void add_contestants(CLI::App& app);
void add_models(CLI::App& app);
void add_inspect(CLI::App& app);
void add_train(CLI::App& app);
void add_evaluate(CLI::App& app);
void add_generate(CLI::App& app);
void add_perplexity(CLI::App& app);
void add_apply(CLI::App& app);
void add_organism(CLI::App& app);
void add_judge(CLI::App& app);
void add_report(CLI::App& app);

/// Shows progress on stderr: one line that is redrawn on a terminal, a line every few seconds elsewhere.
Progress::Sink show_progress();

std::string clock_time(double seconds);  // minutes:seconds

/// A single long job with its name and expected seconds, shown the same way.
Tick show_job(const std::string& name, double expected_seconds);

struct RunOptions {
  std::filesystem::path out;
  bool resume = false, profile = false, keep_all = false, dry_run = false;
};
void add_run_options(CLI::App& verb, RunOptions& options);  // but for --out

/// Runs a card and writes result.json and report.html; prints the table and, last, the report's path.
void run_card(const std::filesystem::path& card, const RunOptions& options, const UserData& own = {});

}  // namespace fairfight
