#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/methods/patched.h"

namespace fairfight {

void add_apply(CLI::App& app) {
  auto* verb = app.add_subcommand("apply", "Makes a patched model of a model and a patch that a fight has kept");
  verb->footer("Example:  fairfight apply runs/represented/patches/zero_clamp-0-0.hook.safetensors organisms/tinytown-0 --out patched");
  static std::filesystem::path patch, out;
  static std::string model;
  verb->add_option("patch", patch, "a .hook.safetensors, or a folder with changed weights")->required();
  verb->add_option("model", model, "the model that the patch was made for: a Hugging Face folder, or the name of a shipped organism")->required();
  verb->add_option("--out", out, "folder for the patched model")->required();
  verb->callback([] {
    const PatchedModel patched = apply_patch(patch, model, out);
    for (const auto& hook : patched.hooks)
      fmt::print("{}: {}; only fairfight runs that hook, everyone else sees the model without it\n", out.string(), hook->about());
    if (patched.hooks.empty())
      fmt::print("{}: changed weights, which transformers loads\n", out.string());
  });
}

}  // namespace fairfight
