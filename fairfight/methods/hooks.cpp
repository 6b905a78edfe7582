#include "fairfight/methods/hooks.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {

extern const HookKind kAffine, kBias, kBoosted, kClamp, kError, kFallback, kGate, kRules, kWordGate;

namespace {

constexpr const char* kKey = "fairfight.hook";
constexpr int64_t kVersion = 1;

const HookKind& kind_of(const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& kind : hook_kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  fail("[load_hook] got kind \"{}\", expected one of: {}", shown(name), fmt::join(known, ", "));
}

std::shared_ptr<const Hook> parse(const TensorFile& file, const std::string& where) {
  const auto text = file.metadata.find(kKey);
  if (text == file.metadata.end()) fail("[load_hook] not a hook of fairfight: its metadata have no \"{}\"", kKey);
  const Json json = parse_json(text->second, where);
  Fields fields(json, kKey);
  fields.integer("version", kVersion, kVersion);
  const HookKind& kind = kind_of(fields.text("kind"));
  const Json& settings = fields.any("settings");
  fields.finish();
  auto hook = kind.rebuild(settings, file.tensors);
  const auto known = hook->tensors();
  for (const auto& [name, tensor] : file.tensors)
    if (!known.contains(name)) fail("[load_hook] tensor \"{}\" has no place in kind {}", shown(name), hook->kind());
  return hook;
}

}  // namespace

const std::vector<HookKind>& hook_kinds() {
  static const std::vector<HookKind> kinds{kAffine, kBias, kBoosted, kClamp, kError, kFallback, kGate, kRules, kWordGate};
  return kinds;
}

at::Tensor edit_from(int64_t from, const at::Tensor& x, const Chunk& chunk, const Edit& change) {
  if (from == 0) return change(x);
  if (chunk.whole()) return at::cat({x.slice(1, 0, from), change(x.slice(1, from))}, 1);
  std::vector<int64_t> shape(size_t(x.dim()), 1);
  std::copy_n(chunk.tokens.sizes().begin(), 2, shape.begin());
  return at::where((chunk.positions() >= from).view(shape), change(x), x);
}

void save_hook(const Hook& hook, const std::filesystem::path& path) {
  const Json json{{"version", kVersion}, {"kind", hook.kind()}, {"settings", hook.settings()}};
  write_tensors(path, {hook.tensors(), {{kKey, json.dump()}}});
}

std::shared_ptr<const Hook> load_hook(const std::filesystem::path& path) {
  const TensorFile file = read_tensors(path);
  try {
    return parse(file, path.string());
  } catch (const Error& error) {
    fail("{} (in {})", error.what(), path.string());
  }
}

at::Tensor require_hook_tensor(const Tensors& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape) {
  auto tensor = require_tensor(tensors, name, type, shape, "hook");
  if (!at::isfinite(tensor).all().item<bool>()) fail("[hook] tensor \"{}\" holds a value that is not finite", name);
  return tensor;
}

void require_width(const Config& config, const Site& site, int64_t width) {
  require_site(config, site);
  if (width_at(config, site) != width)
    fail("[hook] at {} the model is {} wide, the hook was made for {}", site.name(), width_at(config, site), width);
}

}  // namespace fairfight
