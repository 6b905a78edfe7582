#include "fairfight/model/checkpoint.h"

#include <fmt/ranges.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/note.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"
#include "fairfight/model/weight_arena.h"

namespace fairfight {
namespace {

constexpr int64_t kBufferBytes = 512 << 10;

Weights empty_weights(const Config& config) {
  Weights weights;
  weights.blocks.resize(size_t(config.n_layers));
  return weights;
}

/// The table of a family; a head that makes one number stands in it in the place of the unembedding, and transformers calls it so in every family.
std::vector<Slot> table_of(const Config& config, Weights& weights) {
  auto table = arch_by_name(config.arch).table(config, weights);
  for (auto& slot : table)
    if (config.scalar && slot.parts[0].into == &weights.unembed) slot = {"score.weight", {1, config.d_model}, {{&weights.unembed, 1}}};
  return table;
}

/// What files call the tensor of a slot: also the other name or, where it was saved without a head, without the prefix.
std::vector<std::string> names_of(const Slot& slot, std::string_view body) {
  std::vector<std::string> names{slot.name};
  if (!slot.also.empty()) names.push_back(slot.also);
  if (slot.name.starts_with(body)) names.push_back(slot.name.substr(body.size()));
  return names;
}

/// Of the unembedding; transformers since 5.14 calls it so in every family.
std::vector<std::string> heads_of(const Arch& arch) { return {std::string(arch.head), "lm_head.weight"}; }

Slot as_named_in(const Checkpoint& checkpoint, Slot slot, const std::vector<std::string>& names) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) { return checkpoint.has(name); });
  if (found != names.end()) slot.name = *found;
  return slot;
}

/// What an adapter adds to the tensor of a slot.
class Added {
 public:
  Added(const Checkpoint& checkpoint, const Slot& slot, const PeftLora::Product& product, const std::string& where)
      : transposed_(slot.transposed), scale_(product.scale) {
    const auto& file = checkpoint.lora_file();
    const auto read = [&](const std::string& name, int64_t rows, int64_t columns) {
      const auto& info = file.find(name);
      const auto x = tensor_of(info, [&](void* into) { file.read(info, into); }).to(at::kFloat);
      if ((rows >= 0 && x.size(0) != rows) || x.size(1) != columns)
        fail("[load_model] {}: the adapter's {} has shape [{}], which does not fit {}, [{}]", where, name, fmt::join(x.sizes(), ", "), slot.name,
             fmt::join(slot.shape, ", "));
      if (!all_finite(x)) fail("[load_model] {}: the adapter's {} holds a NaN or an infinity", where, name);
      return x;
    };
    a_ = read(product.a, -1, slot.shape[transposed_ ? 0 : 1]);
    b_ = read(product.b, slot.shape[transposed_ ? 1 : 0], a_.size(0));
  }
  /// Rows as the file has them.
  at::Tensor rows(int64_t from, int64_t count) const {
    return (transposed_ ? a_.t().narrow(0, from, count).matmul(b_.t()) : b_.narrow(0, from, count).matmul(a_)) * scale_;
  }

 private:
  bool transposed_;
  double scale_;
  at::Tensor a_, b_;
};

/// What the checkpoint's adapter adds to a slot that files call so.
const PeftLora::Product* product_of(const Checkpoint& checkpoint, const std::vector<std::string>& names) {
  if (!checkpoint.lora()) return nullptr;
  for (const auto& name : names)
    if (const auto found = checkpoint.lora()->products().find(name); found != checkpoint.lora()->products().end()) return &found->second;
  return nullptr;
}

/// A head that the adapter changes alone is no longer the embedding.
bool unties(const Checkpoint& checkpoint, const Slot& embed, const std::vector<std::string>& heads, std::string_view body, const std::string& where) {
  if (!checkpoint.lora()) return false;
  const auto& whole = checkpoint.lora()->whole();
  const auto any = [&](const std::vector<std::string>& names) { return std::any_of(names.begin(), names.end(), [&](const auto& n) { return whole.contains(n); }); };
  if (any(names_of(embed, body)) && !any(heads))
    fail("[load_model] {}: the adapter brings an embedding of its own and no head, where config.json ties the two; expected both in modules_to_save", where);
  return any(heads) || product_of(checkpoint, heads);
}

