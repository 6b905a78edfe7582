#include "fairfight/arena/metered.h"

#include <fmt/format.h>

#include "fairfight/base/hash.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

std::string key_of(const Batch& batch, const std::string& what) {
  const auto tokens = batch.tokens.contiguous();
  return fmt::format("{} {} {:016x}", what, tokens.size(1), hash64(tokens.data_ptr(), tokens.nbytes()));
}

}  // namespace

double forward_flops(const Config& config, int64_t tokens) { return 2.0 * double(config.matmul_parameters()) * double(tokens); }

double forward_flops(const Config& config, int64_t tokens, const Site& stop) {
  const bool whole = stop.point == Point::final_scale || stop.point == Point::final_normalized;
  const bool none = stop.point == Point::embed || stop.point == Point::pos_embed;
  const double blocks = double(config.matmul_parameters() - config.vocab * config.d_model);
  const double share = whole ? 1 : none ? 0 : double(stop.layer + 1) / double(config.n_layers);
  return 2.0 * blocks * share * double(tokens);
}

at::Tensor Memo::get(const std::string& key, const std::function<at::Tensor()>& compute) {
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  return known_[key] = compute();
}

at::Tensor in_slices(const Batch& batch, const std::function<at::Tensor(const at::Tensor&)>& pass) {
  constexpr int64_t kDocuments = 64;
  at::NoGradGuard no_grad;
  std::vector<at::Tensor> pieces;
  for (const auto& tokens : batch.tokens.split(kDocuments)) {
    check_stop();
    pieces.push_back(pass(tokens));
  }
  return at::cat(pieces);
}

at::Tensor MeteredModel::activations(const Batch& batch, const Site& site) const {
  const int64_t tokens = batch.count();
  ledger_.tokens_forward += tokens;
  ledger_.flops += forward_flops(model_.config(), tokens, site);
  ++ledger_.queries;
  return memo_.get(key_of(batch, site.name()), [&] { return in_slices(batch, [&](const at::Tensor& t) { return model_.at(site, t); }); });
}

at::Tensor MeteredModel::log_probabilities(const Batch& batch) const {
  const int64_t tokens = batch.count();
  ledger_.tokens_forward += tokens;
  ledger_.flops += forward_flops(model_.config(), tokens);
  ++ledger_.queries;
  return memo_.get(key_of(batch, "log_probabilities"), [&] {
    return in_slices(batch, [&](const at::Tensor& t) { return token_log_probabilities(model_.logits(t), t); });
  });
}

}  // namespace fairfight
