#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "cli/text.h"
#include "fairfight/arena/plan.h"

namespace fairfight {

inline constexpr const char* kDryRun = "say what it would take (seconds by stage, memory, disk), and do nothing";

inline constexpr double kBytesAToken = 4;  // of text in the languages that tokenizers are made for, about

/// Prints what a job would take, beside what this machine has left.
void print_plan(const Plan& plan);

/// Tokens of the first documents, about: a user's text is read and not tokenized.
double tokens_in(const std::string& model, const TextOptions& text, size_t documents);

/// Reading a text of so many tokens with a model of this config.
Plan plan_of_reading(const std::string& stage, const Config& config, Precision weights, double tokens, double flops_a_token, double tokens_at_once);

}  // namespace fairfight
