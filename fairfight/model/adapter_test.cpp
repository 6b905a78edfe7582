// LoRAs against Hugging Face's peft: tests/adapters/make_adapters.py made the numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/peft_lora.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

fs::path test_data(const std::string& folder) { return fs::path(FAIRFIGHT_TEST_DATA) / folder; }

/// An adapter alone, its base in another folder, or in one folder with it; for a test to spoil.
class Adapted {
 public:
  explicit Adapted(const std::string& name, bool beside = false) {
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors"}) fs::copy_file(test_data("adapters") / name / file, folder_ / file);
    base_ = test_data("parity") / read_json(folder_ / "adapter_config.json").at("base_model_name_or_path").get<std::string>();
    config("base_model_name_or_path", base_.string());
    if (!beside) return;
    for (const char* file : {"config.json", "model.safetensors"}) fs::copy_file(base_ / file, folder_ / file);
    config("base_model_name_or_path", "gone");
  }
  Adapted& config(const std::string& key, const Json& value) {
    Json json = read_json(folder_ / "adapter_config.json");
    json[key] = value;
    write_atomic(folder_ / "adapter_config.json", dump_json(json));
    return *this;
  }
  template <class Change>
  Adapted& tensors(Change change) {
    TensorFile file = read_tensors(folder_ / "adapter_model.safetensors");
    change(file.tensors);
    write_tensors(folder_ / "adapter_model.safetensors", file);
    return *this;
  }
  LoadedModel load(const LoadOptions& options = {}) const { return load_model(folder_.path().string(), false, options); }
  std::string error() const {
    return error_of([&] { load(); });
  }
  const fs::path& base() const { return base_; }
  fs::path folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
  fs::path base_;
};

double off_by(const at::Tensor& got, const at::Tensor& reference) { return ((got - reference).abs().max() / reference.abs().max()).item<double>(); }

class PeftParity : public testing::TestWithParam<const char*> {};

TEST_P(PeftParity, AnAdaptedModelComputesWhatPeftDoes) {
  const auto golden = read_tensors(test_data("adapters") / GetParam() / "golden.safetensors").tensors;
  const at::Tensor tokens = golden.at("tokens"), reference = golden.at("logits");
  for (const bool beside : {false, true}) {
    const Adapted adapted(GetParam(), beside);
    const LoadedModel base = load_model(adapted.base().string()), model = adapted.load();
    EXPECT_LT(off_by(model.model.logits(tokens), reference), 1e-5) << beside;
    EXPECT_GT(off_by(base.model.logits(tokens), reference), 1e-2) << "the adapter does nothing";
    EXPECT_NE(model.sha256, base.sha256);
    EXPECT_TRUE(model.adapted && !base.adapted);
    EXPECT_LT(off_by(adapted.load({.weights = Precision::bfloat16}).model.logits(tokens), reference), 0.1);
    // What is written is the sum, in bfloat16.
    const ScratchFolder merged;
    save_model(model.model, merged.path());
    EXPECT_TRUE(load_model(merged.path().string()).model.logits(tokens).equal(rounded_to_bfloat16(model.model).logits(tokens)));
  }
}

INSTANTIATE_TEST_SUITE_P(Adapters, PeftParity, testing::Values("patterns", "some_layers", "untied", "on_the_head", "conv1d", "fused", "turns"),
                         [](const auto& info) { return std::string(info.param); });

TEST(Adapter, ItsFilesArePartOfTheModelsIdentity) {
  Adapted adapted("some_layers");
  const auto before = adapted.load().sha256;
  adapted.config("lora_alpha", 9);
  EXPECT_NE(adapted.load().sha256, before);
}

