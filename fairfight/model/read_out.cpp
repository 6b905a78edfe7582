#include "fairfight/model/read_out.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/model/matmul.h"
#include "fairfight/model/row_kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using Grads = torch::autograd::variable_list;

constexpr int64_t kTile = 1 << 20;       // logits at once: some copies of them are made
constexpr int64_t kTileTokens = 4096;    // of the vocabulary; a smaller one is a single tile
constexpr int64_t kGradientTile = 1 << 22;  // ... where rows come with the whole vocabulary, and no copies are made
constexpr float kNever = -30;            // a log-probability that sums and means survive

/// The vocabulary in tiles: where each begins, and its size.
std::vector<std::pair<int64_t, int64_t>> tiles_of(int64_t vocab) {
  std::vector<std::pair<int64_t, int64_t>> tiles;
  for (int64_t from = 0; from < vocab; from += kTileTokens) tiles.emplace_back(from, std::min(kTileTokens, vocab - from));
  return tiles;
}

/// Those of the targets that stand in a tile, counted from where it begins; -1 elsewhere.
at::Tensor inside(const at::Tensor& targets, int64_t from, int64_t count) {
  return (targets - from).masked_fill((targets < from).logical_or(targets >= from + count), -1);
}

/// log softmax(logits)[target], 0 where the target is negative.
at::Tensor target_log_probabilities(const at::Tensor& logits, const at::Tensor& targets) {
  auto result = at::zeros(targets.sizes(), logits.options());
  const auto* target = targets.data_ptr<int64_t>();
  const int64_t vocab = logits.size(1);
  at::parallel_for(0, targets.numel(), 16, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r)
      if (target[r] >= 0) result.data_ptr<float>()[r] = row_log_probability(vocab, logits.data_ptr<float>() + r * vocab, target[r]);
  });
  return result;
}

template <class Visit>
void each_row(const at::Tensor& logits, const Visit& visit) {
  at::parallel_for(0, logits.size(0), 1, [&](int64_t from, int64_t to) {
    for (int64_t r = from; r < to; ++r) visit(r, logits.data_ptr<float>() + r * logits.size(1));
  });
}

/// Log-probabilities within the tiles become those in the whole: a token's is that of its tile, and its own within. `share` [tiles, rows].
at::Tensor joined(const at::Tensor& within, const at::Tensor& share, const at::Tensor& targets) {
  std::vector<at::Tensor> there;
  for (const auto& [from, count] : tiles_of(share.size(0) * kTileTokens)) there.push_back((targets >= from).logical_and(targets < from + count));
  return (within + share).masked_fill(at::stack(there).logical_not(), 0).sum(0);
}

/// The state may be finite, and its products with the unembedding not. Nothing is said of positions that nobody asks about.
const at::Tensor& finite(const at::Tensor& said) {
  if (!all_finite(said.contiguous())) throw NotFinite("[read_out] a probability is not a number: got logits that are a NaN or an infinity; the model's weights overflow");
  return said;
}

/// log of each tile's share of the probability, from the tiles' log Σ exp [tiles, rows]; exactly 0 where there is one tile.
at::Tensor shares(const at::Tensor& log_z) { return log_z - log_z.logsumexp(0); }

}  // namespace

ReadOut::ReadOut(const at::Tensor& state, at::Tensor unembed, at::Tensor bias, double cap, Precision products)
    : state_(state.reshape({-1, state.size(-1)}).contiguous()),
      shape_(state.sizes().begin(), state.sizes().end() - 1),
      unembed_(std::move(unembed)),
      bias_(std::move(bias)),
      cap_(cap),
      precision_(products) {}

ReadOut ReadOut::at(const at::Tensor& positions) const {
  ReadOut some(state_.index_select(0, positions), unembed_, bias_, cap_, precision_);
  if (forced_.defined()) some.forced_ = forced_.index_select(0, positions);
  return some;
}

ReadOut ReadOut::biased(const at::Tensor& bias) const {
  ReadOut other = *this;
  other.bias_ = bias_.defined() ? bias_ + bias : bias;
  return other;
}

void ReadOut::force(const at::Tensor& where, int64_t token) {
  if (!forced_.defined()) forced_ = at::full({rows()}, -1, at::kLong);
  forced_ = forced_.masked_fill(where.flatten(), token);
}

bool ReadOut::learns() const {
  const auto learns = [](const at::Tensor& t) { return t.defined() && t.requires_grad(); };
  return at::GradMode::is_enabled() && (learns(state_) || learns(unembed_) || learns(bias_));
}

