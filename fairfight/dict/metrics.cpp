#include "fairfight/dict/metrics.h"

#include "fairfight/acts/harvest.h"
#include "fairfight/acts/sinks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

double total(const at::Tensor& x) { return x.sum(at::kDouble).item<double>(); }

}  // namespace

ReconstructionMeter::ReconstructionMeter(const Dictionary& dictionary)
    : dictionary_(dictionary),
      sum_(at::zeros({dictionary.d_model()}, at::kDouble)),
      fired_(at::zeros({dictionary.width()}, at::kBool)) {}

void ReconstructionMeter::add(const at::Tensor& all) {
  const at::NoGradGuard no_grad;
  const auto x = all.index({no_sinks(all, dictionary_.most_norm())});
  left_out_ += all.size(0) - x.size(0);
  if (x.size(0) == 0) return;
  const Codes codes = dictionary_.encode(x);
  const auto x64 = x.to(at::kDouble);
  if (rows_ == 0) shift_ = x64.mean(0);
  const auto shifted = x64 - shift_;
  sum_ += shifted.sum(0);
  squares_ += total(shifted.square());
  error_ += total((x64 - dictionary_.decode(codes)).square());
  const auto active = codes.values != 0;
  active_ += active.sum().item<int64_t>();
  fired_.index_fill_(0, codes.indices.masked_select(active).to(at::kLong), true);
  rows_ += x.size(0);
}

Reconstruction ReconstructionMeter::result() const {
  if (rows_ == 0) fail("[metrics] got no rows to measure");
  const double variance = squares_ - total(sum_.square()) / double(rows_);
  if (!(variance > 0)) fail("[metrics] got {} rows with total variance {}, expected more than 0", rows_, variance);
  return {error_ / variance, double(active_) / double(rows_), 1 - total(fired_) / double(fired_.size(0)), rows_, left_out_};
}

Reconstruction measure_reconstruction(const Dictionary& dictionary, const Rows& rows, int64_t count, const Tick& tick) {
  const int64_t n = std::min(count, rows.count()), batch = std::min<int64_t>(4096, n);
  ReconstructionMeter meter(dictionary);
  for (int64_t from = 0; from < n; from += batch) {
    check_stop();
    const int64_t to = std::min(n, from + batch);
    meter.add(rows.batch(from / batch, batch).narrow(0, 0, to - from));
    tick(double(to) / double(n), "reconstruction");
  }
  return meter.result();
}

namespace {

/// x with `change` made to the rows at valid positions.
Edit at_valid(const Batch& batch, std::function<at::Tensor(const at::Tensor& rows)> change) {
  const auto places = batch.valid.flatten().nonzero().squeeze(1);
  return [places, change](const at::Tensor& x) {
    const auto rows = position_rows(x);
    return rows.index_copy(0, places, change(rows.index_select(0, places))).view(x.sizes());
  };
}

struct Sums {
  double ce = 0, ce_with = 0, ce_zero = 0, kl = 0;
  int64_t positions = 0;
};

void add_batch(const Transformer& model, const Site& site, const Dictionary& dictionary, const Batch& batch, Sums& sums) {
  const int64_t pos = batch.tokens.size(1);
  // Of all positions those that are valid and stand before a valid one.
  const auto counted = batch.valid.logical_and(at::constant_pad_nd(batch.valid.narrow(1, 1, pos - 1), {0, 1})).flatten().nonzero().squeeze(1);
  const auto targets = next_tokens(batch.tokens).flatten().index_select(0, counted);
  // Nothing changes before the site: where a block ends there, the other two passes go on from the plain one's state.
  const bool known = site.point == Point::resid_post;
  at::Tensor state;
  const ReadOut plain = model.read_out(batch.tokens, known ? Taps().read(site, &state) : Taps()).at(counted);
  const auto edited = [&](std::function<at::Tensor(const at::Tensor& rows)> change) {
    const auto taps = Taps().edit(site, at_valid(batch, std::move(change)));
    return (known ? model.resume(site, batch.tokens, state, taps) : model.read_out(batch.tokens, taps)).at(counted);
  };
  const auto with = edited([&](const at::Tensor& x) { return dictionary.reconstruct(x); }).compared(plain, targets);
  sums.ce -= total(with.reference_log_probability);
  sums.ce_with -= total(with.log_probability);
  sums.ce_zero -= total(edited([](const at::Tensor& x) { return at::zeros_like(x); }).log_probabilities(targets));
  sums.kl += total(with.divergence);
  sums.positions += counted.size(0);
}

}  // namespace

Splice measure_splice(const Transformer& model, const Site& site, const Dictionary& dictionary,
                      const std::vector<Batch>& batches, const Tick& tick) {
  const at::NoGradGuard no_grad;
  require_position_rows(site);
  Sums sums;
  for (size_t i = 0; i < batches.size(); ++i) {
    check_stop();
    add_batch(model, site, dictionary, batches[i], sums);
    tick(double(i + 1) / double(batches.size()), "splice");
  }
  if (sums.positions == 0) fail("[metrics] no valid position predicts a valid token");
  const auto n = double(sums.positions);
  return {sums.ce / n, sums.ce_with / n, sums.ce_zero / n, sums.kl / n, sums.positions};
}

}  // namespace fairfight
