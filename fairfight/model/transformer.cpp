#include "fairfight/model/transformer.h"

#include "fairfight/base/error.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/pass.h"
#include "fairfight/model/torch.h"

namespace fairfight {

Transformer::Transformer(Config config, Weights weights) : config_(std::move(config)), weights_(std::move(weights)) {}

ReadOut Transformer::read_out(const at::Tensor& tokens, const Taps& taps) const {
  const auto known = known_.empty() ? known_.end() : known_.find(key_of(tokens));
  if (known != known_.end() && taps.begin_at_or_behind(known->second.site)) {
    pay(known->second.price);
    return resume(known->second.site, tokens, known->second.state, taps);
  }
  return Pass(config_, weights_, precision_, taps, false).run(tokens);
}

ReadOut Transformer::resume(const Site& end_of_block, const at::Tensor& tokens, const at::Tensor& state, const Taps& taps) const {
  require_site(config_, end_of_block);
  if (end_of_block.point != Point::resid_post || !taps.begin_at_or_behind(end_of_block))
    fail("[resume] got the site {} and taps before it, expected the end of a block (hook_resid_post) and taps from there on", end_of_block.name());
  return Pass(config_, weights_, precision_, taps, false).resume(end_of_block, tokens, state);
}

void Transformer::remember(const Site& site, const std::vector<at::Tensor>& tokens) {
  require_site(config_, site);
  if (site.point != Point::resid_post) fail("[remember] got the site {}, expected the end of a block (hook_resid_post)", site.name());
  std::vector<Known> states(tokens.size());
  side_by_side(tokens.size(), [&](size_t i) {  // on one thread each, as contests run their passes: to the last bit the same
    const at::NoGradGuard no_grad;
    const Meter meter;
    const auto state = at(site, tokens[i]);
    states[i] = {state, site, meter.work()};
  });
  for (size_t i = 0; i < tokens.size(); ++i) known_[key_of(tokens[i])] = std::move(states[i]);
}

void Transformer::observe(const at::Tensor& tokens, const Taps& taps) const {
  if (taps.reads() == 0) return;
  try {
    Pass(config_, weights_, precision_, taps, true).run(tokens);
  } catch (const Pass::Enough&) {
  }
}

std::vector<Site> Transformer::sites() const { return sites_of(config_); }

int64_t Transformer::width(const Site& site) const {
  require_site(config_, site);
  return width_at(config_, site);
}

double Transformer::flops_to(const Site& site, int64_t positions) const { return forward_flops(config_, positions, site); }

std::unique_ptr<Model> Transformer::with_random_weights(const Random& random) const { return std::make_unique<Transformer>(config_, random_weights(config_, random)); }

}  // namespace fairfight
