#include "fairfight/disciplines/detect/tokenwise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/acts/sinks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kSlice = 1024;         // rows scored at once: against a bank of 8,192 they make 32 MB
constexpr int64_t kEncodedPool = 32768;  // pool rows that challengers look at

/// The same settings without how the scores are read name a fit.
std::string fit_key(const Corner<Detect>& corner, const Settings& settings) {
  Json hyperparameters = settings.json();
  hyperparameters.erase("aggregation");
  hyperparameters.erase("direction");
  return corner.memo_key() + " " + hyperparameters.dump();
}

at::Tensor scatter(const at::Tensor& scores, const at::Tensor& valid) {
  auto placed = at::zeros(valid.sizes(), at::kDouble);
  placed.index_put_({valid}, scores.to(at::kDouble));
  return placed;
}

double median_of(const at::Tensor& scores) { return scores.median().item<double>(); }
bool asks_for_usual(const Settings& settings) { return settings.text("direction") == "both"; }

/// Scores of tokens by a fit, attention sinks left out; the trials that differ in how they read them share them.
class TokenDetector final : public Detector {
 public:
  using Scores = std::function<at::Tensor(const at::Tensor& rows, const std::string& batch)>;  // of the reported tokens, in order
  TokenDetector(const Corner<Detect>& corner, std::string key, Scores scores, const Settings& settings)
      : key_(std::move(key)),
        site_(corner.site()),
        most_norm_(corner.most_norm()),
        scores_(std::move(scores)),
        direction_(settings.text("direction")),
        aggregation_(settings.text("aggregation")),
        memo_(corner.memo()) {
    if (direction_ == "both") usual_ = median_of(as_it_is(corner.model(), corner.first_texts()));
  }

  at::Tensor score(const SharedModel& model, const Batch& batch) const override { return directed(as_it_is(model, batch), direction_, usual_); }

 private:
  at::Tensor as_it_is(const SharedModel& model, const Batch& batch) const {
    at::NoGradGuard no_grad;
    const auto x = model.activations(batch, site_);
    const std::string of = key_of(batch);
    const auto& reported = memo_.get<at::Tensor>(fmt::format("reported {} {}", site_.name(), of), [&] { return no_sinks(x, batch.valid, most_norm_); });
    const auto rows = x.flatten(0, 1).index({reported.flatten()});
    const auto& scores = memo_.get<at::Tensor>(key_ + " | " + of, [&] { return scatter(scores_(rows, of), reported); });
    return aggregate(scores, reported, aggregation_);
  }

  std::string key_;
  Site site_;
  double most_norm_;
  Scores scores_;
  std::string direction_, aggregation_;
  double usual_ = 0;
  Memo& memo_;
};

class OutputScore final : public Detector {
 public:
  OutputScore(const OutputDetector& method, Settings settings, double usual) : method_(method), settings_(std::move(settings)), usual_(usual) {}
  at::Tensor score(const SharedModel& model, const Batch& batch) const override { return directed(method_.score(method_.look(model, batch), batch.valid, settings_), settings_.text("direction"), usual_); }

 private:
  const OutputDetector& method_;
  Settings settings_;
  double usual_;
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

}  // namespace

const std::vector<Json>& aggregations() {
  static const std::vector<Json> names{"mean", "max", "q95", "last"};
  return names;
}

at::Tensor aggregate(const at::Tensor& scores, const at::Tensor& valid, const std::string& how) {
  const auto count = valid.sum(1);
  if (count.min().item<int64_t>() < 1) fail("[aggregate] a document has no token after its first");
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

const std::vector<Json>& directions() {
  static const std::vector<Json> names{"high", "low", "both"};
  return names;
}

at::Tensor directed(const at::Tensor& scores, const std::string& direction, double usual) {
  if (direction == "high") return scores;
  if (direction == "low") return -scores;
  if (direction == "both") return (scores - usual).abs();
  fail("[directed] got \"{}\", expected high, low or both", direction);
}

std::unique_ptr<Detector> RowDetector::prepare(Corner<Detect>& corner, const Settings& settings) const {
  const std::string key = fit_key(corner, settings);
  corner.pool();  // paid
  const RowFit& fitted = corner.memo().get<RowFit>(key, [&] { return fit(corner, settings); });
  const auto scores = [score = fitted](const at::Tensor& rows, const std::string&) {
    std::vector<at::Tensor> pieces;
    for (const auto& slice : rows.split(kSlice)) {
      check_stop();
      pieces.push_back(score(slice).to(at::kDouble));
    }
    return at::cat(pieces);
  };
  return std::make_unique<TokenDetector>(corner, key, scores, settings);
}

const PrincipalAxes& RowDetector::pool_axes(Corner<Detect>& corner) {
  const auto& pool = corner.pool();
  return corner.memo().get<PrincipalAxes>(corner.basis() + " axes", [&] { return principal_axes(pool, pool.size(1)); });
}

at::Tensor OutputDetector::score(const Outputs& outputs, const at::Tensor& valid, const Settings& settings) const {
  const auto values = measure(outputs, valid, settings).to(at::kDouble);
  return values.dim() == 1 ? values : aggregate(values, valid, settings.text("aggregation"));
}

std::unique_ptr<Detector> OutputDetector::prepare(Corner<Detect>& corner, const Settings& settings) const {
  if (!asks_for_usual(settings)) return std::make_unique<OutputScore>(*this, settings, 0);
  const Batch clean = corner.first_texts();
  return std::make_unique<OutputScore>(*this, settings, median_of(score(look(corner.model(), clean), clean.valid, settings)));
}

std::unique_ptr<Detector> CodeDetector::prepare(Corner<Detect>& corner, const Settings& settings) const {
  corner.pool();  // paid
  const std::string key = fit_key(corner, settings);
  const CodeFit& fitted = corner.memo().get<CodeFit>(key, [&] { return fit(corner, settings); });
  const Dictionary* dictionary = corner.dictionary().get();
  const auto scores = [score = fitted, dictionary, &memo = corner.memo(), basis = corner.basis()](const at::Tensor& rows,
                                                                                                  const std::string& batch) {
    return score(memo.get<Encoded>(basis + " codes " + batch, [&] { return encode_rows(*dictionary, rows); }));
  };
  return std::make_unique<TokenDetector>(corner, key, scores, settings);
}

const Encoded& CodeDetector::encoded_pool(Corner<Detect>& corner) {
  return corner.memo().get<Encoded>(corner.basis() + " pool", [&] { return encode_rows(*corner.dictionary(), corner.pool().slice(0, 0, kEncodedPool)); });
}

}  // namespace fairfight
