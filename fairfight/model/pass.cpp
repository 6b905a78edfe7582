#include "fairfight/model/pass.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/site.h"
#include "fairfight/model/step_kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr NormPoints kLn1{Point::ln1_scale, Point::ln1_normalized}, kLn1Post{Point::ln1_post_scale, Point::ln1_post_normalized},
    kLn2{Point::ln2_scale, Point::ln2_normalized}, kLn2Post{Point::ln2_post_scale, Point::ln2_post_normalized},
    kQNorm{Point::q_norm_scale, Point::q_norm_normalized}, kKNorm{Point::k_norm_scale, Point::k_norm_normalized},
    kFinal{Point::final_scale, Point::final_normalized};

at::Tensor capped(const at::Tensor& x, double cap) { return cap > 0 ? (x / cap).tanh() * cap : x; }

}  // namespace

Pass::Pass(const Config& config, const Weights& weights, Precision products, const Taps& taps, bool only_reads)
    : c_(config),
      w_(weights),
      precision_(weights.embed.scalar_type() == at::kBFloat16 ? Precision::bfloat16 : products),
      taps_(taps),
      only_reads_(only_reads),
      reads_left_(taps.reads()),
      selected_(taps.positions()),
      narrow_(selected_.defined() && taps.end_before(config.n_layers - 1)) {
  for (const Site& site : taps.sites()) require_site(config, site);
}

ReadOut Pass::run(const at::Tensor& tokens) {
  if (tokens.dim() != 2 || tokens.size(1) < 1 || tokens.size(1) > c_.n_ctx)
    fail("[forward] got tokens of shape [{}], expected [batch, pos] with pos from 1 to {}", fmt::join(tokens.sizes(), ", "), c_.n_ctx);
  begin(Chunk::whole(tokens));
  return counted(read_out(blocks(0, embed())));
}

ReadOut Pass::resume(const Site& site, const at::Tensor& tokens, at::Tensor x) {
  begin(Chunk::whole(tokens));
  if (site.layer == c_.n_layers - 1) narrow_ = false;  // that block is behind us
  return read_out(blocks(site.layer + 1, tap(site.point, site.layer, x)));
}

ReadOut Pass::extend(const Chunk& chunk, Cache& cache) {
  cache_ = &cache;
  if (chunk.whole()) {
    selected_ = chunk.last();
    narrow_ = taps_.end_before(c_.n_layers - 1);
  }
  begin(chunk);
  return counted(read_out(blocks(0, embed())));
}

void Pass::begin(const Chunk& chunk) {
  chunk_ = chunk;
  const bool whole = chunk.whole();
  if (!whole) {
    query_rows_ = chunk.rows;
    for (const int64_t past : chunk.past) query_lengths_.push_back(past + 1);
  } else if (narrow_) {
    const auto places = selected_.contiguous();
    for (int64_t i = 0; i < places.numel(); ++i) {
      query_rows_.push_back(i / places.size(1));
      query_lengths_.push_back(places.data_ptr<int64_t>()[i] + 1);
    }
  }
  if (c_.positions != Config::Positions::rotary) return;
  const auto of = [&](const Rope& rope) {
    if (!whole) {
      const auto [cosine, sine] = last_angles(rope, c_.d_head, query_lengths_);
      return Angles{cosine.unsqueeze(1), sine.unsqueeze(1)};
    }
    std::vector<int64_t> lengths{chunk.tokens.size(1)};
    if (hang_on_length(rope)) {  // of each text alone: no text's numbers hang on how long its neighbours are
      const auto each = lengths_of(chunk.tokens).contiguous();
      lengths.assign(each.data_ptr<int64_t>(), each.data_ptr<int64_t>() + each.numel());
    }
    return angles(rope, c_.d_head, chunk.tokens.size(1), lengths);
  };
  angles_ = of(c_.rope);
  if (c_.local_rope) local_angles_ = of(*c_.local_rope);
}

at::Tensor Pass::embed() {
  const auto read = at::embedding(w_.embed, chunk_.tokens.clamp_min(0)).to(at::kFloat);  // padding is read as some token that nobody sees
  const auto x = tap(Point::embed, 0, c_.embed_scale == 1 ? read : read * c_.embed_scale);
  if (!w_.pos_embed.defined()) return x;
  const auto places = chunk_.whole() ? w_.pos_embed.slice(0, 0, x.size(1)) : at::embedding(w_.pos_embed, chunk_.positions());
  return x + tap(Point::pos_embed, 0, places.to(at::kFloat).expand_as(x));
}

