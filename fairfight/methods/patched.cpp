#include "fairfight/methods/patched.h"

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/arch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

void put(const fs::path& from, const fs::path& into) { write_atomic(into / from.filename(), read_file(from, UINT64_MAX)); }

void copy_tokenizer(const fs::path& from, const fs::path& into) {
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
                           "tokenizer.model", "chat_template.jinja", "generation_config.json"})
    if (fs::exists(from / name)) put(from / name, into);
}

/// Untying the head is part of some patches.
Json shape_of(const Transformer& model) {
  Json config = write_config(model.config());
  config.erase("tie_word_embeddings");
  return config;
}

/// The n-th file of several hooks, counted from 0.
fs::path nth(const fs::path& first, size_t n) {
  fs::path file = first;
  return n == 0 ? file : file.replace_extension().concat(fmt::format("+{}.safetensors", n + 1));
}

Hooks load_hooks(const fs::path& first) {
  Hooks hooks;
  while (fs::exists(nth(first, hooks.size()))) hooks.push_back(load_hook(nth(first, hooks.size())));
  return hooks;
}

void save_hooks(const Hooks& hooks, const fs::path& first) {
  for (size_t i = 0; i < hooks.size(); ++i) save_hook(*hooks[i], nth(first, i));
}

Patch read_patch(const fs::path& path) {
  if (!fs::is_directory(path)) {
    Hooks hooks{load_hook(path)};
    for (size_t i = 1; fs::exists(nth(path, i)); ++i) hooks.push_back(load_hook(nth(path, i)));
    return {nullptr, hooks};
  }
  PatchedModel patched = load_patched(path.string());
  return {std::make_shared<const Transformer>(std::move(patched.loaded.model)), patched.hooks};
}

void require_fit(const Patch& patch, const LoadedModel& model, const fs::path& path) {
  if (patch.weights && shape_of(*patch.weights) != shape_of(model.model))
    fail("[apply] {} is a model of another shape than {}; give the model that the patch was made for", path.string(), model.folder.string());
  try {
    const at::NoGradGuard no_grad;
    patch.logits(model.model, at::zeros({1, 2}, at::kLong));
  } catch (const Error& error) {
    fail("[apply] {} does not fit {}: {}", path.string(), model.folder.string(), error.what());
  } catch (const c10::Error& error) {
    fail("[apply] {} does not fit {}: {}", path.string(), model.folder.string(), error.what_without_backtrace());
  }
}

}  // namespace

PatchedModel load_patched(const std::string& name, const LoadOptions& options) {
  LoadedModel loaded = load_model(name, true, options);
  Hooks hooks = load_hooks(loaded.folder / kHookFile);
  return {std::move(loaded), std::move(hooks)};
}

void write_patch(const Patch& patch, const LoadedModel& original, const fs::path& stem) {
  if (!patch.hooks.empty() && !patch.weights) {
    make_writable_folder(stem.parent_path());
    return save_hooks(patch.hooks, stem.string() + ".hook.safetensors");
  }
  save_model(patch.weights ? *patch.weights : original.model, stem);
  copy_tokenizer(original.folder, stem);
  save_hooks(patch.hooks, stem / kHookFile);
}

PatchedModel apply_patch(const fs::path& path, const std::string& name, const fs::path& out) {
  const LoadedModel model = load_model(name);
  const Patch patch = read_patch(path);
  require_fit(patch, model, path);
  make_writable_folder(out);
  if (!fs::is_empty(out)) fail("[apply] {} is not empty; choose another --out", out.string());
  if (model.adapted && !patch.weights) {  // the files beside it are those of the model without its adapter
    write_patch({std::make_shared<Transformer>(model.model), patch.hooks}, model, out);
  } else if (patch.weights) {
    write_patch(patch, model, out);
  } else {
    for (const auto& entry : fs::directory_iterator(model.folder))
      if (entry.is_regular_file()) put(entry.path(), out);
    save_hooks(patch.hooks, out / kHookFile);
  }
  return load_patched(out.string());
}

}  // namespace fairfight
