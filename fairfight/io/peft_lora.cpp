#include "fairfight/io/peft_lora.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/regex.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kConfig = "adapter_config.json", kTensors = "adapter_model.safetensors";
constexpr int64_t kMaxRank = 1 << 20;

/// Of adapter_config.json: how it was trained, who made it, and settings of kinds of layers that are not here.
constexpr std::string_view kHarmless[] = {"auto_mapping", "base_model_name_or_path", "eva_config", "fan_in_fan_out", "inference_mode", "init_lora_weights",
                                          "layers_pattern", "loftq_config", "lora_dropout", "megatron_core", "peft_version", "qalora_group_size",
                                          "revision", "runtime_config", "task_type"};

bool says_nothing(const Json& value) {
  return value.is_null() || value == Json(false) || (value.is_structured() && value.empty()) || (value.is_string() && value.get_ref<const std::string&>().empty());
}

bool ends_like(std::string_view module, std::string_view name) {
  return module == name || (module.size() > name.size() && module.ends_with(name) && module[module.size() - name.size() - 1] == '.');
}

/// Python's re.match(rf"(.*\.)?({expression})$", module).
bool is_named_by(const std::string& expression, std::string_view module, const std::string& where) {
  bool found = false;
  Regex("^(?:.*\\.)?(?:" + expression + ")$", where).matches(module, [&](size_t, size_t) { found = true; });
  return found;
}

std::vector<std::string> list_or_one(Fields& config, const std::string& key) {
  if (!config.has(key) || says_nothing(config.any(key))) return {};
  return config.any(key).is_string() ? std::vector{config.text(key)} : config.texts(key);
}

std::vector<std::pair<std::string, double>> pattern(Fields& config, const std::string& key) {
  std::vector<std::pair<std::string, double>> values;
  if (!config.has(key) || says_nothing(config.any(key))) return values;
  const Json& object = config.any(key);
  Fields fields(object, config.where() + ": " + key);
  for (const auto& [name, value] : object.items()) values.emplace_back(name, fields.number(name, 1e-6, double(kMaxRank)));
  return values;
}

/// The first number among a module's dotted names.
std::optional<int64_t> layer_of(std::string_view module) {
  for (size_t from = 0; from < module.size();) {
    const auto part = module.substr(from, module.find('.', from) - from);
    if (!part.empty() && part.size() < 10 && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; })) return std::stoll(std::string(part));
    from += part.size() + 1;
  }
  return std::nullopt;
}

bool strip(std::string& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.resize(text.size() - end.size());
  return true;
}

}  // namespace

bool PeftLora::in(const fs::path& folder) {
  std::error_code none;
  return fs::exists(folder / kConfig, none);
}

std::string PeftLora::base_of(const fs::path& folder) {
  const Json json = read_json(folder / kConfig);
  Fields config(json, (folder / kConfig).string());
  return config.text("base_model_name_or_path");
}

fs::path PeftLora::config() const { return folder_ / kConfig; }
fs::path PeftLora::file() const { return folder_ / kTensors; }

PeftLora::PeftLora(const fs::path& folder) : folder_(folder) {
  const Json json = read_json(folder / kConfig);
  read_config(Fields(json, (folder / kConfig).string()));
  if (std::error_code none; !fs::exists(file(), none))
    fail("[adapter] {}: has {} and no {}; pickled adapters (adapter_model.bin) are never opened, save it with peft's save_pretrained", folder.string(), kConfig,
         kTensors);
  const SafetensorsFile tensors(file());
  for (const auto& tensor : tensors.header().tensors) sort_out(tensor);
  for (const auto& [weight, product] : products_)
    if (product.a.empty() || product.b.empty()) fail("[adapter] {}: lora_{} of {} is missing", file().string(), product.a.empty() ? "A" : "B", shown(weight));
}