at::Tensor Pass::blocks(int64_t from, at::Tensor x) {
  for (int64_t layer = from; layer < c_.n_layers; ++layer) x = block(layer, x);
  return x;
}

at::Tensor Pass::block(int64_t layer, at::Tensor x) {
  const Block& w = w_.blocks[size_t(layer)];
  x = tap(Point::resid_pre, layer, x);
  const auto mixed = added(Point::attn_out, layer, attention(layer, x, w), kLn1, w.ln1, kLn1Post, w.ln1_post);
  if (narrows(layer)) x = selected(x);
  if (!c_.parallel) x = tap(Point::resid_mid, layer, x + mixed);
  const auto read = before(kLn2, layer, tap(Point::mlp_in, layer, x), w.ln2);
  const auto out = added(Point::mlp_out, layer, mlp(layer, read, w), kLn2, w.ln2, kLn2Post, w.ln2_post);
  return tap(Point::resid_post, layer, (c_.parallel ? x + mixed : x) + out);
}

at::Tensor Pass::attention(int64_t layer, const at::Tensor& x, const Block& w) {
  auto [q, k, v] = queries_keys_values(layer, x, w);
  q = head_norm(kQNorm, layer, tap(Point::q, layer, q), w.q_norm);
  k = head_norm(kKNorm, layer, tap(Point::k, layer, k), w.k_norm);
  v = tap(Point::v, layer, v);
  if (c_.positions == Config::Positions::rotary) {
    const auto& [cosine, sine] = angles_of(layer);
    const auto [cosine_q, sine_q] = selects_few(layer) ? Angles{selected_angles(cosine), selected_angles(sine)} : angles_of(layer);
    q = tap(Point::rot_q, layer, rotate(q, cosine_q, sine_q));
    k = tap(Point::rot_k, layer, rotate(k, cosine, sine));
  }
  auto z = tap(Point::z, layer, mix(layer, q, k, v));
  if (narrows(layer) && !selects_few(layer)) z = selected(z);
  if (!tapped(Point::result, layer)) return linear(z.flatten(2), w.o, precision_);
  const auto by_head = w.o.whole().to(at::kFloat).view({c_.d_model, c_.n_heads, c_.d_head});
  const auto out = tap(Point::result, layer, at::einsum("bphe,dhe->bphd", {z, by_head})).sum(2);
  return w.o.b.defined() ? out + w.o.b : out;
}

at::Tensor Pass::mlp(int64_t layer, const at::Tensor& x, const Block& w) {
  at::Tensor post;
  if (c_.gated()) {
    const auto read = linears(x, {w.gate, w.in}, precision_);
    const auto pre = tap(Point::mlp_pre, layer, read[0]);
    const auto pre_linear = tap(Point::mlp_pre_linear, layer, read[1]);
    post = c_.mlp == Config::Mlp::swiglu ? swiglu(pre, pre_linear) : at::gelu(pre, "tanh") * pre_linear;
  } else {
    post = at::gelu(tap(Point::mlp_pre, layer, linear(x, w.in, precision_)), c_.mlp == Config::Mlp::gelu_tanh ? "tanh" : "none");
  }
  return linear(tap(Point::mlp_post, layer, post), w.out, precision_);
}

ReadOut Pass::read_out(at::Tensor x) {
  const bool selects = selected_.defined() && !narrow_;  // or that is done
  if (selects && !tapped(kFinal, 0)) x = selected(x);
  x = norm(kFinal, 0, x, w_.ln_final);
  if (selects && tapped(kFinal, 0)) x = selected(x);
  require_finite(x, "logits");
  return ReadOut(x, w_.unembed, w_.unembed_b, c_.logit_cap, precision_);
}

Pass::Heads Pass::queries_keys_values(int64_t layer, const at::Tensor& x, const Block& w) {
  for (const Point input : {Point::attn_in, Point::q_input, Point::k_input, Point::v_input})
    if (tapped(input, layer)) return split_heads(layer, x, w);
  const auto heads = [&](const at::Tensor& y) { return y.unflatten(2, {-1, c_.d_head}); };
  const auto normed = before(kLn1, layer, x, w.ln1);
  if (selects_few(layer)) {
    const auto maps = linears(normed, {w.k, w.v}, precision_);
    return {heads(linear(selected(normed), w.q, precision_)), heads(maps[0]), heads(maps[1])};
  }
  const auto maps = linears(normed, {w.q, w.k, w.v}, precision_);
  return {heads(maps[0]), heads(maps[1]), heads(maps[2])};
}

