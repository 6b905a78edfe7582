#include "fairfight/dict/file.h"

#include "fairfight/acts/sinks.h"
#include "fairfight/base/error.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/io/shown.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr const char* kKey = "fairfight.dictionary";
constexpr int64_t kVersion = 2;

Json to_json(const DictionaryNote& note) {
  Json json{{"site", note.site}, {"model_sha256", note.model_sha256}, {"settings", to_json(note.settings)}, {"bos", note.bos}};
  if (const auto& s = note.sinks) json["sinks"] = {{"above_medians", kSinkMedians}, {"rows", s->rows}, {"left_out", s->left_out}};
  if (note.ctx > 0) json["ctx"] = note.ctx;
  return json;
}

DictionaryNote::Sinks read_sinks(Fields fields) {
  fields.number("above_medians", 1, 1e6);
  const DictionaryNote::Sinks sinks{fields.integer("rows", 1, INT64_MAX), fields.integer("left_out", 0, INT64_MAX)};
  fields.finish();
  return sinks;
}

void require_nothing_left_over(const Tensors& file, const Dictionary& dictionary) {
  const auto known = dictionary.tensors();
  for (const auto& [name, tensor] : file)
    if (!known.contains(name)) fail("[dictionary] tensor \"{}\" has no place in kind {}", shown(name), dictionary.kind());
}

LoadedDictionary parse(const TensorFile& file, const std::string& where) {
  const auto text = file.metadata.find(kKey);
  if (text == file.metadata.end())
    fail("[load_dictionary] not a dictionary of fairfight: its metadata have no \"{}\"", kKey);
  const Json json = parse_json(text->second, where);
  Fields fields(json, kKey);
  if (fields.integer("version", 1, kVersion) < kVersion)
    fail("[load_dictionary] got a file of an earlier fairfight, which did not record whether a <bos> was put before its texts; learn the dictionary anew");
  const auto kind = fields.text("kind");
  DictionaryNote note{fields.text("site"), fields.text("model_sha256"), read_dictionary_settings(fields.object("settings")), fields.flag("bos")};
  if (fields.has("sinks")) note.sinks = read_sinks(fields.object("sinks"));
  note.ctx = fields.integer_or("ctx", 0, 1, INT64_MAX);
  fields.finish();
  auto dictionary = rebuild(kind, file.tensors);
  require_nothing_left_over(file.tensors, *dictionary);
  return {std::move(dictionary), std::move(note)};
}

}  // namespace

void save_dictionary(const std::filesystem::path& path, const Dictionary& dictionary, const DictionaryNote& note) {
  Json json{{"version", kVersion}, {"kind", dictionary.kind()}};
  json.update(to_json(note));
  write_tensors(path, {dictionary.tensors(), {{kKey, json.dump()}}});
}

LoadedDictionary load_dictionary(const std::filesystem::path& path) {
  const TensorFile file = read_tensors(path);
  try {
    return parse(file, path.string());
  } catch (const Error& error) {
    fail("{} (in {})", error.what(), path.string());
  }
}

std::unique_ptr<Dictionary> load_dictionary(const std::filesystem::path& path, const DictionaryNote& expected) {
  auto loaded = load_dictionary(path);
  const auto got = to_json(loaded.note), wanted = to_json(expected);
  for (const auto& [key, value] : wanted.items())
    if (!got.contains(key) || got.at(key) != value)
      fail("[load_dictionary] {}: its {} is {}, expected {}; it belongs to another run", path.string(), key,
           shown(got.value(key, Json()).dump()), shown(value.dump()));
  return std::move(loaded.dictionary);
}

}  // namespace fairfight
