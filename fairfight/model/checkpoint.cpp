#include "fairfight/model/checkpoint.h"

#include <fmt/ranges.h>

#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/model/arch.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr std::string_view kHead = "lm_head.weight";

Weights empty_weights(const Config& config) {
  Weights weights;
  weights.blocks.resize(size_t(config.n_layers));
  return weights;
}

/// The slot with its name as this checkpoint has it: with the prefix or, where it was saved without a head, without.
Slot as_named_in(const Checkpoint& checkpoint, Slot slot, std::string_view body) {
  if (checkpoint.has(slot.name) || !slot.name.starts_with(body)) return slot;
  const std::string bare = slot.name.substr(body.size());
  if (checkpoint.has(bare)) slot.name = bare;
  return slot;
}

/// The file's tensor as float32, checked against the table's shape.
at::Tensor read_slot(const Checkpoint& checkpoint, const Slot& slot, const std::string& where) {
  if (!checkpoint.has(slot.name)) fail("[load_model] {}: the tensor {} is missing", where, slot.name);
  const auto& info = checkpoint.find(slot.name);
  if (!std::equal(info.shape.begin(), info.shape.end(), slot.shape.begin(), slot.shape.end()))
    fail("[load_model] {}: {} has shape [{}], expected [{}] from config.json", where, slot.name, fmt::join(info.shape, ", "),
         fmt::join(slot.shape, ", "));
  if (info.dtype != Dtype::f32 && info.dtype != Dtype::f16 && info.dtype != Dtype::bf16 && info.dtype != Dtype::f64)
    fail("[load_model] {}: {} is {}, expected a floating-point dtype", where, slot.name, name_of(info.dtype));
  const auto tensor = tensor_of(info, [&](void* into) { checkpoint.read(slot.name, into); }).to(at::kFloat);
  if (!tensor.isfinite().all().item<bool>()) fail("[load_model] {}: {} holds a NaN or an infinity", where, slot.name);
  return tensor;
}

/// Tensors that old checkpoints carry beside the weights: masks and frequencies that follow from the config.
bool is_buffer(const std::string& name) {
  return name.ends_with(".attn.bias") || name.ends_with(".attn.masked_bias") || name.ends_with(".rotary_emb.inv_freq");
}

/// transformers does not tie a head that the file gives values of its own; neither are those dropped here.
void require_tied(const Checkpoint& checkpoint, const at::Tensor& embed, const std::string& where) {
  const Slot head{std::string(kHead), embed.sizes().vec(), {}};
  if (checkpoint.has(head.name) && !at::equal(read_slot(checkpoint, head, where), embed))
    fail("[load_model] {}: config.json ties {} to the embedding, but the two differ", where, head.name);
}

}  // namespace

LoadedModel load_model(const std::string& name, bool runs_hook) {
  const ModelFolder found = find_model(given_or_shipped(name).string());
  const std::string where = found.folder.string();
  if (!runs_hook && std::filesystem::exists(found.folder / kHookFile))
    fail("[load_model] {}: has a hook beside its weights ({}), which only `fairfight generate` runs; give the model that was patched", where, kHookFile);
  const Config config = read_config(found.config, (found.folder / "config.json").string());
  const Checkpoint checkpoint(found.folder);
  // Read what the files hold before anything is sized by what the config claims.
  Weights weights = empty_weights(config);
  std::set<std::string> expected;
  const Arch& arch = arch_by_name(config.arch);
  for (const auto& entry : arch.table(config, weights)) {
    const Slot slot = as_named_in(checkpoint, entry, arch.body);
    auto tensor = read_slot(checkpoint, slot, where);
    if (slot.transposed) tensor = tensor.t().contiguous();
    const auto pieces = tensor.chunk(int64_t(slot.parts.size()));
    for (size_t i = 0; i < slot.parts.size(); ++i) *slot.parts[i] = slot.parts.size() == 1 ? tensor : pieces[i].clone();
    expected.insert(slot.name);
  }
  if (config.tied) {
    require_tied(checkpoint, weights.embed, where);
    weights.unembed = weights.embed;
  }
  for (const auto& tensor : checkpoint.names()) {
    const bool tied_copy = config.tied && tensor == kHead;
    if (!expected.contains(tensor) && !is_buffer(tensor) && !tied_copy)
      fail("[load_model] {}: the tensor {} has no place in a {}", where, tensor, config.arch);
  }
  return {Transformer(config, std::move(weights)), found.folder, checkpoint.sha256()};
}

void save_model(const Transformer& model, const std::filesystem::path& folder) {
  make_writable_folder(folder);
  Json config = write_config(model.config());
  config["torch_dtype"] = "bfloat16";
  Weights weights = model.weights();
  TensorFile file{{}, {{"format", "pt"}}};
  for (const auto& slot : arch_by_name(model.config().arch).table(model.config(), weights)) {
    std::vector<at::Tensor> parts;
    for (const auto* part : slot.parts) parts.push_back(*part);
    const auto tensor = at::cat(parts);
    file.tensors[slot.name] = (slot.transposed ? tensor.t() : tensor).to(at::kBFloat16).contiguous();
  }
  write_tensors(folder / "model.safetensors", file);
  write_atomic(folder / "config.json", dump_json(config));
}

Transformer rounded_to_bfloat16(const Transformer& model) {
  at::NoGradGuard no_grad;
  Weights weights = model.weights().clone();
  for (auto& tensor : weights.parameters()) tensor.copy_(tensor.to(at::kBFloat16));
  return Transformer(model.config(), std::move(weights));
}

}  // namespace fairfight