/// Every head reads its own copy of the residual stream; the taps of ln1 then see the three inputs in turn.
Pass::Heads Pass::split_heads(int64_t layer, const at::Tensor& x, const Block& w) {
  const auto copies = [&](int64_t heads) { return x.unsqueeze(2).expand({-1, -1, heads, -1}); };
  const auto shared = tapped(Point::attn_in, layer) ? tap(Point::attn_in, layer, copies(c_.n_heads)) : at::Tensor();
  const auto heads = [&](Point input, const Linear& m, int64_t n) {
    const auto normed = before(kLn1, layer, tap(input, layer, shared.defined() ? shared : copies(n)), w.ln1);
    const auto out = at::einsum("bphd,hed->bphe", {normed, m.whole().to(at::kFloat).view({n, c_.d_head, c_.d_model})});
    return m.b.defined() ? out + m.b.view({n, c_.d_head}) : out;
  };
  return {heads(Point::q_input, w.q, c_.n_heads), heads(Point::k_input, w.k, c_.n_kv_heads), heads(Point::v_input, w.v, c_.n_kv_heads)};
}

/// softmax(q kᵀ) v, a way for each shape of work: with the scores as tensors, for who taps or caps them; of few queries, against many keys; of all with all.
at::Tensor Pass::mix(int64_t layer, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  if (cache_) keep(layer, k, v);
  const auto& [keys, values] = chunk_.whole() ? Cache::Layer{k, v} : cache_->layers[size_t(layer)];
  const bool few = !chunk_.whole() || selects_few(layer);
  if (tapped(Point::attn_scores, layer) || tapped(Point::pattern, layer) || (c_.score_cap > 0 && !few)) return scored_mix(layer, q, keys, values);
  if (!few) return causal_attention(q, k, v, score_scale(), c_.window(layer));
  return cached_attention(q.flatten(0, 1), keys.contiguous(), values.contiguous(), query_rows_, query_lengths_, score_scale(), c_.window(layer), c_.score_cap).view(q.sizes());
}

at::Tensor Pass::scored_mix(int64_t layer, const at::Tensor& q, const at::Tensor& k_in, const at::Tensor& v_in) {
  auto k = k_in, v = v_in, of_query = at::arange(q.size(1), at::kLong).view({1, 1, -1, 1});
  if (!chunk_.whole()) {
    const auto rows = at::tensor(chunk_.rows, at::kLong);
    const int64_t longest = *std::max_element(query_lengths_.begin(), query_lengths_.end());
    k = k.narrow(1, 0, longest).index_select(0, rows);
    v = v.narrow(1, 0, longest).index_select(0, rows);
    of_query = chunk_.positions().view({-1, 1, 1, 1});
  }
  const auto of_key = at::arange(k.size(1), at::kLong);
  auto hidden = of_key > of_query;  // [texts or 1, 1, q_pos, k_pos]
  if (const int64_t window = c_.window(layer); window > 0) hidden = hidden.logical_or(of_key <= of_query - window);
  const auto all_heads = [&](const at::Tensor& x) { return x.repeat_interleave(c_.n_heads / c_.n_kv_heads, 2).transpose(1, 2); };
  const auto products = capped(at::matmul(q.transpose(1, 2), all_heads(k).transpose(2, 3)) * score_scale(), c_.score_cap);
  const auto scores = tap(Point::attn_scores, layer, products.masked_fill(hidden, -INFINITY));
  const auto pattern = tap(Point::pattern, layer, scores.softmax(-1));
  return at::matmul(pattern, all_heads(v)).transpose(1, 2);
}

double Pass::score_scale() const { return c_.score_scale.value_or(1 / std::sqrt(float(c_.d_head))); }

void Pass::keep(int64_t layer, const at::Tensor& k, const at::Tensor& v) {
  auto& all = cache_->layers[size_t(layer)];
  for (const auto& [x, to] : {std::pair{k, all.k}, std::pair{v, all.v}}) {
    if (chunk_.whole())
      to.narrow(0, chunk_.rows[0], x.size(0)).narrow(1, 0, x.size(1)).copy_(x);
    else
      put_last(x.squeeze(1), to, chunk_.rows, query_lengths_);
  }
}

/// What attention or MLP read of the residual stream.
at::Tensor Pass::before(NormPoints points, int64_t layer, const at::Tensor& x, const NormWeights& w) {
  return c_.norm_place == Config::NormPlace::after ? x : norm(points, layer, x, w);
}

