#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace fairfight {

/// The number of a closed standard stream would go to the next file that is opened, and what is printed into that file.
void open_standard_streams();

/// Says what is wrong in one line; gives `code`.
int complain(std::string message, int code);

/// Error for a verb that several processes were started with and cannot share: all but `fight`.
void require_one_process(const CLI::App& app);

/// Runs the verb that the arguments name. Gives the exit code: 2 for what cannot be read, 130 for what was stopped.
int run_verb(CLI::App& app, int count, char** arguments);

/// Runs a program's inside; whatever it throws becomes one line and an exit code.
int run_program(int (*program)(int, char**), int count, char** arguments);

}  // namespace fairfight
