#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace fairfight {

/// Sparse codes of some rows, never dense: latent indices[r, i] is active with values[r, i]. Kinds whose rows differ in how
/// many latents are active fill up with value 0 at index 0.
struct Codes {
  at::Tensor values;   // [rows, k] float32
  at::Tensor indices;  // [rows, k] int32, in [0, width)
  int64_t width = 0;
};

/// x -> sparse codes -> x̂. Every method that uses a dictionary takes this one, so a control basis is the same code.
class Dictionary {
 public:
  virtual ~Dictionary() = default;
  virtual std::string_view kind() const = 0;
  virtual Codes encode(const at::Tensor& x) const = 0;               // [rows, d_model] -> codes
  virtual at::Tensor decode(const Codes& codes) const = 0;           // -> [rows, d_model]
  /// [rows, d_model] -> [rows, width], small batches only; or of those latents alone, [rows, latents].
  virtual at::Tensor preactivations(const at::Tensor& x, const at::Tensor& latents = {}) const = 0;
  virtual const at::Tensor& atoms() const = 0;                       // [width, d_model], a row a feature
  virtual const at::Tensor& center() const = 0;                      // [d_model]: what decode adds to the features' sum
  virtual std::map<std::string, at::Tensor> tensors() const = 0;     // all that a file must hold to rebuild it

  int64_t width() const { return atoms().size(0); }
  int64_t d_model() const { return atoms().size(1); }
  at::Tensor reconstruct(const at::Tensor& x) const { return decode(encode(x)); }
};

}  // namespace fairfight
