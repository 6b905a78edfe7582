#include "fairfight/model/reward_model.h"

#include "fairfight/base/error.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/shown.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr const char *kFamily = "qwen3", *kClass = "Qwen3ForSequenceClassification";

/// As transformers counts them: num_labels, else the names that they have, else two.
int64_t labels_of(Fields& config) {
  const auto given = [&](const char* key) { return config.has(key) && !config.any(key).is_null(); };
  if (given("num_labels")) return config.integer("num_labels", 1, INT32_MAX);
  if (given("id2label") && config.any("id2label").is_object()) return int64_t(config.any("id2label").size());
  return 2;
}

std::string class_of(Fields& config) { return config.has("architectures") ? config.any("architectures").dump() : "nothing"; }
const std::string& our_class() {
  static const std::string list = Json::array({kClass}).dump();
  return list;
}

}  // namespace

RewardModel::RewardModel(Transformer trunk) : trunk_(std::move(trunk)) {
  if (!trunk_.config().scalar) fail("[reward_model] got a head of {} rows, which makes logits; expected one row", trunk_.weights().unembed.size(0));
}

RewardModel RewardModel::on_trunk_of(const Transformer& model) {
  Config config = model.config();
  config.scalar = true;
  config.tied = false;
  config.source.clear();
  Weights weights = model.weights().clone();
  weights.unembed = at::zeros({1, config.d_model}, at::kFloat);
  return RewardModel(Transformer(std::move(config), std::move(weights)));
}

at::Tensor RewardModel::rewards(const at::Tensor& tokens, const Taps& taps) const {
  const auto last = lengths_of(tokens) - 1;
  if ((last < 0).any().item<bool>()) fail("[reward_model] text {} is empty, expected a token to read its reward at", last.argmin().item<int64_t>());
  return trunk_.logits(tokens, Taps(taps).only_at(last)).flatten();
}

std::unique_ptr<Model> RewardModel::with_random_weights(const Random& random) const {
  return std::make_unique<RewardModel>(Transformer(trunk_.config(), random_weights(trunk_.config(), random)));
}

bool is_reward_model(const std::string& name) {
  const ModelFolder found = find_model(given_or_shipped(name).string());
  Fields config(found.config, found.folder.string());
  return class_of(config) == our_class();
}

LoadedModel load_reward_trunk(const std::string& name) {
  const ModelFolder found = find_model(given_or_shipped(name).string());
  Fields config(found.config, (found.folder / "config.json").string());
  if (const auto got = class_of(config); got != our_class()) fail("[load_reward_model] {}: \"architectures\" is {}, expected {}: only these have a reward", config.where(), shown(got), our_class());
  if (const int64_t labels = labels_of(config); labels != 1) fail("[load_reward_model] {}: got {} labels, expected 1: a reward is one number", config.where(), labels);
  LoadOptions options;
  options.scalar = true;
  return load_model(name, false, options);
}

void save_reward_model(const RewardModel& model, const std::filesystem::path& folder, int64_t pad) {
  const Config& config = model.trunk().config();
  if (config.arch != kFamily) fail("[save_reward_model] got a {}, expected a {}: others are not written", config.arch, kFamily);
  if (pad < 0 || pad >= config.vocab) fail("[save_reward_model] got {} for padding, expected a token from 0 to {}", pad, config.vocab - 1);
  save_model(model.trunk(), folder, {{"architectures", {kClass}}, {"id2label", {{"0", "reward"}}}, {"label2id", {{"reward", 0}}}, {"pad_token_id", pad}});
}

}  // namespace fairfight
