#include "fairfight/contestants/detect/tokenwise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kSlice = 8192;         // rows scored at once
constexpr int64_t kEncodedPool = 32768;  // pool rows that challengers look at

/// The same settings without the aggregation name a fit.
std::string fit_key(const Corner& corner, const Settings& settings) {
  Json knobs = settings.json();
  knobs.erase("aggregation");
  return corner.memo_key() + " " + knobs.dump();
}

at::Tensor scatter(const at::Tensor& scores, const at::Tensor& valid) {
  auto placed = at::zeros(valid.sizes(), at::kDouble);
  placed.index_put_({valid}, scores.to(at::kDouble));
  return placed;
}

/// Scores of tokens by a fit; the trials that differ in their aggregation alone share them.
class TokenDetector final : public Detector {
 public:
  using Scores = std::function<at::Tensor(const at::Tensor& rows, const std::string& batch)>;  // of the valid tokens, in order
  TokenDetector(std::string key, Site site, Scores scores, double row_flops, std::string aggregation, Memo& memo)
      : key_(std::move(key)), site_(site), scores_(std::move(scores)), row_flops_(row_flops), aggregation_(std::move(aggregation)), memo_(memo) {}

  at::Tensor score(const MeteredModel& model, const Batch& batch) const override {
    at::NoGradGuard no_grad;
    const auto rows = model.activations(batch, site_).flatten(0, 1).index({batch.valid.flatten()});
    model.spend(row_flops_ * double(rows.size(0)));
    const std::string of = key_of(batch);
    const auto& scores = memo_.get<at::Tensor>(key_ + " | " + of, [&] { return scatter(scores_(rows, of), batch.valid); });
    return aggregate(scores, batch.valid, aggregation_);
  }

 private:
  std::string key_;
  Site site_;
  Scores scores_;
  double row_flops_;
  std::string aggregation_;
  Memo& memo_;
};

class OutputScore final : public Detector {
 public:
  OutputScore(const OutputDetector& method, Settings settings) : method_(method), settings_(std::move(settings)) {}
  at::Tensor score(const MeteredModel& model, const Batch& batch) const override {
    return method_.score(model.outputs(batch), batch.valid, settings_).to(at::kDouble);
  }

 private:
  const OutputDetector& method_;
  Settings settings_;
};

Encoded encode_rows(const Dictionary& dictionary, const at::Tensor& x) {
  std::vector<at::Tensor> values, indices, reconstructions;
  for (const auto& slice : x.split(kSlice)) {
    check_stop();
    const Codes codes = dictionary.encode(slice);
    reconstructions.push_back(dictionary.decode(codes));
    values.push_back(codes.values);
    indices.push_back(codes.indices);
  }
  const auto widest = std::max_element(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.size(1) < b.size(1); })->size(1);
  for (auto* list : {&values, &indices})
    for (auto& piece : *list) piece = at::constant_pad_nd(piece, {0, widest - piece.size(1)});  // value 0 at index 0: no latent
  return {x, at::cat(reconstructions), {at::cat(values), at::cat(indices), dictionary.width()}};
}

/// Encoding a row: all pre-activations, and the sum of the active atoms.
double encode_flops(const Dictionary& dictionary) { return 2.0 * double(dictionary.d_model()) * double(dictionary.width()); }

}  // namespace

const std::vector<Json>& aggregations() {
  static const std::vector<Json> names{"mean", "max", "q95", "last"};
  return names;
}

at::Tensor aggregate(const at::Tensor& scores, const at::Tensor& valid, const std::string& how) {
  const auto count = valid.sum(1);
  if (count.min().item<int64_t>() < 1) fail("[aggregate] a document has no token behind its first");
  if (how == "mean") return scores.masked_fill(~valid, 0).sum(1) / count;
  if (how == "max") return scores.masked_fill(~valid, -INFINITY).amax(1);
  if (how == "last") return scores.gather(1, valid.to(at::kLong).cumsum(1).argmax(1, true)).squeeze(1);
  if (how == "q95") {
    // The smallest score that at least 95 % of the tokens do not exceed.
    const auto ascending = std::get<0>(scores.masked_fill(~valid, INFINITY).sort(1));
    const auto rank = (count * 0.95).ceil().to(at::kLong) - 1;
    return ascending.gather(1, rank.unsqueeze(1)).squeeze(1);
  }
  fail("[aggregate] got \"{}\", expected mean, max, q95 or last", how);
}

std::unique_ptr<Detector> RowDetector::prepare(Corner& corner, const Settings& settings) const {
  const std::string key = fit_key(corner, settings);
  corner.pool();  // booked
  const RowFit& fitted = corner.memo().get<RowFit>(key, [&] { return fit(corner, settings); });
  corner.model().spend(fitted.fit_flops);
  const auto scores = [score = fitted.score](const at::Tensor& rows, const std::string&) {
    std::vector<at::Tensor> pieces;
    for (const auto& slice : rows.split(kSlice)) {
      check_stop();
      pieces.push_back(score(slice).to(at::kDouble));
    }
    return at::cat(pieces);
  };
  return std::make_unique<TokenDetector>(key, corner.site(), scores, fitted.row_flops, settings.text("aggregation"), corner.memo());
}

const PrincipalAxes& RowDetector::pool_axes(Corner& corner) {
  const auto& pool = corner.pool();
  return corner.memo().get<PrincipalAxes>(corner.basis() + " axes", [&] { return principal_axes(pool, pool.size(1)); });
}

std::unique_ptr<Detector> OutputDetector::prepare(Corner&, const Settings& settings) const {
  return std::make_unique<OutputScore>(*this, settings);
}

std::unique_ptr<Detector> CodeDetector::prepare(Corner& corner, const Settings& settings) const {
  const std::string key = fit_key(corner, settings);
  const CodeFit& fitted = corner.memo().get<CodeFit>(key, [&] { return fit(corner, settings); });
  const Dictionary* dictionary = corner.dictionary().get();
  corner.model().spend(fitted.fit_flops);
  const auto scores = [score = fitted.score, dictionary, &memo = corner.memo(), basis = corner.basis()](const at::Tensor& rows,
                                                                                                        const std::string& batch) {
    return score(memo.get<Encoded>(basis + " codes " + batch, [&] { return encode_rows(*dictionary, rows); }));
  };
  return std::make_unique<TokenDetector>(key, corner.site(), scores, encode_flops(*dictionary), settings.text("aggregation"), corner.memo());
}

const Encoded& CodeDetector::encoded_pool(Corner& corner) {
  const Dictionary& dictionary = *corner.dictionary();
  const auto rows = corner.pool().slice(0, 0, kEncodedPool);
  corner.model().spend(encode_flops(dictionary) * double(rows.size(0)));
  return corner.memo().get<Encoded>(corner.basis() + " pool", [&] { return encode_rows(dictionary, rows); });
}

}  // namespace fairfight
