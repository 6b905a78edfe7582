#include "fairfight/model/weights.h"

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

int64_t Config::matmul_parameters() const {
  const int64_t attention = d_model * d_head * (2 * n_heads + 2 * n_kv_heads);
  const int64_t feed_forward = (gated() ? 3 : 2) * d_model * d_mlp;
  return n_layers * (attention + feed_forward) + vocab * d_model;
}

at::Tensor Linear::whole() const { return adapted() ? at::addmm(w.to(at::kFloat), adapter.b, adapter.a, 1, adapter.scale) : w; }

namespace {

constexpr double kEmbedStd = 0.1;

/// Calls `visit` for every tensor of the weights, in the order in which a forward pass uses them.
template <class W, class Visit>
void each_tensor(W& weights, Visit visit) {
  visit(weights.embed);
  visit(weights.pos_embed);
  for (auto& b : weights.blocks) {
    for (auto* t : {&b.ln1.w, &b.ln1.b, &b.q.w, &b.q.b, &b.k.w, &b.k.b, &b.v.w, &b.v.b, &b.q_norm.w, &b.k_norm.w, &b.o.w, &b.o.b, &b.ln1_post.w,
                    &b.ln1_post.b, &b.ln2.w, &b.ln2.b, &b.gate.w, &b.gate.b, &b.in.w, &b.in.b, &b.out.w, &b.out.b, &b.ln2_post.w, &b.ln2_post.b})
      visit(*t);
  }
  visit(weights.ln_final.w);
  visit(weights.ln_final.b);
  visit(weights.unembed);
  visit(weights.unembed_b);
}

}  // namespace

std::vector<at::Tensor> Weights::parameters() const {
  std::vector<at::Tensor> list;
  each_tensor(*this, [&](const at::Tensor& t) {
    const bool known = !list.empty() && t.defined() && t.is_same(list.front());  // a tied unembed
    if (t.defined() && !known) list.push_back(t);
  });
  return list;
}

std::vector<at::Tensor> Weights::counterparts(const Weights& other) const {
  std::vector<at::Tensor> own, others, list;  // each place, whether there is something or not
  each_tensor(*this, [&](const at::Tensor& t) { own.push_back(t); });
  each_tensor(other, [&](const at::Tensor& t) { others.push_back(t); });
  if (own.size() != others.size()) fail("[weights] got {} places for tensors, expected {}, as many as in weights of the same config", others.size(), own.size());
  for (size_t i = 0; i < own.size(); ++i)
    if (own[i].defined() && (i == 0 || !own[i].is_same(own[0]))) list.push_back(others[i]);
  return list;
}

Weights Weights::clone() const {
  const at::NoGradGuard no_grad;
  Weights copy = *this;
  for (auto& b : copy.blocks)
    for (auto* map : {&b.q, &b.k, &b.v, &b.o, &b.gate, &b.in, &b.out})
      if (map->adapted()) *map = {map->whole(), map->b};
  each_tensor(copy, [](at::Tensor& t) {
    if (t.defined()) t = t.detach().clone();
  });
  if (unembed.is_same(embed)) copy.unembed = copy.embed;
  return copy;
}

Weights random_weights(const Config& c, Random random) {
  auto generator = at::detail::createCPUGenerator(random.next());
  const auto normal = [&](double std, at::IntArrayRef shape) { return at::empty(shape, at::kFloat).normal_(0, std, generator); };
  const auto norm = [&] {
    return NormWeights{at::ones({c.d_model}, at::kFloat), c.norm == Config::Norm::layer ? at::zeros({c.d_model}, at::kFloat) : at::Tensor()};
  };
  const auto linear = [&](bool biased, int64_t out, int64_t in, double gain = 1) {
    return Linear{normal(gain / std::sqrt(double(in)), {out, in}), biased ? at::zeros({out}, at::kFloat) : at::Tensor(), {}};
  };
  const auto head_norm = [&](int64_t heads) {
    return NormWeights{at::ones({c.qk_norm == Config::QkNorm::whole ? heads * c.d_head : c.d_head}, at::kFloat), {}};
  };
  const double residual_gain = 1 / std::sqrt(2.0 * double(c.n_layers));

  Weights w;
  w.embed = normal(kEmbedStd / c.embed_scale, {c.vocab, c.d_model});
  if (c.positions == Config::Positions::learned) w.pos_embed = normal(kEmbedStd, {c.n_ctx, c.d_model});
  for (int64_t i = 0; i < c.n_layers; ++i) {
    Block b;
    b.ln1 = norm();
    b.ln2 = norm();
    if (c.norm_place == Config::NormPlace::both) b.ln1_post = norm(), b.ln2_post = norm();
    if (c.qk_norm != Config::QkNorm::none) b.q_norm = head_norm(c.n_heads), b.k_norm = head_norm(c.n_kv_heads);
    b.q = linear(c.biases.qkv, c.n_heads * c.d_head, c.d_model);
    b.k = linear(c.biases.qkv, c.n_kv_heads * c.d_head, c.d_model);
    b.v = linear(c.biases.qkv, c.n_kv_heads * c.d_head, c.d_model);
    b.o = linear(c.biases.o, c.d_model, c.n_heads * c.d_head, residual_gain);
    if (c.gated()) b.gate = linear(c.biases.mlp, c.d_mlp, c.d_model);
    b.in = linear(c.biases.mlp, c.d_mlp, c.d_model);
    b.out = linear(c.biases.mlp, c.d_model, c.d_mlp, residual_gain);
    w.blocks.push_back(std::move(b));
  }
  w.ln_final = norm();
  w.unembed = c.tied ? w.embed : normal(kEmbedStd, {c.scalar ? 1 : c.vocab, c.d_model});
  return w;
}

}  // namespace fairfight
