#include "fairfight/arena/metered.h"

#include <fmt/format.h>

#include <mutex>

#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
double forward_flops(const Config& config, int64_t tokens) { return 2.0 * double(config.matmul_parameters()) * double(tokens); }

namespace {

/// How many blocks a pass goes through that ends at a site.
int64_t blocks_before(const Config& config, const Site& stop) {
  if (stop.point == Point::final_scale || stop.point == Point::final_normalized) return config.n_layers;
  return stop.point == Point::embed || stop.point == Point::pos_embed ? 0 : stop.layer + 1;
}

/// The gradient's way back, reported from the front.
class WayBack {
 public:
  explicit WayBack(const Weights& w) { see({&w.embed, &w.pos_embed}); }

  void block(const Block& b, int64_t tokens, int64_t behind_attention) {
    see({&b.ln1.w, &b.ln1.b});
    side_by_side({&b.q, &b.k, &b.v}, tokens);
    side_by_side({&b.o}, behind_attention);
    see({&b.ln2.w, &b.ln2.b});
    side_by_side({&b.gate, &b.in}, behind_attention);
    side_by_side({&b.out}, behind_attention);
  }
  void head(const Weights& w, int64_t tokens) {
    see({&w.ln_final.w, &w.ln_final.b});
    multiply(w.unembed, 0, tokens);
  }
  double flops() const { return 2 * multiplied_; }

 private:
  void see(std::initializer_list<const at::Tensor*> parameters) {
    for (const auto* p : parameters) moves_ = moves_ || (p->defined() && p->requires_grad());
  }
  void multiply(const at::Tensor& w, int64_t others, int64_t tokens) {  // with so many products beside those of the gradient
    if (w.defined()) multiplied_ += double(w.numel() * (int64_t(moves_) + int64_t(w.requires_grad()) + others)) * double(tokens);
  }
  /// Maps with one input.
  void side_by_side(std::initializer_list<const Linear*> maps, int64_t tokens) {
    for (const auto* m : maps) {
      multiply(m->w, 0, tokens);
      multiply(m->adapter.a, 1, tokens);
      multiply(m->adapter.b, moves_ ? 1 : 2, tokens);  // the way forward, and back to a
    }
    for (const auto* m : maps) see({&m->w, &m->b, &m->adapter.a, &m->adapter.b});
  }

  bool moves_ = false;  // something in front of here
  double multiplied_ = 0;
};

}  // namespace

double forward_flops(const Config& config, int64_t tokens, const Site& stop) {
  const double blocks = double(config.matmul_parameters() - config.vocab * config.d_model);
  const double share = double(blocks_before(config, stop)) / double(config.n_layers);
  return 2.0 * blocks * share * double(tokens);
}

double forward_flops(const Config& config, Passed passed) {
  const int64_t behind_attention = config.d_model * (config.n_heads * config.d_head + (config.gated() ? 3 : 2) * config.d_mlp + config.vocab);
  return forward_flops(config, passed.tokens) - 2.0 * double(behind_attention) * double(passed.tokens - passed.asked);
}

double backward_flops(const Config& config, const Weights& weights, Passed passed) {
  WayBack way(weights);
  for (int64_t layer = 0; layer < config.n_layers; ++layer)
    way.block(weights.blocks[size_t(layer)], passed.tokens, layer + 1 == config.n_layers ? passed.asked : passed.tokens);
  way.head(weights, passed.asked);
  return way.flops();
}

double backward_flops(const Config& config, const Weights& weights, int64_t tokens, const Site& stop) {
  WayBack way(weights);
  for (int64_t layer = 0; layer < blocks_before(config, stop); ++layer) way.block(weights.blocks[size_t(layer)], tokens, tokens);
  return way.flops();
}

Outputs outputs_of(const ReadOut& said, const at::Tensor& tokens) {
  Outputs outputs = said.outputs(next_tokens(tokens));
  outputs.log_probability = at::constant_pad_nd(outputs.log_probability, {1, -1});
  return outputs;
}

