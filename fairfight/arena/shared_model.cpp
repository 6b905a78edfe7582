#include "fairfight/arena/shared_model.h"

#include <fmt/format.h>

#include <mutex>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {

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

const at::Tensor& SharedModel::activations(const Batch& batch, const Site& site) const { return known(batch, site, key_of(batch), 1); }

at::Tensor SharedModel::excerpt(const Batch& of, const std::string& key, const at::Tensor& rows, int64_t positions, const Site& site) const {
  const auto some = [&](const at::Tensor& x) { return x.index_select(0, rows).slice(1, 0, positions); };
  const auto count = [](const at::Tensor& tokens) { return double((tokens != kPadding).sum().item<int64_t>()); };
  return some(known(of, site, key, count(some(of.tokens)) / count(of.tokens)));
}

const at::Tensor& SharedModel::known(const Batch& batch, const Site& site, const std::string& key, double share) const {
  return memo_.get<at::Tensor>(fmt::format("{} {}", site.name(), key), [&] { return in_slices(batch, [&](const at::Tensor& t) { return model_.at(site, t); }); }, share);
}

Outputs SharedModel::outputs(const Batch& batch) const {
  return memo_.get<Outputs>("outputs " + key_of(batch), [&] {
    const auto all = in_slices(batch, [&](const at::Tensor& t) {
      const Outputs o = outputs_of(transformer().read_out(t), t);
      return at::stack({o.log_probability, o.max_log_probability, o.entropy, o.log_normalizer}, -1);
    });
    const auto of = [&](int64_t i) { return all.select(-1, i).contiguous(); };
    return Outputs{of(0), of(1), of(2), of(3)};
  });
}

at::Tensor SharedModel::gradient_norms(const Batch& batch) const {
  return memo_.get<at::Tensor>("gradient norms " + key_of(batch), [&] { return in_slices(batch, [&](const at::Tensor& t) { return transformer().read_out(t).gradient_norms(); }); });
}

const Transformer& SharedModel::transformer() const {
  const auto* transformer = dynamic_cast<const Transformer*>(&model_);
  if (!transformer) fail("[model] this one is no transformer: it puts out nothing of text, expected a fight about a model of text");
  return *transformer;
}

Transformer SharedModel::copy() const {
  Weights weights = transformer().weights().clone();
  for (auto& w : weights.parameters()) w.requires_grad_(true);
  return Transformer(config(), std::move(weights));
}

}  // namespace fairfight
