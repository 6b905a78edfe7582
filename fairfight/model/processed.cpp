#include "fairfight/model/processed.h"

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// m(n(x)) becomes m'(x / scale): W diag(gain), and W times the norm's bias joins the map's own.
void fold(const NormWeights& n, at::Tensor& w, at::Tensor& b) {
  if (n.b.defined()) {
    const auto from_norm = w.mv(n.b);
    b = b.defined() ? b + from_norm : from_norm;
  }
  w = w * n.w;
  if (n.b.defined()) w = w - w.mean(1, true);  // what a LayerNorm puts out has no mean
}

void neutral(NormWeights& n) {
  n.w = at::ones_like(n.w);
  if (n.b.defined()) n.b = at::zeros_like(n.b);
}

void fold_all(Weights& w) {
  for (auto& b : w.blocks) {
    for (auto* map : {&b.q, &b.k, &b.v}) fold(b.ln1, map->w, map->b);
    for (auto* map : {&b.gate, &b.in})
      if (map->w.defined()) fold(b.ln2, map->w, map->b);
    neutral(b.ln1);
    neutral(b.ln2);
  }
  fold(w.ln_final, w.unembed, w.unembed_b);
  neutral(w.ln_final);
}

void center_all(Weights& w) {
  const auto center = [](at::Tensor& t, int64_t d_model) {
    if (t.defined()) t = t - t.mean(d_model, true);
  };
  center(w.embed, 1);
  center(w.pos_embed, 1);
  for (auto& b : w.blocks)
    for (auto* map : {&b.o, &b.out}) {
      center(map->w, 0);
      center(map->b, 0);
    }
}

}  // namespace

Transformer processed(const Transformer& model, Processing processing) {
  at::NoGradGuard no_grad;
  Config config = model.config();
  Weights weights = model.weights().clone();
  if (weights.embed.scalar_type() != at::kFloat) fail("[processed] the weights are bfloat16, expected float32; leave --dtype out");
  if (config.norm_place == Config::NormPlace::after && processing.fold_norms)
    fail("[processed] the norms of a {} stand after attention and MLP and cannot be folded", config.arch);
  if (config.norm == Config::Norm::rms && processing.center_writing_weights)
    fail("[processed] a {} has RMSNorm, which sees the mean of what is written; its weights cannot be centred", config.arch);
  weights.unembed = weights.unembed.clone();  // it and the embedding change apart
  config.tied = false;
  if (processing.fold_norms) fold_all(weights);
  if (processing.center_writing_weights) center_all(weights);
  if (processing.fold_norms && config.norm == Config::Norm::layer) config.biases.qkv = config.biases.mlp = true;
  return Transformer(config, std::move(weights));
}

}  // namespace fairfight
