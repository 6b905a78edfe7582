// Model folders that nobody should trust: each is refused in one line that names the folder, soon, and without much memory.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/tokenizer_of.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char *kConfig = "config.json", *kWeights = "model.safetensors", *kIndex = "model.safetensors.index.json", *kTokenizer = "tokenizer.json";
const std::string kQueries = "model.layers.1.self_attn.q_proj.weight", kKeys = "model.layers.1.self_attn.k_proj.weight";

/// A sound folder, before somebody spoils it.
class Folder {
 public:
  Folder() {
    Config c;
    c.vocab = 11;
    c.d_model = 12;
    c.n_layers = 2;
    c.n_heads = c.n_kv_heads = 3;
    c.d_head = 4;
    c.d_mlp = 10;
    c.n_ctx = 8;
    save_model({c, random_weights(c, Random(3, "hostile"))}, scratch_.path());
    Json pieces{{"<unk>", 0}};
    for (int i = 1; i < 11; ++i) pieces[fmt::format("w{}", i)] = i;
    write(kTokenizer, dump_json({{"version", "1.0"},
                                 {"truncation", nullptr},
                                 {"padding", nullptr},
                                 {"added_tokens", Json::array()},
                                 {"normalizer", nullptr},
                                 {"pre_tokenizer", {{"type", "WhitespaceSplit"}}},
                                 {"post_processor", nullptr},
                                 {"decoder", nullptr},
                                 {"model", {{"type", "WordLevel"}, {"vocab", pieces}, {"unk_token", "<unk>"}}}}));
  }

  fs::path path(const std::string& file = "") const { return scratch_ / file; }
  void write(const std::string& file, const std::string& bytes) const { std::ofstream(path(file), std::ios::binary) << bytes; }
  std::string bytes(const std::string& file) const { return read_file(path(file)); }
  void remove(const std::string& file) const { fs::remove(path(file)); }
  void cut(const std::string& file) const { write(file, bytes(file).substr(0, bytes(file).size() / 2)); }
  void json(const std::string& file, const std::function<void(Json&)>& change) const {
    Json json = read_json(path(file));
    change(json);
    write(file, dump_json(json));
  }
  void config(const std::string& key, const Json& value) const {
    json(kConfig, [&](Json& j) { j[key] = value; });
  }
  void tokenizer(const std::string& pointer, const Json& value) const {
    json(kTokenizer, [&](Json& j) { j[Json::json_pointer(pointer)] = value; });
  }
  void tensors(const std::function<void(std::map<std::string, at::Tensor>&)>& change) const {
    TensorFile file = read_tensors(path(kWeights));
    change(file.tensors);
    write_tensors(path(kWeights), file);
  }
  /// The header alone, its payload as it was.
  void header(const std::function<void(Json&)>& change) const {
    const std::string all = bytes(kWeights);
    uint64_t length = 0;
    std::memcpy(&length, all.data(), sizeof length);
    Json json = Json::parse(all.substr(sizeof length, length));
    const std::string payload = all.substr(sizeof length + length);
    change(json);
    const std::string text = json.dump();
    length = text.size();
    write(kWeights, std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + payload);
  }
  /// One shard behind an index.
  void shard(const std::function<void(Json&)>& change) const {
    Json map = Json::object();
    for (const auto& [name, tensor] : read_tensors(path(kWeights)).tensors) map[name] = "part.safetensors";
    fs::rename(path(kWeights), path("part.safetensors"));
    Json index{{"metadata", Json::object()}, {"weight_map", map}};
    change(index);
    write(kIndex, dump_json(index));
  }
  void shard_to(const std::string& file) const {
    shard([&](Json& j) { j["weight_map"][kQueries] = file; });
  }
  uint64_t size() const {
    uint64_t sum = 0;
    for (const auto& entry : fs::directory_iterator(path()))
      if (entry.is_regular_file()) sum += entry.file_size();
    return sum;
  }

 private:
  ScratchFolder scratch_;
};

struct Hostile {
  const char* name;
  std::function<void(const Folder&)> spoil;
  const char* names;  // what the refusal must say
};
void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

void read_all(const fs::path& folder) { tokenizer_of(load_model(folder.string())); }

