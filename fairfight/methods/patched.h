#pragma once
#include <filesystem>
#include <string>

#include "fairfight/model/checkpoint.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// A model with what was done to it: the hooks that lie in its folder, hook.safetensors, hook+2.safetensors ..., in this order.
struct PatchedModel {
  LoadedModel loaded;
  Hooks hooks;
  ReadOut read_out(const at::Tensor& tokens) const { return fairfight::read_out(loaded.model, hooks, tokens); }
  at::Tensor logits(const at::Tensor& tokens) const { return read_out(tokens).logits(); }
};
PatchedModel load_patched(const std::string& name_or_folder, const LoadOptions& options = {});

/// A hook becomes STEM.hook.safetensors, a second one STEM.hook+2.safetensors, and so on. Changed weights become a folder STEM that `transformers` loads, in bfloat16, with the
/// tokenizer of the original.
void write_patch(const Patch& patch, const LoadedModel& original, const std::filesystem::path& stem);

/// Makes a folder of a model and a patch that write_patch has written: the changed weights beside the model's tokenizer, or all of
/// the model's files and the hook. Errors: a patch that does not fit the model, a folder that is not empty.
PatchedModel apply_patch(const std::filesystem::path& patch, const std::string& model, const std::filesystem::path& out);

}  // namespace fairfight
