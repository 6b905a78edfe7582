#include "fairfight/disciplines/repair/features.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/disciplines/repair/prompts.h"
#include "fairfight/methods/attribution.h"
#include "fairfight/methods/signed_features.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kSlice = 8192;
constexpr int64_t kShown = 20;          // examples of a feature that the reviewer looks at
constexpr int64_t kAttributed = 32;     // documents
constexpr double kRetainedAtMost = 0.01, kImportanceQuantile = 0.95;

/// Activations of the tokens of a batch where `which` [docs, pos] holds.
at::Tensor rows_of(Corner<Repair>& corner, const Batch& batch, const at::Tensor& which) {
  return corner.model().activations(batch, corner.site()).flatten(0, 1).index({which.flatten()});
}

/// Whether at least half of a feature's `kShown` strongest tokens are harmful ones.
class Gallery {
 public:
  explicit Gallery(int64_t width) : width_(width), shown_(size_t(SignedFeatures::kHalves * width)) {}

  void add(const Codes& codes, bool harmful) {
    const auto values = codes.values.contiguous();
    const auto indices = codes.indices.contiguous();
    const float* f = values.data_ptr<float>();
    const int32_t* j = indices.data_ptr<int32_t>();
    for (int64_t i = 0; i < values.numel(); ++i) {
      if (f[i] == 0) continue;
      auto& list = shown_[size_t(f[i] < 0 ? j[i] + width_ : j[i])];
      const std::pair<float, bool> example{std::abs(f[i]), harmful};
      if (int64_t(list.size()) == kShown && example.first <= list.back().first) continue;
      list.insert(std::upper_bound(list.begin(), list.end(), example, [](const auto& a, const auto& b) { return a.first > b.first; }), example);
      if (int64_t(list.size()) > kShown) list.pop_back();
    }
  }

  at::Tensor looks_harmful() const {
    auto verdicts = at::zeros({int64_t(shown_.size())}, at::kBool);
    for (size_t j = 0; j < shown_.size(); ++j) {
      const auto harmful = std::count_if(shown_[j].begin(), shown_[j].end(), [](const auto& e) { return e.second; });
      verdicts[int64_t(j)] = !shown_[j].empty() && 2 * harmful >= std::ptrdiff_t(shown_[j].size());
    }
    return verdicts;
  }

 private:
  int64_t width_;
  std::vector<std::vector<std::pair<float, bool>>> shown_;
};

/// The words that tell the harmful answers, and how often each does: [vocab], sums to 1.
at::Tensor telling_words(const Partings& harmful, int64_t vocab) {
  auto share = at::zeros({vocab});
  share.index_add_(0, harmful.next, at::ones({harmful.documents()}));
  return share / double(harmful.documents());
}

/// What adding a unit of each atom to the final residual stream does to the logits of the word that tells the answer, above the mean of
/// the vocabulary: the "logit lens" with the last norm's gain, its scale left out (it is the same for all).
at::Tensor output_of(const Transformer& model, const Dictionary& dictionary, const at::Tensor& words) {
  const auto& w = model.weights();
  const auto direction = words.matmul(w.unembed) - w.unembed.mean(0);
  const auto effect = (dictionary.w_dec() * w.ln_final.w).matmul(direction).to(at::kDouble);
  return at::cat({effect, -effect});
}

/// How far log p(a word that tells harmful answers) falls where they part from the others if a feature is ablated everywhere: [2 width].
/// A feature with codes of both signs has one effect: it goes to the signed feature that is stronger there.
at::Tensor attribution_of(Corner<Repair>& corner, const Partings& harmful, const at::Tensor& harmful_mean) {
  const Partings some = rows_of(harmful, at::arange(std::min(kAttributed, harmful.documents())));
  const auto metric = [&](const ReadOut& said, const at::Tensor& rows) {
    const auto last = some.last.index_select(0, rows) + at::arange(rows.size(0), at::kLong) * said.shape()[1];
    return said.at(last).logits().log_softmax(-1).masked_fill(some.harmful.index_select(0, rows).logical_not(), -INFINITY).logsumexp(-1);
  };
  const Attribution found = attribute(corner.model().transformer(), *corner.dictionary(), corner.site(), some.begun, metric);
  const int64_t width = corner.dictionary()->width();
  const auto positive = harmful_mean.slice(0, 0, width) >= harmful_mean.slice(0, width);
  const auto fall = -found.effects;
  return at::cat({fall.masked_fill(positive.logical_not(), 0), fall.masked_fill(positive, 0)});
}

