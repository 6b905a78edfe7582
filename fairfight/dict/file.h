#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "fairfight/dict/dictionary.h"
#include "fairfight/dict/settings.h"

namespace fairfight {

/// Where a dictionary comes from.
struct DictionaryNote {
  std::string site;          // "blocks.2.hook_resid_post"
  std::string model_sha256;  // of the weights whose activations it saw
  DictionarySettings settings;
  bool bos = false;          // a <bos> was put before every text, whatever the tokenizer does
  /// The rows of the text that it learned from, and how many of them were attention sinks (acts/sinks.h): a norm above so many medians.
  struct Sinks {
    int64_t rows = 0, left_out = 0;  // the limit itself is a tensor of the file, most_norm
  };
  std::optional<Sinks> sinks = {};
  int64_t ctx = 0;           // tokens that its texts were cut to; 0: as the command that learned it cuts them
};

/// One safetensors file: Dictionary::tensors() feature-major, and one JSON text in the metadata with kind and note.
void save_dictionary(const std::filesystem::path& path, const Dictionary& dictionary, const DictionaryNote& note);

/// Errors: not a file of ours or one of before version 2, which did not record how texts were read; an unknown kind, a tensor that is missing, left over, of a wrong type or shape, not finite,
/// or w_dec that are not of unit norm.
struct LoadedDictionary {
  std::unique_ptr<Dictionary> dictionary;
  DictionaryNote note;
};
LoadedDictionary load_dictionary(const std::filesystem::path& path);

/// The same, and an error if its note is not the expected one.
std::unique_ptr<Dictionary> load_dictionary(const std::filesystem::path& path, const DictionaryNote& expected);

}  // namespace fairfight
