#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <vector>

#include "fairfight/model/batch.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// Where a verb's text comes from: a user's file, or else the world that an organism's datasheet name.
struct TextOptions {
  std::filesystem::path file;
  std::string field = "text";
  size_t ctx = 0;    // 0: 128, or what the model sees
  bool bos = false;  // before every text
};
void add_text_options(CLI::App& verb, TextOptions& options);

struct SplitText {
  std::vector<Batch> batches;  // 64 documents or passages to each
  std::string said;            // what was read of a user's file and what was left out, in one line; empty of an organism's text
};

/// Documents of a split. A user's documents are cut into passages of `ctx` tokens, what the tokenizer puts around each among them; one in ten, by its hash,
/// is the test split and all others are the rest, without the passages that it has. Reads `documents` of the split at most, and ends after `tokens` tokens.
SplitText text_of(const LoadedModel& model, const TextOptions& options, tinytown::Split split, size_t documents, int64_t tokens = INT64_MAX);

}  // namespace fairfight
