#pragma once
#include <filesystem>
#include <string>

#include "fairfight/model/checkpoint.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// A model with what was done to it: the hook that lies in its folder as hook.safetensors, if there is one.
struct PatchedModel {
  LoadedModel loaded;
  std::shared_ptr<const Hook> hook;
  ReadOut read_out(const at::Tensor& tokens) const { return Patch{nullptr, hook}.read_out(loaded.model, tokens); }
  at::Tensor logits(const at::Tensor& tokens) const { return read_out(tokens).logits(); }
};
PatchedModel load_patched(const std::string& name_or_folder, const LoadOptions& options = {});

/// A hook becomes STEM.hook.safetensors. Changed weights become a folder STEM that `transformers` loads, in bfloat16, with the
/// tokenizer of the original.
void write_patch(const Patch& patch, const LoadedModel& original, const std::filesystem::path& stem);

/// Makes a folder of a model and a patch that write_patch has written: the changed weights beside the model's tokenizer, or all of
/// the model's files and the hook. Errors: a patch that does not fit the model, a folder that is not empty.
PatchedModel apply_patch(const std::filesystem::path& patch, const std::string& model, const std::filesystem::path& out);

}  // namespace fairfight