at::Tensor in_slices(const Batch& batch, const std::function<at::Tensor(const at::Tensor&)>& pass) {
  constexpr int64_t kDocuments = 64;
  const auto lengths = batch.valid.to(at::kLong).cumsum(1).argmax(1) + 1;
  const auto slices = lengths.argsort(0, false).split(kDocuments);  // neighbours are of one length: little of a slice is padding
  at::Tensor all;  // there is no second copy of it at any time
  std::mutex making;
  side_by_side(slices.size(), [&](size_t i) {
    check_stop();
    const at::NoGradGuard no_grad;
    const auto& documents = slices[i];
    const int64_t longest = lengths.index_select(0, documents.slice(0, -1))[0].item<int64_t>();
    const auto values = pass(batch.tokens.index_select(0, documents).slice(1, 0, longest).contiguous());
    {
      const std::lock_guard lock(making);
      auto shape = values.sizes().vec();
      shape[0] = batch.documents();
      shape[1] = batch.tokens.size(1);
      if (!all.defined()) all = at::zeros(shape, values.options());
    }
    all.slice(1, 0, longest).index_copy_(0, documents, values);  // documents are of one slice each
  });
  return all;
}

at::Tensor MeteredModel::activations(const Batch& batch, const Site& site) const {
  const int64_t tokens = batch.count();
  ledger_.tokens_forward += tokens;
  ledger_.flops += forward_flops(model_.config(), tokens, site);
  ++ledger_.queries;
  return known(batch, site, key_of(batch));
}

const at::Tensor& MeteredModel::known(const Batch& batch, const Site& site, const std::string& key) const {
  return memo_.get<at::Tensor>(fmt::format("{} {}", site.name(), key),
                               [&] { return in_slices(batch, [&](const at::Tensor& t) { return model_.at(site, t); }); });
}

Outputs MeteredModel::outputs(const Batch& batch) const {
  const int64_t tokens = batch.count();
  ledger_.tokens_forward += tokens;
  ledger_.flops += forward_flops(model_.config(), tokens);
  ++ledger_.queries;
  return memo_.get<Outputs>("outputs " + key_of(batch), [&] {
    const auto all = in_slices(batch, [&](const at::Tensor& t) {
      const Outputs o = outputs_of(model_.read_out(t), t);
      return at::stack({o.log_probability, o.max_log_probability, o.entropy, o.log_normalizer}, -1);
    });
    const auto of = [&](int64_t i) { return all.select(-1, i).contiguous(); };
    return Outputs{of(0), of(1), of(2), of(3)};
  });
}

ReadOut MeteredModel::under(const Patch& patch, const at::Tensor& tokens, int64_t count, const Taps& taps) const {
  book(count);
  for (const auto& hook : patch.hooks) spend(hook->flops_per_token(config()) * double(count));
  return patch.read_out(model_, tokens, taps);
}

Transformer MeteredModel::copy() const {
  Weights weights = model_.weights().clone();
  for (auto& w : weights.parameters()) w.requires_grad_(true);
  return Transformer(model_.config(), std::move(weights));
}

void MeteredModel::book(int64_t tokens, const Site* stop) const {
  ledger_.tokens_forward += tokens;
  ledger_.flops += stop ? forward_flops(config(), tokens, *stop) : forward_flops(config(), tokens);
  ++ledger_.queries;
}

void MeteredModel::book(Passed passed) const {
  ledger_.tokens_forward += passed.tokens;
  ledger_.flops += forward_flops(config(), passed);
  ++ledger_.queries;
}

void MeteredModel::book_training(const Weights& moved, Passed passed, const Site* stop) const {
  ledger_.tokens_backward += passed.tokens;
  ledger_.flops += stop ? backward_flops(config(), moved, passed.tokens, *stop) : backward_flops(config(), moved, passed);
}

void MeteredModel::book_gradient(int64_t tokens, const Site& at) const {
  ledger_.tokens_backward += tokens;
  ledger_.flops += forward_flops(config(), tokens) - forward_flops(config(), tokens, at);
}

}  // namespace fairfight