/// What attention or MLP add to the residual stream.
at::Tensor Pass::added(Point out, int64_t layer, at::Tensor x, NormPoints points, const NormWeights& w, NormPoints post_points, const NormWeights& post) {
  if (c_.norm_place == Config::NormPlace::after) x = norm(points, layer, x, w);
  if (c_.norm_place == Config::NormPlace::both) x = norm(post_points, layer, x, post);
  return tap(out, layer, x);
}

at::Tensor Pass::head_norm(NormPoints points, int64_t layer, const at::Tensor& x, const NormWeights& w) {
  if (c_.qk_norm == Config::QkNorm::none) return x;
  if (c_.qk_norm == Config::QkNorm::per_head) return norm(points, layer, x, w);
  return norm(points, layer, x.flatten(2), w).view(x.sizes());
}

/// The normalized site stands before gain and bias, as in TransformerLens since 3.0 (its pull request 770): a model whose
/// gains are folded into the next map has the same value there.
at::Tensor Pass::norm(NormPoints points, int64_t layer, at::Tensor x, const NormWeights& w) {
  const bool rms = !w.b.defined();
  if (!tapped(points, layer))
    return rms ? rms_norm(x, w.w, c_.norm_eps) : at::layer_norm(x, {x.size(-1)}, w.w, w.b, c_.norm_eps);
  if (!rms) x = x - x.mean(-1, true);
  const auto scale = tap(points.scale, layer, (x.square().mean(-1, true) + c_.norm_eps).sqrt());
  const auto gained = tap(points.normalized, layer, x / scale) * w.w;
  return rms ? gained : gained + w.b;
}

/// Where nothing learns, only the positions that are asked for have queries in the last block; attention's gradient is that of all.
bool Pass::selects_few(int64_t layer) const { return narrows(layer) && !at::GradMode::is_enabled(); }

at::Tensor Pass::selected(const at::Tensor& x) const {
  const auto rows = (at::arange(x.size(0), at::kLong).unsqueeze(1) * x.size(1) + selected_).flatten();
  return x.flatten(0, 1).index_select(0, rows).unflatten(0, selected_.sizes());
}

at::Tensor Pass::selected_angles(const at::Tensor& all) const {
  return all.dim() == 3 ? selected(all) : all.index_select(0, selected_.flatten()).unflatten(0, selected_.sizes());
}

ReadOut Pass::counted(ReadOut said) const {
  count(said.recorded());
  return said;
}

void Pass::count(bool recorded) const {
  if (Meter::innermost()) count_pass((chunk_.tokens != kPadding).sum().item<int64_t>(), recorded);
}

/// Where nothing learns: a training looks at its own losses. `x` stands at the selected positions or at all; padding may be anything.
void Pass::require_finite(const at::Tensor& x, const std::string& what) const {
  if (x.requires_grad() || all_finite(x.contiguous())) return;
  const bool everywhere = x.size(1) == chunk_.tokens.size(1);
  const auto read = everywhere ? chunk_.tokens : chunk_.tokens.gather(1, selected_);
  const auto wrong = (x.isfinite().flatten(2).all(2).logical_not() & (read != kPadding)).nonzero();
  if (wrong.size(0) == 0) return;
  const int64_t text = wrong[0][0].item<int64_t>(), found = wrong[0][1].item<int64_t>();
  const int64_t place = chunk_.past[size_t(text)] + (everywhere ? found : selected_[text][found].item<int64_t>());
  throw NotFinite(fmt::format("[forward] {} of text {} at position {}: got a NaN or an infinity, expected numbers; the model's weights overflow", what, chunk_.rows[size_t(text)], place));
}

bool Pass::tapped(Point point, int64_t layer) const { return !taps_.empty() && taps_.has({point, layer}); }

at::Tensor Pass::tap(Point point, int64_t layer, at::Tensor x) {
  if (taps_.empty()) return x;
  const auto found = taps_.entries_.find({point, layer});
  if (found == taps_.entries_.end()) return x;
  x = taps_.edited(found->first, std::move(x), chunk_);
  const bool of_positions = point != Point::attn_scores && point != Point::pattern;  // masked scores are infinite
  if (of_positions && !found->second.reads.empty()) require_finite(x, found->first.name());
  for (auto* out : found->second.reads) {
    *out = x;
    if (--reads_left_ == 0 && only_reads_) {
      count(x.requires_grad());
      throw Enough{};
    }
  }
  return x;
}

}  // namespace fairfight