/// The most memory that this process has had since `forget_peak`, bytes.
int64_t peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::string deep(size_t levels) { return "{\"a\":" + std::string(levels, '[') + std::string(levels, ']') + "}"; }

class HostileFolder : public testing::TestWithParam<Hostile> {};

TEST_P(HostileFolder, IsRefusedSoonInOneLine) {
  const Folder folder;
  GetParam().spoil(folder);
  malloc_trim(0);
  forget_peak();
  const int64_t before = peak();
  const auto start = std::chrono::steady_clock::now();
  const std::string error = error_of([&] { read_all(folder.path()); });
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const int64_t taken = peak() - before;
  EXPECT_THAT(error, AllOf(HasSubstr(folder.path().string()), HasSubstr(GetParam().names), Not(HasSubstr("\n"))));
  EXPECT_LT(error.size(), 2000u);
  EXPECT_LT(seconds, 1);
  EXPECT_LT(taken, int64_t(2 * folder.size()) + (4 << 20));
}

TEST(SoundFolder, IsRead) {
  const Folder folder;
  EXPECT_EQ(error_of([&] { read_all(folder.path()); }), "");
  folder.shard([](Json&) {});
  EXPECT_EQ(error_of([&] { read_all(folder.path()); }), "");
}

const Hostile kConfigs[] = {
    {"NoConfig", [](const Folder& f) { f.remove(kConfig); }, "config.json"},
    {"ConfigEmpty", [](const Folder& f) { f.write(kConfig, ""); }, "config.json"},
    {"ConfigCutOff", [](const Folder& f) { f.cut(kConfig); }, "config.json"},
    {"ConfigIsAList", [](const Folder& f) { f.write(kConfig, "[]"); }, "config.json"},
    {"ConfigIsNoText", [](const Folder& f) { f.write(kConfig, std::string(64, '\0')); }, "config.json"},
    {"ConfigIsDeep", [](const Folder& f) { f.write(kConfig, deep(200'000)); }, "config.json"},
    {"ConfigSaysItTwice", [](const Folder& f) { f.write(kConfig, R"({"vocab_size": 1, "vocab_size": 2})"); }, "vocab_size"},
    {"ConfigIsHuge", [](const Folder& f) { f.write(kConfig, "{\"a\": \"" + std::string(24 << 20, 'x') + "\"}"); }, "config.json"},
    {"ConfigIsAFolder", [](const Folder& f) {
       f.remove(kConfig);
       fs::create_directory(f.path(kConfig));
     },
     "config.json"},
    {"UnknownArchitecture", [](const Folder& f) { f.config("model_type", "mamba"); }, "mamba"},
    {"NoArchitecture", [](const Folder& f) { f.json(kConfig, [](Json& j) { j.erase("architectures"); j.erase("model_type"); }); }, "config.json"},
    {"NegativeLayers", [](const Folder& f) { f.config("num_hidden_layers", -1); }, "num_hidden_layers"},
    {"NoHeads", [](const Folder& f) { f.config("num_attention_heads", 0); }, "num_attention_heads"},
    {"HalfADimension", [](const Folder& f) { f.config("hidden_size", 12.5); }, "hidden_size"},
    {"SizeIsText", [](const Folder& f) { f.config("hidden_size", "12"); }, "hidden_size"},
    {"SizeIsBeyond", [](const Folder& f) { f.config("vocab_size", 1e30); }, "vocab_size"},
    {"HeadsDoNotDivide", [](const Folder& f) { f.config("num_key_value_heads", 2); }, "2 key-value heads"},
    {"UnknownField", [](const Folder& f) { f.config("attention_chunk_size", 3); }, "attention_chunk_size"},
    {"UnknownRope", [](const Folder& f) { f.config("rope_scaling", {{"rope_type", "spiral"}, {"factor", 2.0}}); }, "spiral"},
    {"UnknownActivation", [](const Folder& f) { f.config("hidden_act", "relu6"); }, "relu6"},
    {"NegativeEps", [](const Folder& f) { f.config("rms_norm_eps", -1); }, "rms_norm_eps"},
    {"MoreLayersThanFile", [](const Folder& f) { f.config("num_hidden_layers", 3); }, "model.layers.2"},
    {"FewerLayersThanFile", [](const Folder& f) { f.config("num_hidden_layers", 1); }, "model.layers.1"},
    {"HugeVocabularyClaimed", [](const Folder& f) { f.config("vocab_size", 1 << 24); }, "model.embed_tokens.weight"},
};
INSTANTIATE_TEST_SUITE_P(Configs, HostileFolder, testing::ValuesIn(kConfigs), [](const auto& i) { return std::string(i.param.name); });

const Hostile kTensors[] = {
    {"NoWeights", [](const Folder& f) { f.remove(kWeights); }, "safetensors"},
    {"OnlyAPickle", [](const Folder& f) {
       f.remove(kWeights);
       f.write("pytorch_model.bin", "\x80\x02");
     },
     "pytorch_model.bin"},
    {"WeightsEmpty", [](const Folder& f) { f.write(kWeights, ""); }, kWeights},
    {"WeightsCutOff", [](const Folder& f) { f.cut(kWeights); }, kWeights},
    {"TrailingBytes", [](const Folder& f) { f.write(kWeights, f.bytes(kWeights) + "x"); }, kWeights},
    {"HeaderClaimsAHundredMegabytes", [](const Folder& f) { f.write(kWeights, std::string("\x00\xe1\xf5\x05\x00\x00\x00\x00{}", 10)); }, kWeights},
    {"HeaderIsNoJson", [](const Folder& f) { f.write(kWeights, std::string("\x04\x00\x00\x00\x00\x00\x00\x00\x80\x04K*", 12)); }, kWeights},
    {"Overlap", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["data_offsets"] = j[kKeys]["data_offsets"]; }); }, kWeights},
    {"OffsetsBeyondTheFile", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["data_offsets"] = {0, 1'000'000'000}; }); }, kQueries.c_str()},
    {"NegativeOffset", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["data_offsets"][0] = -8; }); }, kQueries.c_str()},
    {"OffsetsBackwards", [](const Folder& f) { f.header([](Json& j) { std::swap(j[kQueries]["data_offsets"][0], j[kQueries]["data_offsets"][1]); }); }, kQueries.c_str()},
    {"ShapeOverflows", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["shape"] = {1ull << 40, 1ull << 40}; }); }, kQueries.c_str()},
    {"ShapeIsDeep", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["shape"] = Json::array({Json::array({12, 12})}); }); }, kWeights},
    {"Transposed", [](const Folder& f) { f.tensors([](auto& t) { t["model.layers.1.mlp.down_proj.weight"] = t["model.layers.1.mlp.up_proj.weight"].clone(); }); }, "down_proj"},
    {"TensorMissing", [](const Folder& f) { f.tensors([](auto& t) { t.erase(kQueries); }); }, kQueries.c_str()},
    {"TensorTooMany", [](const Folder& f) { f.tensors([](auto& t) { t["model.layers.7.extra"] = at::ones({3}); }); }, "model.layers.7.extra"},
    {"WholeNumbers", [](const Folder& f) { f.tensors([](auto& t) { t[kQueries] = t[kQueries].to(at::kLong); }); }, kQueries.c_str()},
    {"NotANumber", [](const Folder& f) { f.tensors([](auto& t) { t[kQueries][3][3] = NAN; }); }, kQueries.c_str()},
    {"Infinite", [](const Folder& f) { f.tensors([](auto& t) { t[kQueries][3][3] = INFINITY; }); }, kQueries.c_str()},
    {"UnknownDtype", [](const Folder& f) { f.header([](Json& j) { j[kQueries]["dtype"] = "F7"; }); }, "F7"},
    {"WeightsAreAFolder", [](const Folder& f) {
       f.remove(kWeights);
       fs::create_directory(f.path(kWeights));
     },
     kWeights},
};
INSTANTIATE_TEST_SUITE_P(Tensors, HostileFolder, testing::ValuesIn(kTensors), [](const auto& i) { return std::string(i.param.name); });