/// The logits of some rows for some tokens.
at::Tensor ReadOut::tile(int64_t row, int64_t rows, int64_t token, int64_t tokens) const {
  const auto part = [](const at::Tensor& t, int64_t from, int64_t count) { return !t.defined() || count == t.size(0) ? t : t.narrow(0, from, count); };
  auto logits = linear(part(state_, row, rows), part(unembed_, token, tokens), part(bias_, token, tokens), precision_);
  if (cap_ > 0) logits = (logits / cap_).tanh() * cap_;
  if (!forced_.defined()) return logits;
  const auto forced = forced_.narrow(0, row, rows).unsqueeze(1);
  const auto certain = at::full_like(logits, kNever).masked_fill(forced == at::arange(token, token + tokens), 0);
  return at::where(forced >= 0, certain, logits);
}

at::Tensor ReadOut::logits() const {
  auto shape = shape_;
  shape.push_back(vocab());
  return tile(0, rows(), 0, vocab()).view(shape);
}

/// `of_rows` gives so many values a row, [values, rows]; here they are of all.
at::Tensor ReadOut::tiled(int64_t values, const std::function<at::Tensor(int64_t, int64_t)>& of_rows) const {
  const int64_t most = std::max<int64_t>(1, kTile / std::min(vocab(), kTileTokens));
  std::vector<at::Tensor> parts{at::empty({values, 0}, state_.options().requires_grad(false))};
  for (int64_t row = 0; row < rows(); row += most) parts.push_back(of_rows(row, std::min(most, rows() - row)));
  return at::cat(parts, 1);
}

at::Tensor ReadOut::probability(const at::Tensor& targets_in) const {
  const at::NoGradGuard no_grad;
  const auto targets = targets_in.flatten(0, -2);
  return shaped(tiled(1, [&](int64_t row, int64_t count) {
    std::vector<at::Tensor> log_z, p;
    for (const auto& [token, tokens] : tiles_of(vocab())) {
      const auto logits = tile(row, count, token, tokens), here = inside(targets.narrow(0, row, count), token, tokens);
      log_z.push_back(logits.logsumexp(-1));
      p.push_back((logits.softmax(-1).gather(1, here.clamp_min(0)) * (here >= 0)).sum(-1));
    }
    return finite((at::stack(p) * shares(at::stack(log_z)).exp()).sum(0, true));
  }));
}

Outputs ReadOut::outputs(const at::Tensor& targets_in) const {
  const at::NoGradGuard no_grad;
  const auto targets = targets_in.flatten().contiguous();
  const auto all = tiled(4, [&](int64_t row, int64_t count) {
    const auto target = targets.narrow(0, row, count);
    std::vector<at::Tensor> log_z, log_p, highest, entropy;  // by tile: of its tokens, as if there were no others
    for (const auto& [token, tokens] : tiles_of(vocab())) {
      const auto logits = tile(row, count, token, tokens);
      log_z.push_back(logits.logsumexp(-1));
      log_p.push_back(target_log_probabilities(logits, inside(target, token, tokens)));
      const auto all_log_p = logits - log_z.back().unsqueeze(-1);
      highest.push_back(all_log_p.amax(-1));
      entropy.push_back(-(all_log_p.exp() * all_log_p).sum(-1));
    }
    const auto share = shares(at::stack(log_z));
    return at::stack({finite(joined(at::stack(log_p), share, target)), (at::stack(highest) + share).amax(0), (share.exp() * (at::stack(entropy) - share)).sum(0),
                      at::stack(log_z).logsumexp(0)});
  });
  return {shaped(all[0]), shaped(all[1]), shaped(all[2]), shaped(all[3])};
}

at::Tensor ReadOut::gradient_norms() const {
  const at::NoGradGuard no_grad;
  const auto tiles = tiles_of(vocab());
  return shaped(tiled(1, [&](int64_t row, int64_t count) {
    const auto of = [&](size_t i) { return tile(row, count, tiles[i].first, tiles[i].second); };
    const auto first = of(0);  // a single tile is made once, of many each twice: p needs them all
    std::vector<at::Tensor> log_z{first.logsumexp(-1)}, apart;
    for (size_t i = 1; i < tiles.size(); ++i) log_z.push_back(of(i).logsumexp(-1));
    const auto all = at::stack(log_z).logsumexp(0).unsqueeze(-1);
    for (size_t i = 0; i < tiles.size(); ++i) {
      const auto logits = i == 0 ? first : of(i);
      auto slope = (logits - all).exp() - 1. / double(vocab());  // of the divergence against the logits
      if (cap_ > 0) slope *= 1 - (logits / cap_).square();
      apart.push_back(slope.abs().sum(-1));
    }
    return finite((state_.narrow(0, row, count).abs().sum(-1) * at::stack(apart).sum(0)).unsqueeze(0));
  }));
}

