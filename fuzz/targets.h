#pragma once
#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/error.h"
#include "fairfight/base/json.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/texts.h"
#include "fairfight/io/tokenizer.h"
#include "fairfight/io/tokenizer/chat_template.h"
#include "fairfight/io/tokenizer/unicode.h"
#include "fairfight/io/toml.h"

// What must hold for any bytes whatever. A refusal (Error, one line) is always right; a broken promise throws logic_error.
// libFuzzer runs these on bytes of its own, the replay test in io/ on the corpus and on mutations.
namespace fairfight::fuzz {

inline void require(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

/// Runs `act` and says whether it was done; refused in one line is fine, too.
template <class Act>
bool done_or_refused(Act act) {
  try {
    act();
    return true;
  } catch (const Error& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos, "a refusal is one line");
    return false;
  }
}

/// Without the reader's arithmetic: divides where it multiplies. 0 for what no file can hold.
inline uint64_t bytes_of(const TensorInfo& tensor) {
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0u) != tensor.shape.end()) return 0;
  uint64_t bytes = size_of(tensor.dtype);
  for (uint64_t dim : tensor.shape) {
    if (dim > UINT64_MAX / bytes) return 0;
    bytes *= dim;
  }
  return bytes;
}

/// A header read by another way: as a tree of JSON. False if a rule is broken that the JSON alone shows.
inline bool same_by_tree(std::string_view text, const SafetensorsHeader* header) {
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

/// Whatever was accepted lies in the file without hole or overlap, is as long as its dtype and shape say, and is what a tree
/// of the same JSON says; a refusal that speaks of the JSON is one that the tree confirms.
inline void safetensors_header(std::string_view bytes) {
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

/// What was parsed comes back from its own text.
inline void json(std::string_view bytes) {
  Json value;
  if (!done_or_refused([&] { value = parse_json(bytes, "fuzz"); })) return;
  require(parse_json(dump_json(value), "fuzz") == value, "parse -> dump -> parse changes nothing");
}

/// The first line is a text, the rest a tokenizer.json. Ids are in range, and what they decode to is UTF-8.
inline void tokenizer_json(std::string_view bytes) {
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::string_view text = bytes.substr(0, end), file = bytes.substr(std::min(end + 1, bytes.size()));
  done_or_refused([&] {
    const Tokenizer tokenizer = Tokenizer::parse(file, "fuzz");
    const std::vector<int32_t> ids = tokenizer.encode(text, true);
    for (int32_t id : ids) require(id >= 0 && size_t(id) < tokenizer.size(), "ids are pieces");
    require(tokenizer.encode(text, true) == ids, "what was seen before encodes to the same");
    require(unicode::is_utf8(tokenizer.decode(ids)), "a decoded text is UTF-8");
  });
}

/// The first line is a message, the rest a chat template. What it makes is UTF-8, and the same every time.
inline void chat_template(std::string_view bytes) {
  const size_t end = std::min(bytes.find('\n'), bytes.size());
  const std::vector<ChatMessage> messages{{"system", "Be brief."}, {"user", std::string(bytes.substr(0, end))}};
  done_or_refused([&] {
    const ChatTemplate chat(bytes.substr(std::min(end + 1, bytes.size())), {{"bos_token", "<s>"}}, "fuzz");
    const std::string text = chat.render(messages, true);
    require(unicode::is_utf8(text), "a prompt is UTF-8");
    require(chat.render(messages, true) == text, "a template has no memory");
  });
}

/// A card becomes an object of strict JSON.
inline void toml(std::string_view bytes) {
  Json value;
  if (!done_or_refused([&] { value = parse_toml(bytes, "fuzz"); })) return;
  require(value.is_object() && parse_json(dump_json(value), "fuzz") == value, "a card is strict JSON");
}

/// Texts are UTF-8, in any format, and come back from a table in which every value is quoted.
inline void texts(std::string_view bytes) {
  const auto read = [](const std::string& source, TextFormat format, size_t at_most = SIZE_MAX) {
    std::istringstream in(source);
    std::vector<std::string> texts;
    for (auto& text : read_texts(in, format, "fuzz", "text", at_most)) texts.push_back(std::move(text.text));
    return texts;
  };
  for (const auto format : {TextFormat::plain, TextFormat::json_lines, TextFormat::csv})
    done_or_refused([&] {
      const auto all = read(std::string(bytes), format);
      std::string table = "text\n";
      for (const auto& text : all) {
        require(unicode::is_utf8(text), "a text is UTF-8");
        table += '"';
        for (const char c : text) table += c == '"' ? "\"\"" : std::string(1, c);
        table += "\"\n";
      }
      require(read(table, TextFormat::csv) == all, "a table gives back what was written into it");
      require(read(std::string(bytes), format, 1).front() == all.front(), "the first text hangs on nothing behind it");
    });
}

struct Target {
  const char* name;  // of its folder in corpus/
  void (*check)(std::string_view bytes);
};
inline const std::vector<Target> kTargets{{"safetensors_header", safetensors_header},
                                          {"json", json},
                                          {"tokenizer_json", tokenizer_json},
                                          {"chat_template", chat_template},
                                          {"toml", toml},
                                          {"texts", texts}};

}  // namespace fairfight::fuzz
