#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/model/config.h"

namespace fairfight {

/// The points of a transformer, in the order in which a forward pass meets them (where ln1 and ln2 stand after attention
/// and MLP, as in OLMo 2, it meets theirs later).
enum class Point {
  embed,
  pos_embed,
  resid_pre,
  attn_in,
  q_input,
  k_input,
  v_input,
  ln1_scale,
  ln1_normalized,
  q,
  k,
  v,
  q_norm_scale,
  q_norm_normalized,
  k_norm_scale,
  k_norm_normalized,
  rot_q,
  rot_k,
  attn_scores,
  pattern,
  z,
  result,
  ln1_post_scale,
  ln1_post_normalized,
  attn_out,
  resid_mid,
  mlp_in,
  ln2_scale,
  ln2_normalized,
  mlp_pre,
  mlp_pre_linear,
  mlp_post,
  ln2_post_scale,
  ln2_post_normalized,
  mlp_out,
  resid_post,
  final_scale,
  final_normalized
};
bool before_blocks(Point point);  // of the embeddings
bool behind_blocks(Point point);  // of the final norm

/// A place where activations can be read and edited, called as TransformerLens calls it: "blocks.2.hook_resid_post".
/// Shapes: resid, attn_out, mlp_out, normalized [batch, pos, d_model]; scale [batch, pos, 1]; q, z [batch, pos, head, d_head];
/// k, v [batch, pos, kv_head, d_head]; attn_scores (masked with -inf), pattern [batch, head, q_pos, k_pos];
/// result, attn_in and the q, k, v inputs [batch, pos, head, d_model]; mlp pre, pre_linear, post [batch, pos, d_mlp];
/// q_norm and k_norm as q and k, or [batch, pos, heads together] where the norm is over all heads.
struct Site {
  Point point = Point::resid_post;
  int64_t layer = 0;  // 0 where the point stands outside the blocks

  static Site parse(std::string_view name);  // error: not a site's name
  std::string name() const;
  auto operator<=>(const Site&) const = default;
};

/// Every site that this model has, in forward order.
std::vector<Site> sites_of(const Config& config);
/// Error, with the nearest names, if the model has no such site.
void require_site(const Config& config, const Site& site);
/// After the block at a fraction of the model's depth: 0 is the first, 1 the last, 0.5 blocks.2.hook_resid_post of 4 or 5 layers.
Site at_depth(const Config& config, double depth);
/// Where one reads who was not reported where: 0.5.
Site middle_of(const Config& config);
/// A user's words for a site: a fraction of the depth from 0 to 1, nothing where it is a name. Error: another number.
std::optional<double> depth_of(std::string_view text);
/// A site by either of them.
Site site_of(const Config& config, std::string_view text);
/// The size of the last dimension at a site.
int64_t width_at(const Config& config, const Site& site);
/// Error if a site has more than a vector a position, or less: heads, attention patterns, norms' scales.
void require_vectors(const Config& config, const Site& site);

}  // namespace fairfight
