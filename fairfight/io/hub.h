#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/io/peft_lora.h"
#include "fairfight/io/safetensors.h"

namespace fairfight {

/// A model as the Hugging Face world keeps it: a folder with config.json, safetensors and tokenizer.json.
struct ModelFolder {
  std::filesystem::path folder;                    // with config.json and the weights
  Json config;                                     // config.json, an object
  std::vector<std::filesystem::path> weights;      // model.safetensors, or the shards of its index in order of name
  std::optional<std::filesystem::path> tokenizer;  // tokenizer.json, where there is one
  std::string revision;                            // the commit in the cache; empty for a plain folder
  std::optional<std::filesystem::path> adapter{};  // with an adapter_config.json: this folder, or one that names it as its base
  std::vector<std::string> notes{};                // of files beside the weights
};

/// `name` is a folder, or else a model in the Hugging Face cache ("org/name": $HF_HUB_CACHE, $HUGGINGFACE_HUB_CACHE, $HF_HOME/hub,
/// $XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub, with ~ and $NAMES in them; revision main). Nothing is downloaded: the error for a missing
/// model says which command does that. A folder with an adapter alone is that adapter on the model that it names.
ModelFolder find_model(std::string_view name);

/// One view over the safetensors files of a folder: model.safetensors, or model.safetensors.index.json and its shards; with an adapter,
/// what that holds whole takes its place.
/// Errors: an index that names a path instead of a file, or a tensor that is not in the shard it names.
class Checkpoint {
 public:
  explicit Checkpoint(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& adapter = {});

  std::vector<std::string> names() const;  // sorted
  bool has(const std::string& name) const { return place_of_.contains(name); }
  const TensorInfo& find(const std::string& name) const;
  void read(const std::string& name, void* into) const;  // `into` holds find(name).bytes()
  /// `bytes` bytes of a tensor, from its byte `from` on.
  void read(const std::string& name, uint64_t from, uint64_t bytes, void* into) const;
  const std::optional<PeftLora>& lora() const { return lora_; }
  const SafetensorsFile& lora_file() const { return shards_.back(); }
  /// Of the file; for shards and adapters, of the sorted lines "name sha256\n". Reads everything.
  std::string sha256() const;

 private:
  void open_shards(const std::map<std::string, std::string>& weight_map);  // tensor -> file
  struct Place {
    size_t shard;
    std::string name;  // in there
  };
  const Place& place(const std::string& name) const;

  std::filesystem::path folder_;
  std::optional<PeftLora> lora_;
  std::vector<SafetensorsFile> shards_;  // the adapter's file is the last
  std::map<std::string, Place> place_of_;
};

}  // namespace fairfight