FeatureReport look(Corner<Repair>& corner) {
  const Examples& examples = corner.offer();
  const Dictionary& dictionary = *corner.dictionary();
  const int64_t width = dictionary.width();
  FiringCounter harmful(width), retained(width);
  Gallery gallery(width);
  const auto see = [&](const at::Tensor& rows, FiringCounter& counter, bool is_harmful) {
    for (const auto& slice : rows.split(kSlice)) {
      const Codes codes = dictionary.encode(slice);
      counter.add(codes);
      gallery.add(codes, is_harmful);
    }
  };
  see(deciding_rows(corner, corner.site(), true), harmful, true);
  see(rows_of(corner, examples.harmless.batch, examples.harmless.batch.valid), retained, false);
  const at::Tensor& text = corner.model().activations(examples.retained, corner.site());
  see(text.flatten(0, 1).index({examples.retained.valid.flatten()}), retained, false);

  FeatureReport report{harmful.frequency(), retained.frequency(), harmful.mean(), harmful.mean_square(), retained.mean_square(), at::maximum(harmful.largest(), retained.largest()), {}, {}, gallery.looks_harmful(), text};
  const int64_t vocab = corner.model().config().vocab;
  const Partings partings = harmful_partings(examples, vocab);
  if (partings.documents() == 0) {  // every harmful answer is a harmless one, too
    report.output = report.attribution = at::zeros_like(report.harmful_mean);
    return report;
  }
  report.output = output_of(corner.model().transformer(), dictionary, telling_words(partings, vocab)) * report.harmful_mean;
  report.attribution = attribution_of(corner, partings, report.harmful_mean);
  return report;
}

const FeatureReport& report_of(Corner<Repair>& corner) {
  return corner.memo().get<FeatureReport>(corner.basis() + " features", [&] { return look(corner); });
}

at::Tensor ranked(const FeatureReport& r, const std::string& selection) {
  if (selection == "frequency") return r.harmful_frequency.masked_fill(r.retained_frequency > kRetainedAtMost, -1);
  if (selection == "importance") {
    const auto ratio = r.harmful_square / (r.retained_square + 1e-21);
    const auto seen = ratio.masked_select(r.harmful_frequency > 0);
    if (seen.numel() == 0) return r.harmful_square;
    return r.harmful_square.masked_fill(ratio < at::quantile(seen, kImportanceQuantile), -1);
  }
  if (selection == "attribution") return r.attribution;
  if (selection == "output") return r.output;
  fail("[features] got selection \"{}\", expected frequency, importance, attribution or output", selection);
}

}  // namespace

SearchSpace FeatureRepair::space() const {
  return own_space()
      .hyperparameter("selection", {"frequency", "importance", "attribution", "output"})
      .hyperparameter("features", {1, 2, 5, 10, 20, 50}, Ends::open_above)
      .hyperparameter("approval", {"none", "reviewer"});
}

std::unique_ptr<Patch> FeatureRepair::prepare(Corner<Repair>& corner, const Settings& settings) const {
  auto patch = std::make_unique<Patch>();
  if (corner.offer().harmful.documents() > 0)  // else there is nothing to choose by
    corner.at_each_site([&] { *patch = patch->then(*prepare_here(corner, settings)); });
  return patch;
}

std::unique_ptr<Patch> FeatureRepair::prepare_here(Corner<Repair>& corner, const Settings& settings) const {
  const FeatureReport& report = report_of(corner);
  const auto score = ranked(report, settings.text("selection"));
  const auto order = score.argsort(0, true);
  std::vector<int64_t> chosen;
  Random reviewer = corner.random(fmt::format("judge/{}", corner.basis()));
  const bool asked = settings.text("approval") == "reviewer";
  for (int64_t i = 0; i < std::min(settings.integer("features"), order.size(0)); ++i) {
    const int64_t j = order[i].item<int64_t>();
    if (score[j].item<double>() <= 0) break;
    if (asked) {
      corner.ask(1);
      const bool wrong = reviewer.uniform() < corner.offer().reviewer_error;
      if (report.looks_harmful[j].item<bool>() == wrong) continue;
    }
    chosen.push_back(j);
  }
  if (chosen.empty()) return std::make_unique<Patch>();  // nothing was found, or nothing was approved
  return repair(corner, settings, at::tensor(chosen, at::kLong), report);
}

}  // namespace fairfight
