#include "fairfight/model/transformer.h"

#include <fmt/ranges.h>

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/rope.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {
struct Enough {};  // the last read is done: the pass ends here

at::Tensor capped(const at::Tensor& x, double cap) { return cap > 0 ? (x / cap).tanh() * cap : x; }
}  // namespace

/// One forward pass; reads like the paper, with a tap at every named point.
class Pass {
 public:
  Pass(const Config& config, const Weights& weights, Products products, const Taps& taps, bool only_reads)
      : c_(config),
        w_(weights),
        products_(weights.embed.scalar_type() == at::kBFloat16 ? Products::bfloat16 : products),
        taps_(taps),
        only_reads_(only_reads),
        reads_left_(taps.reads()) {
    for (const auto& [site, entry] : taps.entries_) require_site(config, site);
  }

  /// From the end of a block on, where the state is known.
  at::Tensor resume(const Site& site, at::Tensor x) {
    turn(x.size(1));
    x = tap(site.point, site.layer, x);
    for (int64_t layer = site.layer + 1; layer < c_.n_layers; ++layer) x = block(layer, x);
    return unembed(x);
  }

  at::Tensor run(const at::Tensor& tokens) {
    if (tokens.dim() != 2 || tokens.size(1) < 1 || tokens.size(1) > c_.n_ctx)
      fail("[forward] got tokens of shape [{}], expected [batch, pos] with pos from 1 to {}", fmt::join(tokens.sizes(), ", "), c_.n_ctx);
    turn(tokens.size(1));
    auto x = at::embedding(w_.embed, tokens).to(at::kFloat);
    x = tap(Point::embed, 0, c_.embed_scale == 1 ? x : x * c_.embed_scale);
    if (w_.pos_embed.defined())
      x = x + tap(Point::pos_embed, 0, w_.pos_embed.slice(0, 0, tokens.size(1)).to(at::kFloat).expand_as(x));
    for (int64_t layer = 0; layer < c_.n_layers; ++layer) x = block(layer, x);
    return unembed(x);
  }

 private:
  at::Tensor unembed(const at::Tensor& x) {
    return capped(linear(norm(Point::final_scale, 0, x, w_.ln_final), w_.unembed, w_.unembed_b, products_), c_.logit_cap);
  }

  void turn(int64_t positions) {
    if (c_.positions == Config::Positions::rotary) angles_ = angles(c_.rope, c_.d_head, positions);
    if (c_.local_rope) local_angles_ = angles(*c_.local_rope, c_.d_head, positions);
  }

  at::Tensor block(int64_t layer, at::Tensor x) {
    const Block& w = w_.blocks[size_t(layer)];
    x = tap(Point::resid_pre, layer, x);
    const auto mixed = added(Point::attn_out, layer, attention(layer, x, w), Point::ln1_scale, w.ln1, Point::ln1_post_scale, w.ln1_post);
    if (!c_.parallel) x = tap(Point::resid_mid, layer, x + mixed);
    const auto read = before(Point::ln2_scale, layer, tap(Point::mlp_in, layer, x), w.ln2);
    const auto out = added(Point::mlp_out, layer, mlp(layer, read, w), Point::ln2_scale, w.ln2, Point::ln2_post_scale, w.ln2_post);
    return tap(Point::resid_post, layer, (c_.parallel ? x + mixed : x) + out);
  }

  /// What attention or MLP read of the residual stream.
  at::Tensor before(Point scale, int64_t layer, const at::Tensor& x, const NormWeights& w) {
    return c_.norm_place == Config::NormPlace::after ? x : norm(scale, layer, x, w);
  }

  /// What attention or MLP add to the residual stream.
  at::Tensor added(Point out, int64_t layer, at::Tensor x, Point scale, const NormWeights& w, Point post_scale, const NormWeights& post) {
    if (c_.norm_place == Config::NormPlace::after) x = norm(scale, layer, x, w);
    if (c_.norm_place == Config::NormPlace::both) x = norm(post_scale, layer, x, post);
    return tap(out, layer, x);
  }

