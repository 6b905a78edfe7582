#include "fairfight/model/site.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

struct Entry {
  Point point;
  std::string_view name;
  bool in_block;
};

constexpr std::array<Entry, 38> kPoints{{
                                           // in the order of a pass
    {Point::embed, "hook_embed", false},
    {Point::pos_embed, "hook_pos_embed", false},
    {Point::resid_pre, "hook_resid_pre", true},
    {Point::attn_in, "hook_attn_in", true},
    {Point::q_input, "hook_q_input", true},
    {Point::k_input, "hook_k_input", true},
    {Point::v_input, "hook_v_input", true},
    {Point::ln1_scale, "ln1.hook_scale", true},
    {Point::ln1_normalized, "ln1.hook_normalized", true},
    {Point::q, "attn.hook_q", true},
    {Point::k, "attn.hook_k", true},
    {Point::v, "attn.hook_v", true},
    {Point::q_norm_scale, "attn.q_norm.hook_scale", true},
    {Point::q_norm_normalized, "attn.q_norm.hook_normalized", true},
    {Point::k_norm_scale, "attn.k_norm.hook_scale", true},
    {Point::k_norm_normalized, "attn.k_norm.hook_normalized", true},
    {Point::rot_q, "attn.hook_rot_q", true},
    {Point::rot_k, "attn.hook_rot_k", true},
    {Point::attn_scores, "attn.hook_attn_scores", true},
    {Point::pattern, "attn.hook_pattern", true},
    {Point::z, "attn.hook_z", true},
    {Point::result, "attn.hook_result", true},
    {Point::ln1_post_scale, "ln1_post.hook_scale", true},
    {Point::ln1_post_normalized, "ln1_post.hook_normalized", true},
    {Point::attn_out, "hook_attn_out", true},
    {Point::resid_mid, "hook_resid_mid", true},
    {Point::mlp_in, "hook_mlp_in", true},
    {Point::ln2_scale, "ln2.hook_scale", true},
    {Point::ln2_normalized, "ln2.hook_normalized", true},
    {Point::mlp_pre, "mlp.hook_pre", true},
    {Point::mlp_pre_linear, "mlp.hook_pre_linear", true},
    {Point::mlp_post, "mlp.hook_post", true},
    {Point::ln2_post_scale, "ln2_post.hook_scale", true},
    {Point::ln2_post_normalized, "ln2_post.hook_normalized", true},
    {Point::mlp_out, "hook_mlp_out", true},
    {Point::resid_post, "hook_resid_post", true},
    {Point::final_scale, "ln_final.hook_scale", false},
    {Point::final_normalized, "ln_final.hook_normalized", false},
}};

const Entry& entry(Point point) {
  return *std::find_if(kPoints.begin(), kPoints.end(), [&](const Entry& e) { return e.point == point; });
}

bool in_block(Point point) { return entry(point).in_block; }

bool has(const Config& c, Point point) {
  switch (point) {
    case Point::pos_embed: return c.positions == Config::Positions::learned;
    case Point::rot_q:
    case Point::rot_k: return c.positions == Config::Positions::rotary;
    case Point::attn_in: return c.n_kv_heads == c.n_heads;  // one input a head: not defined where heads share keys
    case Point::mlp_pre_linear: return c.gated();
    case Point::resid_mid: return !c.parallel;
    case Point::q_norm_scale:
    case Point::q_norm_normalized:
    case Point::k_norm_scale:
    case Point::k_norm_normalized: return c.qk_norm != Config::QkNorm::none;
    case Point::ln1_post_scale:
    case Point::ln1_post_normalized:
    case Point::ln2_post_scale:
    case Point::ln2_post_normalized: return c.norm_place == Config::NormPlace::both;
    default: return true;
  }
}

}  // namespace

bool before_blocks(Point point) { return point == Point::embed || point == Point::pos_embed; }
bool behind_blocks(Point point) { return point == Point::final_scale || point == Point::final_normalized; }

