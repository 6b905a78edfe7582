#include "fairfight/io/hub.h"

#include <pwd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/io/shown.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSingle = "model.safetensors";
constexpr std::string_view kIndex = "model.safetensors.index.json";

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (!value || !*value) return std::nullopt;
  return value;
}

std::string home() { return environment("HOME").value_or("/"); }

/// As Python's os.path.expanduser and expandvars, which huggingface_hub uses: "~" and "~user" at the start, "$NAME" and "${NAME}" anywhere;
/// what is not known stays as it is.
fs::path expanded(std::string path) {
  if (path.starts_with("~")) {
    const std::string user = path.substr(1, path.find('/') - 1);
    const passwd* known = user.empty() ? nullptr : ::getpwnam(user.c_str());
    if (user.empty() || known) path.replace(0, 1 + user.size(), known ? std::string(known->pw_dir) : home());
  }
  std::string result;
  for (size_t at = 0; at < path.size();) {
    if (path[at] != '$') {
      result += path[at++];
      continue;
    }
    const bool braced = path.compare(at, 2, "${") == 0;
    const size_t begin = at + 1 + braced;
    size_t end = begin;
    if (braced) end = path.find('}', begin);
    else
      while (end < path.size() && (std::isalnum(static_cast<unsigned char>(path[end])) || path[end] == '_')) ++end;
    const char* value = end == path.npos || end == begin ? nullptr : std::getenv(path.substr(begin, end - begin).c_str());
    const size_t behind = std::min(end == path.npos ? end : end + braced, path.size());
    result += value ? value : path.substr(at, behind - at);
    at = behind;
  }
  return result;
}

/// In huggingface_hub's order.
fs::path cache() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
    if (const auto hub = environment(name)) return expanded(*hub);
  if (const auto own = environment("HF_HOME")) return expanded(*own) / "hub";
  if (const auto xdg = environment("XDG_CACHE_HOME")) return expanded(*xdg) / "huggingface/hub";
  return fs::path(home()) / ".cache/huggingface/hub";
}

/// Never throws: a name that is too long, say, is a name of nothing.
bool present(const fs::path& path) {
  std::error_code none;
  return fs::exists(path, none);
}

/// A name that stays in its folder.
bool is_plain_file_name(std::string_view name) {
  const auto odd = [](char c) { return c == '/' || static_cast<unsigned char>(c) < 32; };
  return !name.empty() && name != "." && name != ".." && std::none_of(name.begin(), name.end(), odd);
}

/// "name" or "org/name", of the characters that the hub allows.
bool is_model_name(std::string_view name) {
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '/';
  };
  const size_t slash = name.find('/');
  return std::all_of(name.begin(), name.end(), allowed) && is_plain_file_name(name.substr(0, slash)) &&
         (slash == name.npos || is_plain_file_name(name.substr(slash + 1)));
}

/// tensor -> file
std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const Json json = read_json(index);
  Fields fields(json, index.string());
  const Json& entries = fields.any("weight_map");
  if (!entries.is_object() || entries.empty()) fail("[checkpoint] {}: weight_map is no object with tensors", index.string());
  std::map<std::string, std::string> weight_map;
  for (const auto& [tensor, file] : entries.items()) {
    if (!file.is_string() || !is_plain_file_name(file.get<std::string>()))
      fail("[checkpoint] {}: tensor \"{}\" is not in a plain file name of this folder but in {}", index.string(),
           shown(tensor), shown(file.dump()));
    weight_map[tensor] = file.get<std::string>();
  }
  return weight_map;
}

std::vector<fs::path> weight_files(const fs::path& folder) {
  if (present(folder / kSingle)) return {folder / kSingle};
  if (!present(folder / kIndex) && (present(folder / "pytorch_model.bin") || present(folder / "pytorch_model.bin.index.json")))
    fail("[model] {0}: has only pytorch_model.bin, and pickled weights are never opened; convert them once with: python3 -c \"from transformers "
         "import AutoModelForCausalLM as M; M.from_pretrained('{0}').save_pretrained('{0}-safetensors')\"",
         folder.string());
  if (!present(folder / kIndex))
    fail("[model] {}: has neither {} nor {}; pickled weights are never opened", folder.string(), kSingle, kIndex);
  std::set<std::string> names;
  for (const auto& [tensor, file] : read_weight_map(folder / kIndex)) names.insert(file);
  std::vector<fs::path> files;
  for (const auto& name : names) files.push_back(folder / name);
  return files;
}

/// Files beside config.json and the weights that could change what a model computes, and what becomes of them. Adapters are applied
/// (PeftLora), hooks are refused where nobody runs them (load_model), pickles are never opened; what quantization leaves beside its
/// weights (quantize_config.json, hf_quant_config.json, ...) needs no word: their tensors are of no dtype that is read.
std::vector<std::string> notes_on(const fs::path& folder) {
  std::vector<std::string> notes;
  if (present(folder / "modules.json")) notes.emplace_back("modules.json: what sentence-transformers computes after the model is left out");
  if (present(folder / kSingle) && present(folder / kIndex))
    notes.push_back(fmt::format("{}: {} beside it is read and its shards are not, as in transformers", kIndex, kSingle));
  if (present(folder / "adapter_model.bin") && !PeftLora::in(folder))
    notes.emplace_back("adapter_model.bin: without an adapter_config.json it is no adapter, and pickles are never opened");
  return notes;
}

