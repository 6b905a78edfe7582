#pragma once
#include <CLI/CLI.hpp>

namespace fairfight {

// The verbs that need no libtorch: start.cpp runs them itself.
void add_tokens(CLI::App& app);
void add_board(CLI::App& app);
void add_forecast(CLI::App& app);

}  // namespace fairfight