  at::Tensor attention(int64_t layer, const at::Tensor& x, const Block& w) {
    auto [q, k, v] = queries_keys_values(layer, x, w);
    q = head_norm(Point::q_norm_scale, layer, tap(Point::q, layer, q), w.q_norm);
    k = head_norm(Point::k_norm_scale, layer, tap(Point::k, layer, k), w.k_norm);
    v = tap(Point::v, layer, v);
    if (c_.positions == Config::Positions::rotary) {
      const Angles& a = c_.local_rope && c_.window(layer) > 0 ? local_angles_ : angles_;
      q = tap(Point::rot_q, layer, rotate(q, a.cosine, a.sine));
      k = tap(Point::rot_k, layer, rotate(k, a.cosine, a.sine));
    }
    const auto z = tap(Point::z, layer, mix(layer, q, k, v));
    if (!tapped(Point::result, layer)) return linear(z.flatten(2), w.o.w, w.o.b, products_);
    const auto by_head = w.o.w.to(at::kFloat).view({c_.d_model, c_.n_heads, c_.d_head});
    const auto out = tap(Point::result, layer, at::einsum("bphe,dhe->bphd", {z, by_head})).sum(2);
    return w.o.b.defined() ? out + w.o.b : out;
  }

  struct Heads {
    at::Tensor q, k, v;
  };

  Heads queries_keys_values(int64_t layer, const at::Tensor& x, const Block& w) {
    const bool split = tapped(Point::attn_in, layer) || tapped(Point::q_input, layer) || tapped(Point::k_input, layer) ||
                       tapped(Point::v_input, layer);
    if (!split) {
      const auto normed = before(Point::ln1_scale, layer, x, w.ln1);
      const auto heads = [&](const Linear& m) { return linear(normed, m.w, m.b, products_).unflatten(2, {-1, c_.d_head}); };
      return {heads(w.q), heads(w.k), heads(w.v)};
    }
    // Every head reads its own copy of the residual stream; the taps of ln1 then see the three inputs in turn.
    const auto copies = [&](int64_t heads) { return x.unsqueeze(2).expand({-1, -1, heads, -1}); };
    const auto shared = tapped(Point::attn_in, layer) ? tap(Point::attn_in, layer, copies(c_.n_heads)) : at::Tensor();
    const auto heads = [&](Point input, const Linear& m, int64_t n) {
      const auto normed = before(Point::ln1_scale, layer, tap(input, layer, shared.defined() ? shared : copies(n)), w.ln1);
      const auto out = at::einsum("bphd,hed->bphe", {normed, m.w.to(at::kFloat).view({n, c_.d_head, c_.d_model})});
      return m.b.defined() ? out + m.b.view({n, c_.d_head}) : out;
    };
    return {heads(Point::q_input, w.q, c_.n_heads), heads(Point::k_input, w.k, c_.n_kv_heads),
            heads(Point::v_input, w.v, c_.n_kv_heads)};
  }

  at::Tensor head_norm(Point scale, int64_t layer, const at::Tensor& x, const NormWeights& w) {
    if (c_.qk_norm == Config::QkNorm::none) return x;
    if (c_.qk_norm == Config::QkNorm::per_head) return norm(scale, layer, x, w);
    return norm(scale, layer, x.flatten(2), w).view(x.sizes());
  }