ReadOut::Comparison ReadOut::compared(const ReadOut& reference, const at::Tensor& targets_in) const {
  const at::NoGradGuard no_grad;
  const auto targets = targets_in.flatten().contiguous();
  const auto all = tiled(3, [&](int64_t row, int64_t count) {
    const auto target = targets.narrow(0, row, count);
    std::vector<at::Tensor> log_z, log_p, reference_log_z, reference_log_p, divergence;
    for (const auto& [token, tokens] : tiles_of(vocab())) {
      const auto at = inside(target, token, tokens);
      const auto picked = [&](const at::Tensor& all_log_p) { return all_log_p.gather(1, at.clamp_min(0).unsqueeze(1)).squeeze(1); };
      const auto logits = tile(row, count, token, tokens), reference_logits = reference.tile(row, count, token, tokens);
      const auto p = logits.log_softmax(-1), q = reference_logits.log_softmax(-1);
      log_z.push_back(logits.logsumexp(-1));
      reference_log_z.push_back(reference_logits.logsumexp(-1));
      log_p.push_back(picked(p));
      reference_log_p.push_back(picked(q));
      divergence.push_back((q.exp() * (q - p)).sum(-1, false, at::kDouble));
    }
    const auto share = shares(at::stack(log_z)), reference_share = shares(at::stack(reference_log_z));
    const auto apart = at::stack(divergence) + (reference_share - share);
    return at::stack({finite(joined(at::stack(log_p), share, target)).to(at::kDouble), finite(joined(at::stack(reference_log_p), reference_share, target)).to(at::kDouble),
                      (reference_share.exp() * apart).sum(0)});
  });
  return {shaped(all[0]), shaped(all[1]), shaped(all[2])};
}

// ---- with gradients ------------------------------------------------------------------------------------------------

/// Values of the rows, as far as their gradients are concerned: each row with the whole vocabulary, so that its softmax is known at once.
/// The gradient of the state, [rows, d_model], is made on the way, as Liger's fused losses make it (Hsu et al. 2024); that of the
/// unembedding hangs on what becomes of the values, so where it is asked for, the logits are made anew unless they fit in one tile.
struct Judging : Function<Judging> {
  struct Held : torch::CustomClassHolder {
    Held(ReadOut r, ReadOut::Judge j) : said(std::move(r)), judge(std::move(j)) {}
    ReadOut said;
    ReadOut::Judge judge;
    at::Tensor gradient;  // of the logits, where they are one tile
  };

  static int64_t rows_at_once(int64_t vocab) { return std::max<int64_t>(1, kGradientTile / vocab); }

  template <class Visit>
  static void each_tile(int64_t rows, int64_t vocab, const Visit& visit) {
    for (int64_t row = 0; row < rows; row += rows_at_once(vocab)) visit(row, std::min(rows_at_once(vocab), rows - row));
  }

  static at::Tensor forward(AutogradContext* context, const at::Tensor& state, const at::Tensor& unembed, const at::Tensor& bias, const c10::intrusive_ptr<Held>& held) {
    const ReadOut& said = held->said;
    const bool narrows = said.precision_ == Precision::bfloat16, to_bias = bias.requires_grad();
    auto values = at::empty({state.size(0)}, at::kFloat);
    const auto to_state = state.requires_grad() ? at::empty(state.sizes(), at::kFloat) : at::Tensor();
    const auto factor = [&](const at::Tensor& t) { return narrows ? to_bf16(t) : t; };
    const auto w = to_state.defined() ? factor(unembed.detach()) : at::Tensor();
    each_tile(state.size(0), said.vocab(), [&](int64_t row, int64_t count) {
      const auto gradient = said.gradient_tile(held->judge, row, count, values.data_ptr<float>() + row);
      if (to_state.defined()) multiply({factor(gradient)}, {w}, to_state.narrow(0, row, count));
      if (count == state.size(0) && (unembed.requires_grad() || to_bias)) held->gradient = gradient;
    });
    context->save_for_backward({to_state});
    context->saved_data["to_unembed"] = unembed.requires_grad();
    context->saved_data["to_bias"] = to_bias;
    context->saved_data["held"] = c10::IValue::make_capsule(held);
    return values;
  }

