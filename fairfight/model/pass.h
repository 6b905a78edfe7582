#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/model/cache.h"
#include "fairfight/model/config.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/read_out.h"
#include "fairfight/model/rope.h"
#include "fairfight/model/taps.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// One forward pass; reads like the paper, with a tap at every named point. Runs once.
class Pass {
 public:
  struct Enough {};  // thrown where only reads were asked for and the last one is done

  Pass(const Config& config, const Weights& weights, Precision products, const Taps& taps, bool only_reads);

  /// [batch, pos] int64 -> what the logits are made of, at every position or where they are asked for (Taps::only_at).
  ReadOut run(const at::Tensor& tokens);

  /// From the end of a block on, where the state is known.
  ReadOut resume(const Site& site, const at::Tensor& tokens, at::Tensor x);

  /// Behind what the cache has of each text: whole texts, whose rows follow one another, or one token more for each -> behind the last, [batch, 1].
  ReadOut extend(const Chunk& chunk, Cache& cache);

 private:
  struct Heads {
    at::Tensor q, k, v;
  };

  at::Tensor embed();
  at::Tensor blocks(int64_t from, at::Tensor x);
  ReadOut said(const at::Tensor& x);  // where it is asked for
  at::Tensor asked(const at::Tensor& x) const;
  at::Tensor asked_angles(const at::Tensor& all) const;
  void require_finite(const at::Tensor& x, const std::string& what) const;
  ReadOut counted(ReadOut said) const;
  void count(bool recorded) const;  // one pass over the tokens, if somebody counts
  bool narrows(int64_t layer) const { return narrow_ && layer == c_.n_layers - 1; }
  at::Tensor block(int64_t layer, at::Tensor x);
  at::Tensor before(Point scale, int64_t layer, const at::Tensor& x, const NormWeights& w);
  at::Tensor added(Point out, int64_t layer, at::Tensor x, Point scale, const NormWeights& w, Point post_scale, const NormWeights& post);
  at::Tensor attention(int64_t layer, const at::Tensor& x, const Block& w);
  at::Tensor asked_attention(int64_t layer, const at::Tensor& x, const Block& w);
  Heads queries_keys_values(int64_t layer, const at::Tensor& x, const Block& w);
  at::Tensor head_norm(Point scale, int64_t layer, const at::Tensor& x, const NormWeights& w);
  at::Tensor mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  at::Tensor scored_mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  void keep(int64_t layer, const at::Tensor& k, const at::Tensor& v);  // in the cache
  double score_scale() const;
  const Angles& angles_of(int64_t layer) const { return c_.local_rope && c_.window(layer) > 0 ? local_angles_ : angles_; }
  at::Tensor mlp(int64_t layer, const at::Tensor& x, const Block& w);
  at::Tensor norm(Point scale_point, int64_t layer, at::Tensor x, const NormWeights& w);
  void begin(const Chunk& chunk);
  bool tapped(Point point, int64_t layer) const;
  at::Tensor tap(Point point, int64_t layer, at::Tensor x);

  const Config& c_;
  const Weights& w_;
  Angles angles_, local_angles_;
  const Precision precision_;
  const Taps& taps_;
  const bool only_reads_;
  Chunk chunk_;
  size_t reads_left_;
  at::Tensor asked_;     // [batch, asked] the positions whose logits count; undefined: all
  bool narrow_ = false;  // nobody looks at the others in the last block
  Cache* cache_ = nullptr;          // of extend
  std::vector<int64_t> lengths_;    // of texts that go on, with what is new
};

}  // namespace fairfight
