#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "fairfight/model/checkpoint.h"

namespace fairfight {

/// A transformer whose head makes one number of a text, read at its last token: what the text is worth.
class RewardModel final : public Model {
 public:
  explicit RewardModel(Transformer trunk);                   // error: its head makes logits
  static RewardModel on_trunk_of(const Transformer& model);  // with a new head: every text is worth 0

  /// [docs, pos] int64, kPadding after a text's end -> [docs] float32. A text has the reward that it has alone. Error: an empty text. Without gradients, what overflows is
  /// an error: NotFinite.
  at::Tensor rewards(const at::Tensor& tokens, const Taps& taps = {}) const;

  std::vector<Site> sites() const override { return trunk_.sites(); }
  int64_t width(const Site& site) const override { return trunk_.width(site); }
  at::Tensor forward(const at::Tensor& tokens, const Taps& taps) const override { return rewards(tokens, taps); }
  void observe(const at::Tensor& tokens, const Taps& taps) const override { trunk_.observe(tokens, taps); }
  double flops_to(const Site& site, int64_t positions) const override { return trunk_.flops_to(site, positions); }
  std::unique_ptr<Model> with_random_weights(const Random& random) const override;

  const Transformer& trunk() const { return trunk_; }
  void set_precision(Precision products) { trunk_.set_precision(products); }

 private:
  Transformer trunk_;  // with the head
};

/// Whether a Hugging Face folder says that it holds one: a Qwen3ForSequenceClassification.
bool is_reward_model(const std::string& name_or_folder);

/// Its trunk and head, for RewardModel. Errors: another class, more labels, and those of load_model.
LoadedModel load_reward_trunk(const std::string& name_or_folder);

/// Writes config.json and model.safetensors in bfloat16. `pad` is a token that no text ends with: transformers reads the reward at the last token that is another.
void save_reward_model(const RewardModel& model, const std::filesystem::path& folder, int64_t pad);

}  // namespace fairfight