TEST(Adapter, RefusesByNameWhatIsNoLora) {
  struct Case {
    const char* key;
    Json value;
    const char* reason;
  };
  const Case cases[] = {
      {"peft_type", "IA3", "peft_type is \"IA3\""},
      {"peft_type", "PROMPT_TUNING", "peft_type is \"PROMPT_TUNING\""},
      {"use_dora", true, "use_dora is true"},
      {"use_qalora", true, "use_qalora is true"},
      {"lora_bias", true, "lora_bias is true"},
      {"layer_replication", {{0, 2}}, "layer_replication is [[0,2]]"},
      {"trainable_token_indices", {1}, "trainable_token_indices is [1]"},
      {"target_parameters", {"w"}, "target_parameters"},
      {"exclude_modules", {"up_proj"}, "exclude_modules"},
      {"init_lora_weights", "pissa", "init_lora_weights is \"pissa\""},
      {"something_new", 3, "something_new is 3"},
      {"bias", "some", "bias"},
      {"r", 3, "has rank 4, expected 3"},
      {"r", 0, "\"r\""},
      {"rank_pattern", {{"v_proj", 2}}, "has rank 4, expected 2"},
      {"target_modules", {"v_proj"}, "no part of a LoRA"},
      {"target_modules", {"v_proj", "up_proj", "o_proj"}, "speaks of model.layers.1.self_attn.o_proj.weight"},
      {"layers_to_transform", {0}, "no part of a LoRA"},
      {"layers_to_transform", {0, 1}, "speaks of model.layers.0."},
      {"target_modules", "(", "target_modules"},
      {"base_model_name_or_path", "nowhere/at-all", "nowhere/at-all"},
  };
  for (const auto& [key, value, reason] : cases) {
    Adapted adapted("some_layers");
    adapted.config(key, value);
    EXPECT_THAT(adapted.error(), AllOf(HasSubstr(reason), Not(HasSubstr("\n")))) << key;
  }
}

TEST(Adapter, NamesTheTensorThatIsWrong) {
  const std::string a = "base_model.model.model.layers.1.mlp.up_proj.lora_A.weight", b = "base_model.model.model.layers.1.mlp.up_proj.lora_B.weight";
  using Tensors = std::map<std::string, at::Tensor>;
  const std::pair<std::function<void(Tensors&)>, std::string> cases[] = {
      {[&](Tensors& t) { t.erase(a); }, "lora_A of model.layers.1.mlp.up_proj.weight is missing"},
      {[&](Tensors& t) { t.erase(a), t.erase(b); }, "has nothing for it"},
      {[&](Tensors& t) { t[a] = t[a].slice(1, 1).contiguous(); }, "which does not fit model.layers.1.mlp.up_proj.weight, [37, 24]"},
      {[&](Tensors& t) { t[b][0][0] = NAN; }, "a NaN"},
      {[&](Tensors& t) { t["base_model.model.model.layers.1.mlp.up_proj.lora_magnitude_vector"] = at::ones({37}); }, "no part of a LoRA"},
      {[&](Tensors& t) { t["base_model.model.model.embed_tokens.lora_embedding_A"] = at::ones({4, 43}); }, "a LoRA on an embedding is not implemented"},
      {[&](Tensors& t) { t["base_model.model.model.layers.7.norm.weight"] = at::ones({24}); }, "model.layers.7.norm.weight has no place"},
      {[&](Tensors& t) { t["base_model.model.lm_head.weight"] = at::ones({44, 24}); }, "expected [43, 24]"},
  };
  for (const auto& [spoil, reason] : cases) {
    Adapted adapted("some_layers");
    adapted.tensors(spoil);
    EXPECT_THAT(adapted.error(), AllOf(HasSubstr(reason), Not(HasSubstr("\n"))));
  }
  Adapted alone("untied");
  alone.tensors([](Tensors& t) { t.erase("base_model.model.lm_head.weight"); });
  EXPECT_THAT(alone.error(), HasSubstr("an embedding of its own and no head"));
}

TEST(Adapter, APickleOrAnAdapterOnAnAdapterIsRefused) {
  Adapted pickled("some_layers", true);
  fs::rename(pickled.folder() / "adapter_model.safetensors", pickled.folder() / "adapter_model.bin");
  EXPECT_THAT(pickled.error(), HasSubstr("pickled adapters (adapter_model.bin) are never opened"));
  const Adapted below("some_layers", true);
  Adapted above("some_layers");
  above.config("base_model_name_or_path", below.folder().string());
  EXPECT_THAT(above.error(), HasSubstr("has an adapter of its own"));
}

}  // namespace
}  // namespace fairfight