ModelFolder open_folder(const fs::path& folder, std::string revision) {
  constexpr uintmax_t kLargestConfig = 4 << 20;  // the largest known ones have some ten thousand bytes
  std::error_code none_there;
  if (const auto bytes = fs::file_size(folder / "config.json", none_there); !none_there && bytes > kLargestConfig)
    fail("[model] {}: has {} bytes, expected a config of at most {}", (folder / "config.json").string(), bytes, kLargestConfig);
  ModelFolder model{folder, read_json(folder / "config.json"), weight_files(folder), std::nullopt, std::move(revision)};
  model.notes = notes_on(folder);
  if (!model.config.is_object()) fail("[model] {}: is no object", (folder / "config.json").string());
  if (present(folder / "tokenizer.json")) model.tokenizer = folder / "tokenizer.json";
  return model;
}

/// The commit that `main` names; from a file, so untrusted.
std::string read_revision(const fs::path& reference) {
  std::string revision = read_file(reference, 4096);
  while (!revision.empty() && revision.back() == '\n') revision.pop_back();
  if (!is_plain_file_name(revision)) fail("[model] {}: \"{}\" is no revision", reference.string(), shown(revision));
  return revision;
}

}  // namespace

namespace {

/// The folder that the name stands for, and its commit.
std::pair<fs::path, std::string> folder_of(std::string_view name) {
  if (std::error_code none; fs::is_directory(name, none)) return {name, ""};
  if (!is_model_name(name)) fail("[model] {}: no such folder, and no name of a model on the hub", shown(name));
  std::string key = "models--" + std::string(name);
  if (const size_t slash = key.find('/'); slash != key.npos) key.replace(slash, 1, "--");
  const fs::path stored = cache() / key;
  const fs::path reference = stored / "refs/main";
  if (!present(reference))
    fail("[model] {}: neither a folder nor in the cache {}; get it with: hf download {}", name, cache().string(), name);
  const std::string revision = read_revision(reference);
  const fs::path snapshot = stored / "snapshots" / revision;
  if (!present(snapshot / "config.json") && !PeftLora::in(snapshot))
    fail("[model] {}: the cached {} has no config.json; get it with: hf download {}", name, snapshot.string(), name);
  return {snapshot, revision};
}

}  // namespace

ModelFolder find_model(std::string_view name) {
  const auto [folder, revision] = folder_of(name);
  if (!PeftLora::in(folder)) return open_folder(folder, revision);
  // As in transformers: a config.json beside an adapter means that its base lies here, too, whatever name that had.
  if (present(folder / "config.json")) {
    ModelFolder model = open_folder(folder, revision);
    model.adapter = folder;
    return model;
  }
  const auto [base, base_revision] = folder_of(PeftLora::base_of(folder));
  if (PeftLora::in(base)) fail("[adapter] {}: its base {} has an adapter of its own, expected a model; merge that one first", folder.string(), base.string());
  ModelFolder model = open_folder(base, base_revision);
  model.adapter = folder;
  if (present(folder / "tokenizer.json")) model.tokenizer = folder / "tokenizer.json";
  return model;
}

Checkpoint::Checkpoint(const fs::path& folder, const std::optional<fs::path>& adapter) : folder_(folder) {
  if (adapter) lora_.emplace(*adapter);
  if (present(folder / kIndex) && !present(folder / kSingle)) {
    open_shards(read_weight_map(folder / kIndex));
  } else {
    shards_.emplace_back(folder / kSingle);
    for (const auto& tensor : shards_[0].header().tensors) place_of_[tensor.name] = {0, tensor.name};
  }
  if (!lora_) return;
  shards_.emplace_back(lora_->file());
  for (const auto& [parameter, tensor] : lora_->whole()) place_of_[parameter] = {shards_.size() - 1, tensor};
}

void Checkpoint::open_shards(const std::map<std::string, std::string>& weight_map) {
  std::map<std::string, size_t> opened;
  for (const auto& [tensor, file] : weight_map) {
    const auto [place, is_new] = opened.emplace(file, shards_.size());
    if (is_new) shards_.emplace_back(folder_ / file);
    if (!shards_[place->second].has(tensor))
      fail("[checkpoint] {}: tensor \"{}\" is not in {}, where the index says", folder_.string(), shown(tensor),
           shown(file));
    place_of_[tensor] = {place->second, tensor};
  }
  for (const auto& shard : shards_)
    for (const auto& tensor : shard.header().tensors)
      if (!place_of_.contains(tensor.name))
        fail("[checkpoint] {}: tensor \"{}\" of {} is not in the index", folder_.string(), shown(tensor.name), shard.path().filename().string());
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : place_of_) names.push_back(name);
  return names;
}

const Checkpoint::Place& Checkpoint::place(const std::string& name) const {
  const auto found = place_of_.find(name);
  if (found == place_of_.end()) fail("[checkpoint] {}: has no tensor \"{}\"", folder_.string(), shown(name));
  return found->second;
}

const TensorInfo& Checkpoint::find(const std::string& name) const {
  const Place& at = place(name);
  return shards_[at.shard].find(at.name);
}

void Checkpoint::read(const std::string& name, void* into) const { shards_[place(name).shard].read(find(name), into); }
void Checkpoint::read(const std::string& name, uint64_t from, uint64_t bytes, void* into) const {
  shards_[place(name).shard].read(find(name), from, bytes, into);
}

std::string Checkpoint::sha256() const {
  if (shards_.size() == 1) return sha256_file(shards_[0].path());
  std::set<std::string> lines;
  const auto add = [&](const fs::path& file) { lines.insert(file.filename().string() + " " + sha256_file(file) + "\n"); };
  for (const auto& shard : shards_) add(shard.path());
  if (lora_) add(lora_->config());
  Sha256 all;
  for (const auto& line : lines) all.update(line);
  return all.hex();
}

}  // namespace fairfight
