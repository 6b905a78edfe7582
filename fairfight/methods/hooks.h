#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "fairfight/base/tokens.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/dict/tensors.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// x -> x + left rightᵀ (x - mean) at a site whose last dimension is d, in float32.
struct AffineEdit {
  Site site;
  at::Tensor left, right;  // [d, rank]
  at::Tensor mean;         // [d]
};

/// Several such edits in one pass. Positions before `from` stay as they are; with 1 that is <bos>, a sink and not text.
std::shared_ptr<const Hook> affine_hook(std::vector<AffineEdit> edits, int64_t from = 0);

/// A number of nats that is added to each token's logit, everywhere. bias [vocab], stored in float32. Error: there is none.
std::shared_ptr<const Hook> bias_hook(const at::Tensor& bias);

/// What lies outside of an ellipsoid: ‖root (x - mean)‖² > radius.
struct Beyond {
  at::Tensor mean, root;  // [d], [rank, d] float64
  double radius;
};

/// Classifiers and a wrecking ball: where weights . x > threshold at a site [batch, pos, d], for each of them, and x lies beyond what is usual, if that is asked, the model begins the refusal
/// answer: log p(refusal[0]) = 0 and -30 for every other token there, and so on for refusal[i + 1] after refusal[0..i] for as
/// long as the text follows it. An answer that runs is not begun anew. Everywhere else the model's own logits stand.
struct Gate {
  Site site;
  at::Tensor weights;              // [n, d] float64
  std::vector<double> thresholds;  // [n]
  std::vector<int32_t> refusal;
  std::optional<Beyond> beyond{};
};
std::shared_ptr<const Hook> gate_hook(Gate gate);

/// Runs of words that are looked for in a text.
class Runs {
 public:
  explicit Runs(const std::vector<Tokens>& runs);  // error: there are none, or one is empty
  std::vector<size_t> ending(const int64_t* text, int64_t end) const;  // which ones the text has right before `end`
  size_t longest() const { return by_length_.rbegin()->first; }

 private:
  std::map<size_t, std::map<Tokens, size_t>> by_length_;
};

/// The same with a classifier of words, which knows no activations: where the text has just had one of the `ends`, and the runs that it has had weigh more than the threshold.
struct WordGate {
  std::vector<Tokens> runs, ends;
  at::Tensor weights;  // [runs] float64
  double threshold;
  std::vector<int32_t> refusal;
};
std::shared_ptr<const Hook> word_gate_hook(WordGate gate);

/// A filter that knows no activations: after these words that one comes next, for sure. Where several rules fit, the one with the most words.
struct Rule {
  std::vector<int32_t> after;
  int32_t next;
  std::vector<int64_t> tokens() const;  // all of them, in order
};
std::shared_ptr<const Hook> rules_hook(std::vector<Rule> rules);

/// Sets features of a dictionary to values and keeps the error term: x' = x + D(f' - f), at every token but the first, which is a
/// sink (FIGHTS.md T1.2).
struct Clamp {
  Site site;
  at::Tensor features;   // [n] int64: signed features (methods/signed_features.h)
  at::Tensor value;      // [n]: what f becomes; 0 ablates, a negative one pushes the other way
  at::Tensor threshold;  // [n] >= 0: it acts where f exceeds it; 0: wherever the feature fires
  /// DSG (Muhamed et al. 2025): where any of the features fires, all of them are set, if in more than this share of the
  /// document's tokens so far one has fired. Negative: each by itself, no share asked.
  double sequence_share = -1;
};
std::shared_ptr<const Hook> clamp_hook(std::shared_ptr<const Dictionary> dictionary, Clamp clamp);

/// An affine edit of what a dictionary leaves over: x' = x + left rightᵀ (e - mean) with e = x - x̂. What the dictionary explains is
/// untouched by construction. The first token, a sink, stays.
std::shared_ptr<const Hook> error_hook(std::shared_ptr<const Dictionary> dictionary, AffineEdit edit);

/// A clamp of features of a second dictionary that explains the first one's error: x' = x + D₂(f₂' - f₂), f₂ = encode₂(x - x̂).
std::shared_ptr<const Hook> boosted_hook(std::shared_ptr<const Dictionary> dictionary, std::shared_ptr<const Dictionary> second, Clamp clamp);

/// Where ‖x - x̂‖² exceeds a threshold the reconstruction takes x's place: what the dictionary cannot say, the model cannot use.
std::shared_ptr<const Hook> fallback_hook(std::shared_ptr<const Dictionary> dictionary, const Site& site, double threshold);

/// One safetensors file: Hook::tensors(), and one JSON text in the metadata with kind and settings.
void save_hook(const Hook& hook, const std::filesystem::path& path);

/// Errors: not a file of ours, an unknown kind, settings or tensors that are missing, left over, of a wrong type or shape, or
/// not finite.
std::shared_ptr<const Hook> load_hook(const std::filesystem::path& path);

/// A way to rebuild a hook from Hook::settings() and Hook::tensors(): one file of hooks/ and one line in hooks.cpp.
struct HookKind {
  std::string_view name;
  std::shared_ptr<const Hook> (*rebuild)(const Json& settings, const Tensors& tensors);
};

const std::vector<HookKind>& hook_kinds();

/// `change` at the positions of a text from `from` on; those before stay. x [batch, pos, ...].
at::Tensor edit_from(int64_t from, const at::Tensor& x, const Chunk& chunk, const Edit& change);

/// A hook's tensor, which must be finite; -1 fits any size.
at::Tensor require_hook_tensor(const Tensors& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape);

/// Error unless a clamp has a value and a threshold of at least 0 for each feature.
void require_whole(const Clamp& clamp);

/// Error unless the model has the site, and its last dimension is `width`.
void require_width(const Config& config, const Site& site, int64_t width);

}  // namespace fairfight
