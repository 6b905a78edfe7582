#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/arch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

struct LoadOptions {
  /// What the weights become. bfloat16: matrices are kept in it, and multiplied in it; gains, biases and activations stay
  /// float32.
  Precision weights = Precision::float32;
  std::string device = "cpu";  // the only one that this build computes on
  bool hash = true;            // of the weights, for a result; takes longer than reading them
  bool scalar = false;         // the head is one row, a score: load_reward_trunk (reward_model.h)
};

/// Error: a device that this build does not compute on.
void require_device(const std::string& device);

/// A model from a Hugging Face folder: config.json and *.safetensors in F32, F16, BF16 or F64. Reads a few megabytes at a
/// time into where they belong, so that loading takes little more memory than the weights. Errors: a config that is not
/// implemented, a tensor that is missing, left over, of a wrong shape or not finite, more weights than there is memory. An adapter
/// (io/peft_lora.h) is added to the weights as they are read.
struct LoadedModel {
  Transformer model;
  std::filesystem::path folder;
  std::string sha256;         // of the weights' files; empty: not asked for
  std::string revision = {};  // the commit in the hub's cache; empty for a plain folder
  bool adapted = false;       // its weights hold what an adapter adds to those in the files
};
/// A folder with a hook beside the weights is refused, too, unless the caller runs it: load_patched (methods/patched.h).
LoadedModel load_model(const std::string& name_or_folder, bool runs_hook = false, const LoadOptions& options = {});
constexpr std::string_view kHookFile = "hook.safetensors";

/// What a model takes, known before a byte of it is read.
struct ModelMemory {
  int64_t parameters;
  uint64_t weights;  // bytes
  uint64_t a_token;  // bytes, roughly, for every token of a pass without gradients
};
ModelMemory memory_of(const Config& config, Precision weights);
uint64_t available_memory();  // bytes that this machine has left

/// Writes config.json and model.safetensors in bfloat16 (to nearest). `keys` of config.json are those beside the model's own.
void save_model(const Transformer& model, const std::filesystem::path& folder, const Json& keys = Json::object());

/// What the file holds in a slot, of what its parts are in memory.
at::Tensor joined(const Slot& slot, const std::vector<at::Tensor>& parts);

/// The model with its weights as save_model stores them.
Transformer rounded_to_bfloat16(const Transformer& model);

}  // namespace fairfight
