#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
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
  Codes encode(const at::Tensor& x) const;                           // [rows, d_model] -> codes
  virtual at::Tensor decode(const Codes& codes) const = 0;           // -> [rows, d_model]
  /// [rows, d_model] -> [rows, width], small batches only; or of those latents alone, [rows, latents].
  virtual at::Tensor preactivations(const at::Tensor& x, const at::Tensor& latents = {}) const = 0;
  virtual const at::Tensor& w_dec() const = 0;                       // [width, d_model], a row a feature
  virtual const at::Tensor& b_dec() const = 0;                      // [d_model]: what decode adds to the features' sum
  std::map<std::string, at::Tensor> tensors() const;                 // all that a file must hold to rebuild it

  int64_t width() const { return w_dec().size(0); }
  int64_t d_model() const { return w_dec().size(1); }
  at::Tensor reconstruct(const at::Tensor& x) const;  // decode(encode(x))

  /// A dictionary that saw no attention sinks (acts/sinks.h) has nothing to say of them: in a row whose norm is larger no feature is active, and its
  /// reconstruction is the row itself. Whoever measures with a dictionary, or edits by it, leaves them alone by that.
  double most_norm() const { return most_norm_; }
  void leave_alone_above(double norm) { most_norm_ = norm; }

 protected:
  virtual Codes encode_any(const at::Tensor& x) const = 0;                      // of rows that may be sinks
  virtual std::map<std::string, at::Tensor> parameters() const = 0;

 private:
  double most_norm_ = std::numeric_limits<double>::infinity();
};

}  // namespace fairfight
