#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "fairfight/base/json.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// A model from a Hugging Face folder: config.json and *.safetensors. Weights become float32. Errors: a config that is not
/// implemented, a tensor that is missing, left over, of a wrong shape or not finite.
struct LoadedModel {
  Transformer model;
  std::filesystem::path folder;
  std::string sha256;  // of the weights' files
};
/// A folder with a hook beside the weights is refused, too, unless the caller runs it: load_patched (methods/patched.h).
LoadedModel load_model(const std::string& name_or_folder, bool runs_hook = false);
constexpr std::string_view kHookFile = "hook.safetensors";

/// Writes config.json and model.safetensors in bfloat16 (to nearest).
void save_model(const Transformer& model, const std::filesystem::path& folder);

/// The model with its weights as save_model stores them.
Transformer rounded_to_bfloat16(const Transformer& model);

}  // namespace fairfight
