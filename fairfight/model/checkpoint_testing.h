#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {

inline Config small_llama(bool tied) {
  Config c;
  c.vocab = 11;
  c.d_model = 12;
  c.n_layers = 2;
  c.n_heads = 3;
  c.n_kv_heads = 1;
  c.d_head = 6;
  c.d_mlp = 10;
  c.n_ctx = 8;
  c.rope.theta = 1234.5;
  c.norm_eps = 1e-6;
  c.tied = tied;
  c.bos = 1;
  return c;
}

inline Config small_gpt2(bool tied) {
  Config c = small_llama(tied);
  c.arch = "gpt2";
  c.n_kv_heads = 3;
  c.d_head = 4;
  c.norm = Config::Norm::layer;
  c.positions = Config::Positions::learned;
  c.mlp = Config::Mlp::gelu;
  c.biases = true;
  c.rope = {};
  return c;
}

inline Transformer random_model(const Config& config) {
  return {config, random_weights(config, Random(3, "checkpoint_test"))};
}

inline Config without_source(Config config) {
  config.source.clear();
  config.notes.clear();
  return config;
}

inline void expect_same_model(const Transformer& got, const Transformer& expected) {
  EXPECT_EQ(without_source(got.config()), without_source(expected.config()));
  const auto a = got.weights().parameters(), b = expected.weights().parameters();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(at::equal(a[i], b[i])) << "parameter " << i;
}

/// A saved model that a test then spoils.
class SavedModel {
 public:
  explicit SavedModel(const Config& config) { save_model(random_model(config), folder_.path()); }

  std::string path() const { return folder_.path().string(); }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }
  std::string error() const {
    return error_of([&] { load_model(path()); });
  }

  template <class Change>
  SavedModel& tensors(Change change) {
    TensorFile weights = read_tensors(file("model.safetensors"));
    change(weights.tensors);
    write_tensors(file("model.safetensors"), weights);
    return *this;
  }
  SavedModel& config(const std::string& key, const Json& value) {
    Json json = read_json(file("config.json"));
    json[key] = value;
    write_atomic(file("config.json"), dump_json(json));
    return *this;
  }
  SavedModel& no_config(const std::string& key) {
    Json json = read_json(file("config.json"));
    json.erase(key);
    write_atomic(file("config.json"), dump_json(json));
    return *this;
  }
  /// Deals the tensors to two files behind an index.
  SavedModel& shard() {
    const TensorFile all = read_tensors(file("model.safetensors"));
    TensorFile halves[2];
    Json map = Json::object();
    for (const auto& [name, tensor] : all.tensors) {
      const size_t half = map.size() % 2;
      halves[half].tensors[name] = tensor;
      map[name] = fmt::format("part-{}.safetensors", half);
    }
    for (int half : {0, 1}) write_tensors(file(fmt::format("part-{}.safetensors", half)), halves[half]);
    write_atomic(file("model.safetensors.index.json"), dump_json({{"metadata", Json::object()}, {"weight_map", map}}));
    std::filesystem::remove(file("model.safetensors"));
    return *this;
  }

 private:
  ScratchFolder folder_;
};

/// The config.json of a model that transformers has made (tests/parity).
inline Json parity_config(const std::string& model) {
  return read_json(std::filesystem::path(FAIRFIGHT_TEST_DATA) / "parity" / model / "config.json");
}

}  // namespace fairfight
