#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/model/cache.h"
#include "fairfight/model/chunk.h"
#include "fairfight/model/config.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/read_out.h"
#include "fairfight/model/rope.h"
#include "fairfight/model/taps.h"
#include "fairfight/model/weights.h"

namespace fairfight {

struct NormPoints {
  Point scale, normalized;
};

/// One forward pass; reads like the paper, with a tap at every named point. Runs once.
class Pass {
 public:
  struct Enough {};  // thrown where only reads were asked for and the last one is done

  Pass(const Config& config, const Weights& weights, Precision products, const Taps& taps, bool only_reads);

  /// [batch, pos] int64 -> what the logits are made of, at every position or where they are asked for (Taps::only_at).
  ReadOut run(const at::Tensor& tokens);

  /// From the end of a block on, where the state is known.
  ReadOut resume(const Site& site, const at::Tensor& tokens, at::Tensor x);

  /// After what the cache has of each text: whole texts, whose rows follow one another, or one token more for each -> after the last, [batch, 1].
  ReadOut extend(const Chunk& chunk, Cache& cache);

 private:
  struct Heads {
    at::Tensor q, k, v;
  };

  void begin(const Chunk& chunk);
  at::Tensor embed();
  at::Tensor blocks(int64_t from, at::Tensor x);
  at::Tensor block(int64_t layer, at::Tensor x);
  at::Tensor attention(int64_t layer, const at::Tensor& x, const Block& w);
  at::Tensor mlp(int64_t layer, const at::Tensor& x, const Block& w);
  ReadOut read_out(at::Tensor x);  // where it is asked for
  ReadOut counted(ReadOut said) const;
  void count(bool recorded) const;  // one pass over the tokens, if somebody counts

  Heads queries_keys_values(int64_t layer, const at::Tensor& x, const Block& w);
  Heads split_heads(int64_t layer, const at::Tensor& x, const Block& w);  // of a state that each head may see otherwise
  at::Tensor mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  at::Tensor scored_mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
  void keep(int64_t layer, const at::Tensor& k, const at::Tensor& v);  // in the cache
  double score_scale() const;
  const Angles& angles_of(int64_t layer) const { return c_.local_rope && c_.window(layer) > 0 ? local_angles_ : angles_; }

  at::Tensor before(NormPoints points, int64_t layer, const at::Tensor& x, const NormWeights& w);
  at::Tensor added(Point out, int64_t layer, at::Tensor x, NormPoints points, const NormWeights& w, NormPoints post_points, const NormWeights& post);
  at::Tensor head_norm(NormPoints points, int64_t layer, const at::Tensor& x, const NormWeights& w);
  at::Tensor norm(NormPoints points, int64_t layer, at::Tensor x, const NormWeights& w);

  bool narrows(int64_t layer) const { return narrow_ && layer == c_.n_layers - 1; }
  bool selects_few(int64_t layer) const;
  at::Tensor selected(const at::Tensor& x) const;
  at::Tensor selected_angles(const at::Tensor& all) const;
  void require_finite(const at::Tensor& x, const std::string& what) const;
  bool tapped(Point point, int64_t layer) const;
  bool tapped(NormPoints points, int64_t layer) const { return tapped(points.scale, layer) || tapped(points.normalized, layer); }
  at::Tensor tap(Point point, int64_t layer, at::Tensor x);

  const Config& c_;
  const Weights& w_;
  const Precision precision_;
  const Taps& taps_;
  const bool only_reads_;
  size_t reads_left_;
  Chunk chunk_;
  Angles angles_, local_angles_;
  at::Tensor selected_;        // [batch, selected] the positions whose logits count; undefined: all
  bool narrow_ = false;     // nobody looks at the others in the last block
  Cache* cache_ = nullptr;  // of extend
  std::vector<int64_t> query_rows_, query_lengths_;  // of few queries: whose each one is, and how many tokens it may see
};

}  // namespace fairfight
