#include <algorithm>
#include <map>

#include "fairfight/base/json.h"
#include "fairfight/io/safetensors.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {
namespace {

/// Without the reader's arithmetic: divides where it multiplies. 0 for what no file can hold.
uint64_t bytes_of(const TensorInfo& tensor) {
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0u) != tensor.shape.end()) return 0;
  uint64_t bytes = size_of(tensor.dtype);
  for (uint64_t dim : tensor.shape) {
    if (dim > UINT64_MAX / bytes) return 0;
    bytes *= dim;
  }
  return bytes;
}

/// A header read by another way: as a tree of JSON. False if a rule is broken that the JSON alone shows.
bool same_by_tree(std::string_view text, const SafetensorsHeader* header) {
  Json tree;
  if (!done_or_refused([&] { tree = parse_json(text, "fuzz"); }) || !tree.is_object()) return false;
  std::map<std::string, std::string> metadata;
  std::map<std::string, const TensorInfo*> tensors;
  for (size_t i = 0; header && i < header->tensors.size(); ++i) tensors[header->tensors[i].name] = &header->tensors[i];
  const auto naturals = [](const Json& list, size_t most) {
    const auto natural = [](const Json& n) { return n.is_number_unsigned() && n.get<uint64_t>() <= uint64_t(INT64_MAX); };
    return list.is_array() && list.size() <= most && std::all_of(list.begin(), list.end(), natural);
  };
  for (const auto& [name, entry] : tree.items()) {
    if (!entry.is_object()) return false;
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) return false;
        metadata[key] = value;
      }
      continue;
    }
    if (entry.size() != 3 || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets"))
      return false;
    if (!entry["dtype"].is_string() || !naturals(entry["shape"], 16) || !naturals(entry["data_offsets"], 2)) return false;
    if (entry["data_offsets"].size() != 2) return false;
    if (!header) continue;
    if (!tensors.contains(name)) return false;
    const TensorInfo& tensor = *tensors[name];
    if (entry["dtype"] != name_of(tensor.dtype) || entry["shape"] != Json(tensor.shape)) return false;
    if (entry["data_offsets"] != Json{tensor.begin, tensor.end}) return false;
    tensors.erase(name);
  }
  return !header || (tensors.empty() && metadata == header->metadata);
}

}  // namespace

/// Whatever was accepted lies in the file without hole or overlap, is as long as its dtype and shape say, and is what a tree
/// of the same JSON says; a refusal that speaks of the JSON is one that the tree confirms.
void safetensors_header(std::string_view bytes) {
  SafetensorsHeader header;
  try {
    header = parse_safetensors_header(bytes, bytes.size(), "fuzz");
  } catch (const Error& error) {
    const std::string_view why = error.what();
    require(why.find('\n') == std::string_view::npos, "a refusal is one line");
    uint64_t length = 0;
    std::copy_n(bytes.data(), std::min(bytes.size(), sizeof length), reinterpret_cast<char*>(&length));
    if (why.starts_with("[json]"))
      require(!same_by_tree(bytes.substr(8, length), nullptr), "what is refused as JSON is none of this shape");
    return;
  }
  require(same_by_tree(bytes.substr(8, header.data_start - 8), &header), "a tree of the same JSON says the same");
  uint64_t at = header.data_start;
  for (const auto& tensor : header.tensors) {
    require(header.data_start + tensor.begin == at, "tensors lie one behind the other");
    require(tensor.bytes() == bytes_of(tensor), "a tensor is as long as its dtype and shape say");
    at = header.data_start + tensor.end;
  }
  require(at == bytes.size(), "the last tensor ends with the file");
}

}  // namespace fairfight::fuzz
