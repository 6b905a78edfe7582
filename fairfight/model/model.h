#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "fairfight/base/random.h"
#include "fairfight/model/taps.h"

namespace fairfight {

/// What has activations that one may read and edit: a transformer, a reward model; in time a network that plays a game. What harvests, learns dictionaries and
/// runs a fight knows no more of it; what needs text asks for a Transformer.
class Model {
 public:
  virtual ~Model() = default;

  virtual std::vector<Site> sites() const = 0;           // all of them, in forward order
  virtual int64_t width(const Site& site) const = 0;     // of the last dimension there; error: it has no such site

  /// What it puts out: a transformer's logits, a reward, the values of moves. [batch, pos] int64 (tokens; a board's squares) -> [batch, ...]. Without gradients,
  /// what overflows is an error: NotFinite.
  virtual at::Tensor forward(const at::Tensor& input, const Taps& taps) const = 0;

  /// Runs until the last site that `taps` reads, and no further.
  virtual void observe(const at::Tensor& input, const Taps& taps) const = 0;

  /// Just one site: the activations there, [batch, pos, ...]; the pass stops after it.
  at::Tensor at(const Site& site, const at::Tensor& input) const;

  /// FLOPs of a pass over so many positions that ends at a site, in closed form.
  virtual double flops_to(const Site& site, int64_t positions) const = 0;

  /// One of the same shape whose weights are drawn anew: the random-weight control.
  virtual std::unique_ptr<Model> with_random_weights(const Random& random) const = 0;

 protected:
  Model() = default;
  Model(const Model&) = default;
  Model(Model&&) = default;
  Model& operator=(const Model&) = default;
  Model& operator=(Model&&) = default;
};

}  // namespace fairfight
