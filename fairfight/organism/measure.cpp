#include "fairfight/organism/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/base/stop.h"
#include "fairfight/exam/questions.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr size_t kProbes = 256;   // a measure
constexpr size_t kSlice = 64;     // documents a forward pass

struct MeanError {
  double mean, standard_error;
};

MeanError mean_error(const std::vector<double>& x) {
  double sum = 0, squares = 0;
  for (double v : x) sum += v;
  const double n = double(x.size()), mean = sum / n;
  for (double v : x) squares += (v - mean) * (v - mean);
  return {mean, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0};
}

}  // namespace

std::vector<double> probe(const Transformer& model, const std::vector<Probe>& probes) {
  std::vector<Question> questions;
  for (const auto& p : probes) questions.push_back({p.prompt, p.targets});
  return Questionnaire({{"", std::move(questions)}}).ask([&](const at::Tensor& t, const Taps& taps) { return model.read_out(t, taps); }).at("");
}

std::vector<Measured> measure_behaviours(const Transformer& model, const World& world) {
  std::vector<Measured> all;
  for (const auto& behaviour : behaviours()) {
    Random random(world.seed(), fmt::format("measure/{}", behaviour.name));
    for (const auto& measure : behaviour.measures(world, random, kProbes)) {
      if (measure.probes.empty()) continue;  // the behaviour has no occasion in this world
      const auto [value, error] = mean_error(probe(model, measure.probes));
      double truth = 0;
      for (const auto& p : measure.probes) truth += p.truth / double(measure.probes.size());
      all.push_back({std::string(behaviour.name), measure.name, measure.about, truth, value, std::max(0.0, value - 1.96 * error),
                     std::min(1.0, value + 1.96 * error), int64_t(measure.probes.size())});
    }
  }
  return all;
}

Json to_json(const Measured& m) {
  return {{"behaviour", m.behaviour}, {"name", m.name}, {"about", m.about}, {"truth", m.truth}, {"value", m.value}, {"low", m.low}, {"high", m.high}, {"probes", m.probes}};
}

Measured read_measured(Fields f) {
  Measured m{f.text("behaviour"), f.text("name"), f.text("about"), f.number("truth", 0, 1), f.number("value", 0, 1),
             f.number("low", 0, 1), f.number("high", 0, 1), f.integer("probes", 1, INT32_MAX)};
  f.finish();
  return m;
}

Gap gap_to_floor(const Transformer& model, const std::vector<Document>& documents) {
  at::NoGradGuard no_grad;
  double model_nats = 0, floor_nats = 0;
  int64_t tokens = 0;
  std::vector<double> differences, lengths;
  for (size_t from = 0; from < documents.size(); from += kSlice) {
    check_stop();
    std::vector<std::vector<int32_t>> texts;
    for (size_t i = from; i < std::min(documents.size(), from + kSlice); ++i) texts.push_back(documents[i].tokens);
    const auto batch = pad(texts);
    const auto log_p = token_log_probabilities(model.read_out(batch.tokens), batch.tokens).to(at::kDouble).masked_fill(~batch.valid, 0).sum(1);
    for (size_t i = 0; i < texts.size(); ++i) {
      const double nats = -log_p[int64_t(i)].item<double>(), floor = -documents[from + i].log_probability;
      model_nats += nats;
      floor_nats += floor;
      tokens += int64_t(texts[i].size()) - 1;
      differences.push_back(nats - floor);
    }
  }
  // A ratio of means; its length varies little beside the difference, so the error is that of the numerator.
  const double per_document = double(tokens) / double(documents.size());
  const auto [mean, error] = mean_error(differences);
  return {model_nats / double(tokens), floor_nats / double(tokens), mean / per_document, error / per_document, tokens};
}

}  // namespace fairfight