  static Grads backward(AutogradContext* context, Grads grads) {
    const auto to_state = context->get_saved_variables()[0];
    const bool to_unembed = context->saved_data["to_unembed"].toBool(), to_bias = context->saved_data["to_bias"].toBool();
    const auto g = grads[0].contiguous().unsqueeze(1);
    Grads to(4);
    if (to_state.defined()) to[0] = to_state * g;
    if (!to_unembed && !to_bias) return to;
    const auto held = c10::static_intrusive_pointer_cast<Held>(context->saved_data["held"].toCapsule());
    const ReadOut& said = held->said;
    const bool narrows = said.precision_ == Precision::bfloat16;
    const auto factor = [&](const at::Tensor& t) { return narrows ? to_bf16(t) : t; };
    if (to_unembed) to[1] = at::zeros(said.unembed_.sizes(), at::kFloat);
    if (to_bias) to[2] = at::zeros({said.vocab()}, at::kFloat);
    std::vector<float> values(size_t(rows_at_once(said.vocab())));
    each_tile(g.size(0), said.vocab(), [&](int64_t row, int64_t count) {
      const auto gradient = (held->gradient.defined() ? held->gradient : said.gradient_tile(held->judge, row, count, values.data())) * g.narrow(0, row, count);
      if (to_unembed) multiply({factor(gradient), true}, {factor(said.state_.narrow(0, row, count))}, to[1], 1);
      if (to_bias) to[2] += gradient.sum(0);
    });
    return to;
  }

  static at::Tensor values(const ReadOut& said, ReadOut::Judge judge) {
    ReadOut detached = said;
    detached.state_ = said.state_.detach();
    detached.unembed_ = said.unembed_.detach();
    if (said.bias_.defined()) detached.bias_ = said.bias_.detach();
    const auto bias = said.bias_.defined() ? said.bias_ : at::empty({0});  // libtorch's functions take no undefined tensor
    return apply(said.state_, said.unembed_, bias, c10::make_intrusive<Held>(std::move(detached), std::move(judge)));
  }
};

at::Tensor ReadOut::gradient_tile(const Judge& judge, int64_t row, int64_t count, float* values) const {
  const at::NoGradGuard no_grad;
  auto logits = tile(row, count, 0, vocab()).contiguous();
  at::Tensor slope;  // of the logits against the products
  if (cap_ > 0) slope = 1 - (logits / cap_).square();
  judge(row, logits, values);
  if (slope.defined()) logits *= slope;
  if (forced_.defined()) logits.masked_fill_((forced_.narrow(0, row, count) >= 0).unsqueeze(1), 0);
  return logits;
}

at::Tensor ReadOut::log_probabilities(const at::Tensor& targets_in) const {
  if (targets_in.sizes() != shape() || targets_in.scalar_type() != at::kLong)
    fail("[read_out] got targets [{}], expected [{}] of int64", fmt::join(targets_in.sizes(), ", "), fmt::join(shape_, ", "));
  const auto selected = (targets_in.flatten() >= 0).nonzero().squeeze(1);
  const ReadOut some = at(selected);
  const auto targets = targets_in.flatten().index_select(0, selected);
  at::Tensor found;
  if (learns()) {
    found = Judging::values(some, [targets](int64_t row, const at::Tensor& logits, float* values) {
      each_row(logits, [&](int64_t r, float* x) {
        const int64_t target = targets.data_ptr<int64_t>()[row + r];
        const float of_target = x[target];
        values[r] = of_target - row_softmax(logits.size(1), x, x);
        x[target] -= 1;
      });
      logits.neg_();
    });
  } else {
    const at::NoGradGuard no_grad;
    found = some.tiled(1, [&](int64_t row, int64_t count) {
      const auto target = targets.narrow(0, row, count);
      std::vector<at::Tensor> log_z, log_p;
      for (const auto& [token, tokens] : tiles_of(vocab())) {
        const auto logits = some.tile(row, count, token, tokens);
        if (tokens < vocab()) log_z.push_back(logits.logsumexp(-1));
        log_p.push_back(target_log_probabilities(logits, inside(target, token, tokens)));
      }
      return finite(log_z.empty() ? log_p[0] : joined(at::stack(log_p), shares(at::stack(log_z)), target)).unsqueeze(0);
    })[0];
  }
  return shaped(at::zeros({rows()}, found.options().requires_grad(false)).index_copy(0, selected, found));
}

at::Tensor ReadOut::divergence(const ReadOut& reference, const at::Tensor& counted) const {
  const auto selected = counted.flatten().nonzero().squeeze(1);
  if (selected.numel() == 0) fail("[divergence] no row is counted");
  const auto found = Judging::values(at(selected), [known = reference.at(selected)](int64_t row, const at::Tensor& logits, float* values) {
    const int64_t vocab = logits.size(1);
    const auto reference_logits = known.tile(row, logits.size(0), 0, vocab).contiguous();
    each_row(logits, [&](int64_t r, float* x) {
      std::vector<float> scratch(size_t(2 * vocab));
      values[r] = row_divergence(vocab, x, reference_logits.data_ptr<float>() + r * vocab, scratch.data(), scratch.data() + vocab);
    });
  });
  return shaped(at::zeros({rows()}, at::kFloat).index_copy(0, selected, found));
}

}  // namespace fairfight
