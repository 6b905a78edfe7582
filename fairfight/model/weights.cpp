#include "fairfight/model/weights.h"

#include <cmath>

#include "fairfight/model/torch.h"

namespace fairfight {

int64_t Config::matmul_parameters() const {
  const int64_t attention = d_model * d_head * (2 * n_heads + 2 * n_kv_heads);
  const int64_t feed_forward = (mlp == Mlp::swiglu ? 3 : 2) * d_model * d_mlp;
  return n_layers * (attention + feed_forward) + vocab * d_model;
}

namespace {

constexpr double kEmbedStd = 0.1;

/// Calls `visit` for every tensor of the weights, in the order in which a forward pass uses them.
template <class W, class Visit>
void each_tensor(W& weights, Visit visit) {
  visit(weights.embed);
  visit(weights.pos_embed);
  for (auto& b : weights.blocks) {
    for (auto* t : {&b.ln1.w, &b.ln1.b, &b.q.w, &b.q.b, &b.k.w, &b.k.b, &b.v.w, &b.v.b, &b.o.w, &b.o.b, &b.ln2.w, &b.ln2.b,
                    &b.gate.w, &b.gate.b, &b.in.w, &b.in.b, &b.out.w, &b.out.b})
      visit(*t);
  }
  visit(weights.ln_final.w);
  visit(weights.ln_final.b);
  visit(weights.unembed);
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

Weights Weights::clone() const {
  Weights copy = *this;
  each_tensor(copy, [](at::Tensor& t) {
    if (t.defined()) t = t.detach().clone();
  });
  if (unembed.is_same(embed)) copy.unembed = copy.embed;
  return copy;
}

Weights random_weights(const Config& c, Random random) {
  auto generator = at::detail::createCPUGenerator(random.next());
  const auto normal = [&](double std, at::IntArrayRef shape) { return at::empty(shape, at::kFloat).normal_(0, std, generator); };
  const auto bias = [&](int64_t n) { return c.biases ? at::zeros({n}, at::kFloat) : at::Tensor(); };
  const auto norm = [&] {
    return NormWeights{at::ones({c.d_model}, at::kFloat), c.norm == Config::Norm::layer ? at::zeros({c.d_model}, at::kFloat) : at::Tensor()};
  };
  const auto linear = [&](int64_t out, int64_t in, double gain = 1) { return Linear{normal(gain / std::sqrt(double(in)), {out, in}), bias(out)}; };
  const double residual_gain = 1 / std::sqrt(2.0 * double(c.n_layers));

  Weights w;
  w.embed = normal(kEmbedStd, {c.vocab, c.d_model});
  if (c.positions == Config::Positions::learned) w.pos_embed = normal(kEmbedStd, {c.n_ctx, c.d_model});
  for (int64_t i = 0; i < c.n_layers; ++i) {
    Block b;
    b.ln1 = norm();
    b.ln2 = norm();
    b.q = linear(c.n_heads * c.d_head, c.d_model);
    b.k = linear(c.n_kv_heads * c.d_head, c.d_model);
    b.v = linear(c.n_kv_heads * c.d_head, c.d_model);
    b.o = linear(c.d_model, c.n_heads * c.d_head, residual_gain);
    if (c.mlp == Config::Mlp::swiglu) b.gate = linear(c.d_mlp, c.d_model);
    b.in = linear(c.d_mlp, c.d_model);
    b.out = linear(c.d_model, c.d_mlp, residual_gain);
    w.blocks.push_back(std::move(b));
  }
  w.ln_final = norm();
  w.unembed = c.tied ? w.embed : normal(kEmbedStd, {c.vocab, c.d_model});
  return w;
}

}  // namespace fairfight