const Hostile kIndices[] = {
    {"NamesAMissingShard", [](const Folder& f) { f.shard_to("gone.safetensors"); }, "gone.safetensors"},
    {"Climbs", [](const Folder& f) { f.shard_to("../model.safetensors"); }, "../model.safetensors"},
    {"IsAbsolute", [](const Folder& f) { f.shard_to("/etc/passwd"); }, "/etc/passwd"},
    {"HidesAClimb", [](const Folder& f) { f.shard_to("a/../../b.safetensors"); }, "a/../../b.safetensors"},
    {"ShardIsANumber", [](const Folder& f) { f.shard([](Json& j) { j["weight_map"][kQueries] = 3; }); }, kQueries.c_str()},
    {"MapIsAList", [](const Folder& f) { f.shard([](Json& j) { j["weight_map"] = Json::array(); }); }, "weight_map"},
    {"MapIsEmpty", [](const Folder& f) { f.shard([](Json& j) { j["weight_map"] = Json::object(); }); }, kIndex},
    {"NamesATensorThatIsNowhere", [](const Folder& f) { f.shard([](Json& j) { j["weight_map"]["model.ghost"] = "part.safetensors"; }); }, "model.ghost"},
    {"ForgetsATensor", [](const Folder& f) { f.shard([](Json& j) { j["weight_map"].erase(kQueries); }); }, kQueries.c_str()},
    {"IndexCutOff", [](const Folder& f) {
       f.shard([](Json&) {});
       f.cut(kIndex);
     },
     kIndex},
    {"IndexIsDeep", [](const Folder& f) {
       f.shard([](Json&) {});
       f.write(kIndex, deep(200'000));
     },
     kIndex},
};
INSTANTIATE_TEST_SUITE_P(Indices, HostileFolder, testing::ValuesIn(kIndices), [](const auto& i) { return std::string(i.param.name); });

const Hostile kTokenizers[] = {
    {"NoTokenizer", [](const Folder& f) { f.remove(kTokenizer); }, kTokenizer},
    {"TokenizerCutOff", [](const Folder& f) { f.cut(kTokenizer); }, kTokenizer},
    {"TokenizerIsAList", [](const Folder& f) { f.write(kTokenizer, "[1]"); }, kTokenizer},
    {"TokenizerIsDeep", [](const Folder& f) { f.write(kTokenizer, deep(200'000)); }, kTokenizer},
    {"UnknownModel", [](const Folder& f) { f.tokenizer("/model/type", "Morse"); }, "Morse"},
    {"UnknownNormalizer", [](const Folder& f) { f.tokenizer("/normalizer", {{"type", "Shout"}}); }, "Shout"},
    {"UnknownPreTokenizer", [](const Folder& f) { f.tokenizer("/pre_tokenizer/type", "Tear"); }, "Tear"},
    {"UnknownPostProcessor", [](const Folder& f) { f.tokenizer("/post_processor", {{"type", "Polish"}}); }, "Polish"},
    {"UnknownDecoder", [](const Folder& f) { f.tokenizer("/decoder", {{"type", "Mumble"}}); }, "Mumble"},
    {"EndlessSequence", [](const Folder& f) { f.tokenizer("/normalizer", Json::parse("{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Sequence\"}]}")); }, "normalizers"},
    {"NegativeId", [](const Folder& f) { f.tokenizer("/model/vocab/w3", -3); }, kTokenizer},
    {"TwoPiecesOfOneId", [](const Folder& f) { f.tokenizer("/model/vocab/w3", 4); }, kTokenizer},
    {"VocabularyIsANumber", [](const Folder& f) { f.tokenizer("/model/vocab", 3); }, "vocab"},
    {"BrokenRegex", [](const Folder& f) {
       f.tokenizer("/pre_tokenizer", {{"type", "Split"}, {"pattern", {{"Regex", "(a"}}}, {"behavior", "Isolated"}, {"invert", false}});
     },
     "(a"},
    {"NoUtf8", [](const Folder& f) { f.write(kTokenizer, "{\"version\": \"\xff\xfe\"}"); }, kTokenizer},
};
INSTANTIATE_TEST_SUITE_P(Tokenizers, HostileFolder, testing::ValuesIn(kTokenizers), [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace fairfight