Site Site::parse(std::string_view name) {
  constexpr std::string_view kBlocks = "blocks.";
  int64_t layer = 0;
  std::string_view rest = name;
  const bool in_block = name.starts_with(kBlocks);
  if (in_block) {
    const auto [end, error] = std::from_chars(name.data() + kBlocks.size(), name.data() + name.size(), layer);
    if (error != std::errc() || layer < 0 || end == name.data() + name.size() || *end != '.')
      fail("[site] got \"{}\", expected a TransformerLens name such as blocks.2.hook_resid_post", name);
    rest = name.substr(size_t(end - name.data()) + 1);
  }
  for (const auto& e : kPoints)
    if (e.in_block == in_block && e.name == rest) return {e.point, layer};
  fail("[site] got \"{}\", expected a TransformerLens name such as blocks.2.hook_resid_post", name);
}

std::string Site::name() const {
  const auto& e = entry(point);
  return e.in_block ? fmt::format("blocks.{}.{}", layer, e.name) : std::string(e.name);
}

std::vector<Site> sites_of(const Config& config) {
  std::vector<Site> sites;
  const auto add = [&](int64_t layer, auto wanted) {
    for (const auto& e : kPoints)
      if (wanted(e.point) && has(config, e.point)) sites.push_back({e.point, layer});
  };
  add(0, before_blocks);
  for (int64_t layer = 0; layer < config.n_layers; ++layer) add(layer, in_block);
  add(0, behind_blocks);
  return sites;
}

void require_site(const Config& config, const Site& site) {
  const auto& e = entry(site.point);
  if (e.in_block && site.layer >= config.n_layers)
    fail("[site] got {}, expected a layer from 0 to {}", site.name(), config.n_layers - 1);
  if (!has(config, site.point))
    fail("[site] this model has no {}: its attention, positions, norms or MLP are of another kind",
         site.name());
}

Site at_depth(const Config& config, double depth) {
  return {Point::resid_post, std::min(config.n_layers - 1, int64_t(depth * double(config.n_layers)))};
}

Site middle_of(const Config& config) { return at_depth(config, 0.5); }

std::optional<double> depth_of(std::string_view text) {
  double depth = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), depth);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  if (!(depth >= 0 && depth <= 1)) fail("[site] got {}, expected a TransformerLens name such as blocks.2.hook_resid_post, or a fraction of the depth from 0 to 1", text);
  return depth;
}

Site site_of(const Config& config, std::string_view text) {
  const auto depth = depth_of(text);
  return depth ? at_depth(config, *depth) : Site::parse(text);
}

int64_t width_at(const Config& c, const Site& site) {
  switch (site.point) {
    case Point::ln1_scale:
    case Point::ln2_scale:
    case Point::ln1_post_scale:
    case Point::ln2_post_scale:
    case Point::q_norm_scale:
    case Point::k_norm_scale:
    case Point::final_scale: return 1;
    case Point::q_norm_normalized: return c.qk_norm == Config::QkNorm::whole ? c.n_heads * c.d_head : c.d_head;
    case Point::k_norm_normalized: return c.qk_norm == Config::QkNorm::whole ? c.n_kv_heads * c.d_head : c.d_head;
    case Point::q:
    case Point::k:
    case Point::v:
    case Point::rot_q:
    case Point::rot_k:
    case Point::z: return c.d_head;
    case Point::attn_scores:
    case Point::pattern: return c.n_ctx;
    case Point::mlp_pre:
    case Point::mlp_pre_linear:
    case Point::mlp_post: return c.d_mlp;
    default: return c.d_model;
  }
}

void require_vectors(const Config& config, const Site& site) {
  require_site(config, site);
  switch (site.point) {
    case Point::attn_in:
    case Point::q_input:
    case Point::k_input:
    case Point::v_input:
    case Point::q:
    case Point::k:
    case Point::v:
    case Point::rot_q:
    case Point::rot_k:
    case Point::q_norm_normalized:
    case Point::k_norm_normalized:
    case Point::z:
    case Point::result:
    case Point::attn_scores:
    case Point::pattern: break;
    default:
      if (width_at(config, site) > 1) return;
  }
  fail("[site] {} is no vector a position, expected a site of the residual stream, of what attention or the MLP puts out, or inside the MLP", site.name());
}

}  // namespace fairfight