void PeftLora::read_config(Fields f) {
  const auto refuse = [&](const std::string& key, const char* expected) {
    fail("[adapter] {}: {} is {}, which is not implemented; expected {}, or merge it with peft's merge_and_unload", f.where(), key, shown(f.any(key).dump()), expected);
  };
  if (f.any("peft_type") != Json("LORA")) refuse("peft_type", "\"LORA\"");
  rank_ = f.integer("r", 1, kMaxRank);
  alpha_ = f.number("lora_alpha", 0, 1e6);
  root_ = f.flag_or("use_rslora", false);
  expression_ = f.has("target_modules") && f.any("target_modules").is_string();
  targets_ = list_or_one(f, "target_modules");
  whole_modules_ = list_or_one(f, "modules_to_save");
  ranks_ = pattern(f, "rank_pattern");
  alphas_ = pattern(f, "alpha_pattern");
  if (f.has("layers_to_transform") && !says_nothing(f.any("layers_to_transform")))
    layers_ = f.any("layers_to_transform").is_array() ? f.integers("layers_to_transform", 0, INT32_MAX)
                                                      : std::vector{f.integer("layers_to_transform", 0, INT32_MAX)};
  if (f.has("exclude_modules") && !says_nothing(f.any("exclude_modules"))) refuse("exclude_modules", "null");
  if (f.has("bias")) f.one_of("bias", {"none", "all", "lora_only"});  // what it brings is in the file
  // Some ways to begin change the weights below: what is added to them counts from there.
  if (f.has("init_lora_weights") && f.any("init_lora_weights").is_string() && f.any("init_lora_weights") != Json("gaussian") && f.any("init_lora_weights") != Json("eva"))
    refuse("init_lora_weights", "true, false, \"gaussian\" or \"eva\"");
  for (const auto key : kHarmless) f.ignore(std::string(key));
  for (const auto& key : f.unasked())
    if (!says_nothing(f.any(key))) refuse(key, "null or false");
}

bool PeftLora::targets(const std::string& module) const {
  const auto saved = [&](const std::string& name) { return ends_like(module, name); };
  if (std::any_of(whole_modules_.begin(), whole_modules_.end(), saved)) return false;
  const auto where = (folder_ / kConfig).string() + ": target_modules";
  if (expression_) {
    bool found = false;
    Regex("^(?:" + targets_[0] + ")$", where).matches(module, [&](size_t, size_t) { found = true; });
    return found;
  }
  if (std::none_of(targets_.begin(), targets_.end(), [&](const std::string& name) { return ends_like(module, name); })) return false;
  const auto layer = layer_of(module);
  return layers_.empty() || (layer && std::find(layers_.begin(), layers_.end(), *layer) != layers_.end());
}

double PeftLora::scale_of(const std::string& module, uint64_t rank) const {
  double r = double(rank_), alpha = alpha_;
  const auto own = [&](const auto& values, double& into) {
    for (const auto& [expression, value] : values)
      if (is_named_by(expression, module, (folder_ / kConfig).string())) {
        into = value;
        return;
      }
  };
  own(ranks_, r);
  own(alphas_, alpha);
  if (double(rank) != r) fail("[adapter] {}: {} has rank {}, expected {} from {}", file().string(), shown(module), rank, r, kConfig);
  return alpha / (root_ ? std::sqrt(r) : r);
}

/// base_model.model.NAME.lora_A.weight, ...lora_B.weight: a product; ...NAME.weight or .bias: what takes the place of a whole parameter.
void PeftLora::sort_out(const TensorInfo& tensor) {
  constexpr std::string_view kBefore = "base_model.model.";
  const auto wrong = [&] { fail("[adapter] {}: the tensor \"{}\" is no part of a LoRA that {} speaks of", file().string(), shown(tensor.name), kConfig); };
  if (tensor.name.find(".lora_embedding_") != std::string::npos)
    fail("[adapter] {}: \"{}\": a LoRA on an embedding is not implemented; merge it with peft's merge_and_unload", file().string(), shown(tensor.name));
  if (!tensor.name.starts_with(kBefore)) wrong();
  std::string name = tensor.name.substr(kBefore.size());
  const bool a = strip(name, ".lora_A.weight"), b = !a && strip(name, ".lora_B.weight");
  if (a || b) {
    if (tensor.shape.size() != 2 || !targets(name)) wrong();
    Product& product = products_[name + ".weight"];
    (a ? product.a : product.b) = tensor.name;
    product.scale = scale_of(name, tensor.shape[a ? 0 : 1]);
    return;
  }
  const std::string end = name.ends_with(".bias") ? ".bias" : ".weight";
  if (!strip(name, end)) wrong();
  strip(name, ".base_layer");  // where peft has wrapped the map
  if (!whole_.emplace(name + end, tensor.name).second) wrong();
}

}  // namespace fairfight