/// The adapter's every product has a place in the model, and the model has every one that its config speaks of.
void require_fit(const PeftLora& lora, const std::vector<Slot>& table, const std::vector<const PeftLora::Product*>& products, const std::string& where) {
  for (const auto& [weight, product] : lora.products())
    if (std::find(products.begin(), products.end(), &product) == products.end())
      fail("[load_model] {}: the adapter adds to {}, which the model does not have", where, weight);
  for (size_t i = 0; i < table.size(); ++i) {
    const std::string& name = table[i].name;
    if (!products[i] && name.ends_with(".weight") && lora.targets(name.substr(0, name.rfind('.'))))
      fail("[load_model] {}: adapter_config.json speaks of {}, and adapter_model.safetensors has nothing for it", where, name);
  }
}

void check(const Checkpoint& checkpoint, const Slot& slot, const std::string& where) {
  if (!checkpoint.has(slot.name)) fail("[load_model] {}: the tensor {} is missing", where, slot.name);
  const auto& info = checkpoint.find(slot.name);
  if (!std::equal(info.shape.begin(), info.shape.end(), slot.shape.begin(), slot.shape.end()))
    fail("[load_model] {}: {} has shape [{}], expected [{}] from config.json", where, slot.name, fmt::join(info.shape, ", "),
         fmt::join(slot.shape, ", "));
  if (info.dtype != Dtype::f32 && info.dtype != Dtype::f16 && info.dtype != Dtype::bf16 && info.dtype != Dtype::f64)
    fail("[load_model] {}: {} is {}, expected a floating-point dtype", where, slot.name, name_of(info.dtype));
}

/// Calls `visit(rows, from)` with the tensor's rows from `from` on, [some, columns] in the file's dtype, on several threads.
/// They are read into their place in `into`, [rows, columns], if that is defined.
template <class Visit>
void each_rows(const Checkpoint& checkpoint, const Slot& slot, const std::string& where, const at::Tensor& into, Visit visit) {
  const auto& info = checkpoint.find(slot.name);
  const int64_t rows = slot.shape[0], columns = slot.shape.size() == 2 ? slot.shape[1] : 1,
                row_bytes = columns * int64_t(size_of(info.dtype));
  const int64_t at_once = std::clamp(kBufferBytes / row_bytes, int64_t(1), rows);
  at::parallel_for(0, (rows + at_once - 1) / at_once, 1, [&](int64_t first, int64_t behind) {
    const auto buffer = into.defined() ? at::Tensor() : at::empty({at_once, columns}, scalar_type_of(info.dtype));
    for (int64_t piece = first; piece < behind; ++piece) {
      const int64_t from = piece * at_once, count = std::min(at_once, rows - from);
      const auto values = into.defined() ? into.narrow(0, from, count) : buffer.narrow(0, 0, count);
      checkpoint.read(slot.name, uint64_t(from * row_bytes), uint64_t(count * row_bytes), values.data_ptr());
      if (!all_finite(values)) fail("[load_model] {}: {} holds a NaN or an infinity", where, slot.name);
      visit(values, from);
    }
  });
}

/// A run of the file's output dimension and where it goes.
struct Run {
  size_t part;
  int64_t in_part, in_file, rows;
};

std::vector<Run> runs(const Slot& slot) {
  std::vector<Run> list;
  int64_t in_file = 0;
  for (int64_t turn = 0; turn < slot.turns; ++turn)
    for (size_t part = 0; part < slot.parts.size(); ++part) {
      const int64_t rows = slot.parts[part].rows / slot.turns;
      list.push_back({part, turn * rows, in_file, rows});
      in_file += rows;
    }
  return list;
}

int64_t inputs(const Slot& slot) { return slot.shape.size() == 2 ? slot.shape[slot.transposed ? 0 : 1] : 1; }
at::ScalarType kept_as(const Slot& slot, Precision products) {
  return slot.shape.size() == 2 && products == Precision::bfloat16 ? at::kBFloat16 : at::kFloat;
}

uint64_t bytes_of(const std::vector<Slot>& slots, Precision products) {
  uint64_t bytes = 0;
  for (const auto& slot : slots)
    for (const auto& part : slot.parts) bytes += WeightArena::rounded(uint64_t(part.rows * inputs(slot)) * c10::elementSize(kept_as(slot, products)));
  return bytes;
}

