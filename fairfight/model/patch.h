#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "fairfight/base/json.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// A run-time edit of a model. What it does at a position depends on nothing that stands behind that position.
class Hook {
 public:
  virtual ~Hook() = default;
  virtual std::string_view kind() const = 0;  // which file of methods/hooks/ rebuilds it
  virtual std::string about() const = 0;      // what it does, in a line

  /// A whole pass under the hook. `taps` are the caller's own; at the hook's site they come after its edits.
  virtual ReadOut read_out(const Transformer& model, const at::Tensor& tokens, Taps taps = {}) const = 0;  // as Transformer::read_out
  at::Tensor logits(const Transformer& model, const at::Tensor& tokens, Taps taps = {}) const { return read_out(model, tokens, std::move(taps)).logits(); }

  /// What it adds to a pass.
  virtual double flops_per_token(const Config& config) const = 0;

  /// All that a file must hold to rebuild it.
  virtual Json settings() const = 0;
  virtual std::map<std::string, at::Tensor> tensors() const = 0;
};

/// A changed model. `hooked`: an edit at run time, which whoever holds the weights can drop. `baked`: changed weights.
struct Patch {
  enum class Form { baked, hooked };
  std::shared_ptr<const Transformer> weights;  // null: those of the original
  std::shared_ptr<const Hook> hook;            // null: none
  std::string note{};                          // how its making ended, if not as it should have

  Form form() const { return hook ? Form::hooked : Form::baked; }
  ReadOut read_out(const Transformer& original, const at::Tensor& tokens, const Taps& taps = {}) const {
    const Transformer& model = weights ? *weights : original;
    return hook ? hook->read_out(model, tokens, taps) : model.read_out(tokens, taps);
  }
  at::Tensor logits(const Transformer& original, const at::Tensor& tokens, const Taps& taps = {}) const { return read_out(original, tokens, taps).logits(); }
};

}  // namespace fairfight