  at::Tensor mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const double scale = c_.score_scale.value_or(1 / std::sqrt(float(c_.d_head)));
    const int64_t window = c_.window(layer);
    const bool plain = c_.score_cap == 0 && !tapped(Point::attn_scores, layer) && !tapped(Point::pattern, layer);
    if (plain) return causal_attention(q, k, v, scale, window);
    const int64_t pos = q.size(1), group = c_.n_heads / c_.n_kv_heads;
    const auto all_heads = [&](const at::Tensor& x) { return x.repeat_interleave(group, 2).transpose(1, 2); };
    auto hidden = at::ones({pos, pos}, at::kBool).triu(1);
    if (window > 0) hidden = hidden.logical_or(at::ones({pos, pos}, at::kBool).tril(-window));
    const auto products = capped(at::matmul(q.transpose(1, 2), all_heads(k).transpose(2, 3)) * scale, c_.score_cap);
    const auto scores = tap(Point::attn_scores, layer, products.masked_fill(hidden, -INFINITY));
    const auto pattern = tap(Point::pattern, layer, scores.softmax(-1));
    return at::matmul(pattern, all_heads(v)).transpose(1, 2);
  }

  at::Tensor mlp(int64_t layer, const at::Tensor& x, const Block& w) {
    const auto in = [&](const Linear& m) { return linear(x, m.w, m.b, products_); };
    at::Tensor post;
    if (c_.gated()) {
      const auto pre = tap(Point::mlp_pre, layer, in(w.gate));
      const auto pre_linear = tap(Point::mlp_pre_linear, layer, in(w.in));
      post = c_.mlp == Config::Mlp::swiglu ? swiglu(pre, pre_linear) : at::gelu(pre, "tanh") * pre_linear;
    } else {
      post = at::gelu(tap(Point::mlp_pre, layer, in(w.in)), c_.mlp == Config::Mlp::gelu_tanh ? "tanh" : "none");
    }
    return linear(tap(Point::mlp_post, layer, post), w.out.w, w.out.b, products_);
  }

  /// The normalized site stands before gain and bias, as in TransformerLens since 3.0 (its pull request 770): a model whose
  /// gains are folded into the next map has the same value there.
  at::Tensor norm(Point scale_point, int64_t layer, at::Tensor x, const NormWeights& w) {
    const Point normalized_point = Point(int(scale_point) + 1);
    const bool rms = !w.b.defined();
    if (!tapped(scale_point, layer) && !tapped(normalized_point, layer))
      return rms ? rms_norm(x, w.w, c_.norm_eps) : at::layer_norm(x, {x.size(-1)}, w.w, w.b, c_.norm_eps);
    if (!rms) x = x - x.mean(-1, true);
    const auto scale = tap(scale_point, layer, (x.square().mean(-1, true) + c_.norm_eps).sqrt());
    const auto gained = tap(normalized_point, layer, x / scale) * w.w;
    return rms ? gained : gained + w.b;
  }

  bool tapped(Point point, int64_t layer) const { return !taps_.empty() && taps_.has({point, layer}); }

  at::Tensor tap(Point point, int64_t layer, at::Tensor x) {
    if (taps_.empty()) return x;
    const auto found = taps_.entries_.find({point, layer});
    if (found == taps_.entries_.end()) return x;
    for (const auto& edit : found->second.edits) {
      auto changed = edit(x);
      if (changed.sizes() != x.sizes())
        fail("[tap] an edit at {} returned shape [{}], expected [{}]", found->first.name(), fmt::join(changed.sizes(), ", "),
             fmt::join(x.sizes(), ", "));
      x = changed;
    }
    for (auto* out : found->second.reads) {
      *out = x;
      if (--reads_left_ == 0 && only_reads_) throw Enough{};
    }
    return x;
  }

  const Config& c_;
  const Weights& w_;
  Angles angles_, local_angles_;
  const Products products_;
  const Taps& taps_;
  const bool only_reads_;
  size_t reads_left_;
};

Transformer::Transformer(Config config, Weights weights) : config_(std::move(config)), weights_(std::move(weights)) {}

at::Tensor Transformer::logits(const at::Tensor& tokens, const Taps& taps) const {
  const auto known = known_.find(tokens.unsafeGetTensorImpl());
  if (known != known_.end() && taps.begin_at_or_behind(known->second.site)) return resume(known->second.site, known->second.state, taps);
  return Pass(config_, weights_, products_, taps, false).run(tokens);
}

at::Tensor Transformer::resume(const Site& end_of_block, const at::Tensor& state, const Taps& taps) const {
  require_site(config_, end_of_block);
  if (end_of_block.point != Point::resid_post || !taps.begin_at_or_behind(end_of_block))
    fail("[resume] got the site {} and taps before it, expected the end of a block (hook_resid_post) and taps from there on", end_of_block.name());
  return Pass(config_, weights_, products_, taps, false).resume(end_of_block, state);
}

void Transformer::remember(const Site& site, const std::vector<at::Tensor>& tokens) {
  require_site(config_, site);
  if (site.point != Point::resid_post) fail("[remember] got the site {}, expected the end of a block (hook_resid_post)", site.name());
  std::vector<at::Tensor> states(tokens.size());
  side_by_side(tokens.size(), [&](size_t i) {  // on one thread each, as contests run their passes: to the last bit the same
    const at::NoGradGuard no_grad;
    states[i] = at(site, tokens[i]);
  });
  for (size_t i = 0; i < tokens.size(); ++i) known_[tokens[i].unsafeGetTensorImpl()] = {tokens[i], states[i], site};
}

void Transformer::observe(const at::Tensor& tokens, const Taps& taps) const {
  if (taps.reads() == 0) return;
  try {
    Pass(config_, weights_, products_, taps, true).run(tokens);
  } catch (const Enough&) {
  }
}

at::Tensor Transformer::at(const Site& site, const at::Tensor& tokens) const {
  at::Tensor x;
  observe(tokens, Taps().read(site, &x));
  return x;
}

}  // namespace fairfight
