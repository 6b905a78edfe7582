#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <vector>

#include "fairfight/model/batch.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// Where a verb's text comes from: a user's file, or else the world that an organism's papers name.
struct TextOptions {
  std::filesystem::path file;
  std::string field = "text";
  size_t ctx = 0;  // 0: 128, or what the model sees
};
void add_text_options(CLI::App& verb, TextOptions& options);

/// Documents of a split, 64 to a batch. A user's documents are cut into passages of `ctx` tokens, the <bos> among them; one in ten, by its hash, is the
/// test split and all others are the rest. Reads `documents` of the split at most, and ends behind `tokens` tokens.
std::vector<Batch> text_of(const LoadedModel& model, const TextOptions& options, Split split, size_t documents, int64_t tokens = INT64_MAX);

}  // namespace fairfight