void read_slot(const Checkpoint& checkpoint, const Slot& slot, const PeftLora::Product* product, Precision products, WeightArena& room, const std::string& where) {
  const bool matrix = slot.shape.size() == 2;
  std::vector<at::Tensor> targets;  // [rows, in]
  for (const auto& part : slot.parts) {
    targets.push_back(room.take({part.rows, inputs(slot)}, kept_as(slot, products)));
    *part.into = matrix ? targets.back() : targets.back().flatten();
  }
  std::optional<Added> added;
  if (product) added.emplace(checkpoint, slot, *product, where);
  const bool as_it_is = !added && targets.size() == 1 && !slot.transposed && slot.less == 0 &&
                        scalar_type_of(checkpoint.find(slot.name).dtype) == targets[0].scalar_type();
  if (as_it_is) return each_rows(checkpoint, slot, where, targets[0], [](const at::Tensor&, int64_t) {});
  const auto all_runs = runs(slot);
  each_rows(checkpoint, slot, where, {}, [&](const at::Tensor& read, int64_t from) {
    at::Tensor values = slot.less == 0 ? read : read.to(at::kFloat) + slot.less;
    if (added) values = values.to(at::kFloat) + added->rows(from, values.size(0));
    for (const auto& run : all_runs) {
      if (slot.transposed) {
        targets[run.part]
            .narrow(0, run.in_part, run.rows)
            .narrow(1, from, values.size(0))
            .copy_(values.narrow(1, run.in_file, run.rows).t());
        continue;
      }
      const int64_t first = std::max(from, run.in_file), behind = std::min(from + values.size(0), run.in_file + run.rows);
      if (first >= behind) continue;
      targets[run.part]
          .narrow(0, run.in_part + first - run.in_file, behind - first)
          .copy_(values.narrow(0, first - from, behind - first));
    }
  });
}

/// Tensors that old checkpoints carry beside the weights: masks and frequencies that follow from the config.
bool is_buffer(std::string_view name) {
  for (auto end : {".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"})
    if (name.ends_with(end)) return true;
  return false;
}

/// transformers does not tie a head that the file gives values of its own; neither are those dropped here.
void require_tied(const Checkpoint& checkpoint, const Arch& arch, const at::Tensor& embed, const std::string& where) {
  const Slot head = as_named_in(checkpoint, {"", embed.sizes().vec(), {}}, heads_of(arch));
  if (head.name.empty()) return;
  check(checkpoint, head, where);
  each_rows(checkpoint, head, where, {}, [&](const at::Tensor& values, int64_t from) {
    if (!at::equal(values.to(embed.scalar_type()), embed.narrow(0, from, values.size(0))))
      fail("[load_model] {}: config.json ties {} to the embedding, but the two differ", where, head.name);
  });
}

std::string gigabytes(uint64_t bytes) { return fmt::format("{:.1f} GB", double(bytes) / 1e9); }

}  // namespace

ModelMemory memory_of(const Config& c, Precision products) {
  Weights none = empty_weights(c);
  ModelMemory memory{};
  for (const auto& slot : table_of(c, none)) {
    int64_t size = 1;
    for (const int64_t n : slot.shape) size *= n;
    memory.parameters += size;
    memory.weights += uint64_t(size) * (products == Precision::bfloat16 && slot.shape.size() == 2 ? 2 : 4);
  }
  // One block's activations, and the residual stream as it is added to; of the logits there is a tile (read_out.h).
  memory.a_token = uint64_t(4 * (8 * c.d_model + 4 * c.d_mlp + 4 * (c.n_heads + c.n_kv_heads) * c.d_head));
  return memory;
}

