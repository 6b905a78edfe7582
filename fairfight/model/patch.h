#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// A run-time edit of a model. What it does at a position depends on nothing that stands after that position, so that generation can run it at new
/// positions alone: what it must know of earlier ones it carries along (Carried).
class Hook {
 public:
  /// What becomes of what the model says, once the pass is done. `selected`: the positions that are asked for (Taps::positions), undefined: all.
  using Afterwards = std::function<void(ReadOut& said, const Chunk& chunk, const at::Tensor& selected)>;
  /// What a gradient through it is of: all that it does; or, where it selects (which features fire, in which rows), the state that it is added to, with the
  /// edit taken as fixed; or nothing that it does, for it forces tokens.
  enum class Gradient { exact,
                        straight_through,
                        none };

  virtual ~Hook() = default;
  virtual std::string_view kind() const = 0;  // which file of methods/hooks/ rebuilds it
  virtual std::string about() const = 0;      // what it does, in a line

  /// Puts its edits and reads into one pass of a model with this config, or into all passes of one generation: each goes on where the last one ended.
  /// Error: a model that it was not made for.
  virtual Afterwards attach(const Config& config, Taps& taps) const = 0;
  virtual Gradient gradient() const = 0;
  at::Tensor logits(const Transformer& model, const at::Tensor& tokens, const Taps& taps = {}) const;  // of a pass under it alone

  /// All that a file must hold to rebuild it.
  virtual Json settings() const = 0;
  virtual std::map<std::string, at::Tensor> tensors() const = 0;
};
using Hooks = std::vector<std::shared_ptr<const Hook>>;

/// Hooks in a pass, or in the passes of a generation, one after the other: at a common site the later ones see what the earlier ones made.
class Attached {
 public:
  Attached(const Hooks& hooks, const Config& config);  // keeps them
  Taps& taps() { return taps_; }
  void finish(ReadOut& said, const Chunk& chunk, const at::Tensor& selected) const;

 private:
  Hooks hooks_;
  Taps taps_;
  std::vector<Hook::Afterwards> afterwards_;
};

/// A pass under hooks. `taps` are the caller's own, and come last. Error: a gradient is asked for, of the activations, through a hook that has none.
ReadOut read_out(const Transformer& model, const Hooks& hooks, const at::Tensor& tokens, const Taps& taps = {});

/// A changed model: weights, which whoever holds them has (a weight edit), and hooks, which whoever holds the weights can drop (a runtime edit).
struct Patch {
  std::shared_ptr<const Transformer> weights;  // null: those of the original
  Hooks hooks;
  std::string note{};                          // how its making ended, if not as it should have

  ReadOut read_out(const Transformer& original, const at::Tensor& tokens, const Taps& taps = {}) const { return fairfight::read_out(weights ? *weights : original, hooks, tokens, taps); }
  at::Tensor logits(const Transformer& original, const at::Tensor& tokens, const Taps& taps = {}) const { return read_out(original, tokens, taps).logits(); }
  /// The one after the other: the later one's weights, where it has some, and the hooks of both.
  Patch then(const Patch& later) const;
};

}  // namespace fairfight