uint64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  for (uint64_t kilobytes; file >> key >> kilobytes;) {
    if (key == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  struct sysinfo info{};
  ::sysinfo(&info);
  return uint64_t(info.freeram) * info.mem_unit;
}

void require_device(const std::string& device) {
  if (device != "cpu") fail("[device] got \"{}\", but this build computes on the CPU only; leave --device out", device);
}

LoadedModel load_model(const std::string& name, bool runs_hook, const LoadOptions& options) {
  require_device(options.device);
  const ModelFolder found = find_model(given_or_shipped(name).string());
  const std::string where = found.adapter.value_or(found.folder).string();
  for (const auto& folder : {found.folder, found.adapter.value_or(found.folder)})
    if (!runs_hook && std::filesystem::exists(folder / kHookFile))
      fail(
          "[load_model] {}: has a hook beside its weights ({}), which only `fairfight generate` runs; give the model that was "
          "patched",
          where, kHookFile);
  Config config = read_config(found.config, (found.folder / "config.json").string());
  for (const auto* notes : {&found.notes, &std::as_const(config.notes)})
    for (const auto& text : *notes) note(where + ": " + text);
  const Checkpoint checkpoint(found.folder, found.adapter);
  const Arch& arch = arch_by_name(config.arch);
  const auto heads = heads_of(arch);
  if (options.scalar) config.scalar = true, config.tied = false;
  else if (checkpoint.has("score.weight")) fail("[load_model] {}: has the head of a reward model (score.weight), expected a language model", where);
  Weights weights = empty_weights(config);
  auto table = table_of(config, weights);
  const auto is_embed = [&](const Slot& slot) { return slot.parts[0].into == &weights.embed; };
  const Slot embed = *std::find_if(table.begin(), table.end(), is_embed);
  const bool untied = config.tied && unties(checkpoint, embed, heads, arch.body, where);
  if (untied) {
    config.tied = false;
    table = table_of(config, weights);
  }
  // Compare with what the files hold before anything is sized by what the config claims.
  std::vector<Slot> slots;
  std::vector<const PeftLora::Product*> products;
  std::set<std::string> expected;
  for (const auto& entry : table) {
    auto names = names_of(entry, arch.body);
    if (checkpoint.lora()) expected.insert(names.begin(), names.end());  // what the adapter calls otherwise stands for the model's own
    products.push_back(product_of(checkpoint, names));
    // Tied, either may be left out; and where an adapter has untied them, the head begins as the embedding.
    if (is_embed(entry) && config.tied) names.insert(names.end(), heads.begin(), heads.end());
    if (untied && entry.parts[0].into == &weights.unembed)
      for (const auto& name : names_of(embed, arch.body)) names.push_back(name);
    slots.push_back(as_named_in(checkpoint, entry, names));
    check(checkpoint, slots.back(), where);
    expected.insert(slots.back().name);
  }
  if (config.tied) expected.insert(heads.begin(), heads.end());
  for (const auto& tensor : checkpoint.names())
    if (!expected.contains(tensor) && !is_buffer(tensor)) fail("[load_model] {}: the tensor {} has no place in a {}", where, tensor, config.arch);
  if (checkpoint.lora()) {
    require_fit(*checkpoint.lora(), table, products, where);
    note(fmt::format("{}: {} is added to the weights, a LoRA of {} maps and {} whole tensors", where, "adapter_model.safetensors", checkpoint.lora()->products().size(),
                     checkpoint.lora()->whole().size()));
  }
  const uint64_t needed = memory_of(config, options.weights).weights, left = available_memory();
  if (needed > left)
    fail("[load_model] {}: its weights take {} as {}, this machine has {} left; as bfloat16 they take {}", where, gigabytes(needed),
         name_of(options.weights), gigabytes(left), gigabytes(memory_of(config, Precision::bfloat16).weights));
  WeightArena room(bytes_of(slots, options.weights));
  for (size_t i = 0; i < slots.size(); ++i) read_slot(checkpoint, slots[i], products[i], options.weights, room, where);
  if (config.tied) {
    require_tied(checkpoint, arch, weights.embed, where);
    weights.unembed = weights.embed;
  }
  const auto texts = found.tokenizer ? found.tokenizer->parent_path() : found.folder;
  return {Transformer(config, std::move(weights)), texts, options.hash ? checkpoint.sha256() : "", found.revision, checkpoint.lora().has_value()};
}

at::Tensor joined(const Slot& slot, const std::vector<at::Tensor>& parts) {
  std::vector<at::Tensor> list;
  for (const auto& run : runs(slot)) list.push_back(parts[run.part].narrow(0, run.in_part, run.rows));
  const auto all = at::cat(list);
  return slot.transposed ? all.t() : all;
}

void save_model(const Transformer& model, const std::filesystem::path& folder, const Json& keys) {
  if (model.weights().unembed_b.defined()) fail("[save_model] a {} has no bias of the unembedding; save the model before its norms are folded", model.config().arch);
  make_writable_folder(folder);
  Config shape = model.config();
  shape.scalar = false;  // the keys say it
  Json config = write_config(shape);
  config["torch_dtype"] = "bfloat16";
  config.update(keys);
  Weights weights = model.weights();  // a table names its members, to be written or read
  TensorFile file{{}, {{"format", "pt"}}};
  for (const auto& slot : table_of(model.config(), weights)) {
    std::vector<at::Tensor> parts;
    for (const auto& part : slot.parts) parts.push_back(*part.into);
    const auto tensor = joined(slot, parts);
    file.tensors[slot.name] = (slot.less == 0 ? tensor : tensor - slot.less).to(at::kBFloat16).contiguous();
  }
  write_tensors(folder / "model.safetensors", file);
  write_atomic(folder / "config.json", dump_json(config));
}

Transformer rounded_to_bfloat16(const Transformer& model) {
  at::NoGradGuard no_grad;
  Weights weights = model.weights().clone();
  for (const auto& slot : table_of(model.config(), weights))
    for (const auto& part : slot.parts)
      part.into->copy_((*part.into - slot.less).to(at::kBFloat16).to(at::kFloat) + slot.less);
  return Transformer(model.config(), std::move(weights));
}

}  // namespace fairfight
