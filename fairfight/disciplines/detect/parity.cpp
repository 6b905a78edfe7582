#include "fairfight/disciplines/detect/parity.h"

#include "fairfight/base/error.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/statistics.h"
#include "fairfight/disciplines/detect/fused.h"
#include "fairfight/disciplines/detect/pooled.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr uint64_t kSeeds = 5;
constexpr int64_t kWidth = 1024;  // of the dictionary whose weights the dense autoencoder has, as in make_reference.py
constexpr double kExact = 1e-6;  // a tenth of one swapped pair among 300 × 300

CalibrationTask load_task() {
  const auto path = [](const std::string& file) { return shipped("reference/" + file, "fairfight/disciplines/detect/goldens/" + file); };
  Json json = read_json(path("detectors.json"));
  return {json.at("fvu").get<double>(), json.at("detectors"), read_tensors(path("detectors.safetensors")).tensors};
}

const Json& entry_of(const Contestant<Detect>& baseline) {
  const auto& known = calibration_task().detectors;
  const auto found = known.find(baseline.name());
  if (found == known.end()) fail("[calibrate_detector] got \"{}\", expected a baseline with an entry in detectors.json", baseline.name());
  return *found;
}

/// A corner asks for a model to stand in; nothing here looks at it.
const Transformer& any_model() {
  static const Transformer model = [] {
    Config c;
    c.vocab = 2;
    c.d_model = 2;
    c.n_layers = 1;
    c.n_heads = c.n_kv_heads = 1;
    c.d_head = 2;
    c.d_mlp = 2;
    c.n_ctx = 2;
    return Transformer(c, random_weights(c, Random(0, "calibration")));
  }();
  return model;
}

/// What the task's logits say, the first half of the documents clean.
struct CalibrationOutputs {
  Outputs outputs;
  at::Tensor valid;
  int64_t clean;
};

const CalibrationOutputs& calibration_outputs() {
  static const CalibrationOutputs known = [] {
    const auto& tensors = calibration_task().tensors;
    const auto tokens = tensors.at("tokens").to(at::kLong);
    const ReadOut said(tensors.at("logits"), at::eye(tensors.at("logits").size(2)));
    CalibrationOutputs all{outputs_of(said, tokens), at::ones(tokens.sizes(), at::kBool), tokens.size(0) / 2};
    all.outputs.gradient_norm = said.gradient_norms();
    all.valid.select(1, 0).fill_(false);
    return all;
  }();
  return known;
}

/// Of the rows "fit", and of the clean and the anomalous ones, as the settings' direction reads them.
std::pair<at::Tensor, at::Tensor> row_scores(const Contestant<Detect>& contestant, const Settings& settings, uint64_t seed) {
  const auto& [fvu, detectors, tensors] = calibration_task();
  const auto& pool = tensors.at("fit");
  const Ground ground{any_model(), {View{Site::parse("blocks.0.hook_resid_post"), pool, {}, nullptr, fvu, kWidth}}, "calibration", seed};
  Memo model_memo, shared;
  Corner<Detect> corner(ground, std::string(contestant.name()), contestant.role(), model_memo, shared, nullptr, nullptr);
  RowFit fitted;
  if (const auto* method = dynamic_cast<const PooledDetector*>(&contestant))
    fitted = method->fit(pool, settings);
  else if (const auto* method = dynamic_cast<const RowDetector*>(&contestant))
    fitted = method->fit(corner, settings);
  else
    fail("[calibrate_detector] got \"{}\", expected a detector of rows, of documents or of outputs", contestant.name());
  const auto usual = fitted(pool).to(at::kDouble);
  const auto read = [&](const at::Tensor& scores) { return directed(scores, settings.text("direction"), usual.median().item<double>()); };
  return {read(usual), read(fitted(at::cat({tensors.at("clean"), tensors.at("anomalous")})).to(at::kDouble))};
}

}  // namespace

const CalibrationTask& calibration_task() {
  static const CalibrationTask task = load_task();
  return task;
}

at::Tensor calibration_scores(const Contestant<Detect>& baseline, uint64_t seed, const std::string& direction) {
  Json values = entry_of(baseline).at("settings");
  values["direction"] = direction;
  const Settings settings(values);
  if (const auto* method = dynamic_cast<const OutputDetector*>(&baseline)) {
    const auto& [outputs, valid, clean] = calibration_outputs();
    const auto scores = method->score(outputs, valid, settings);
    return directed(scores, direction, scores.slice(0, 0, clean).median().item<double>());
  }
  const auto* fused = dynamic_cast<const Fused*>(&baseline);
  const auto [usual, scores] = row_scores(fused ? fused->other() : baseline, fused ? Fused::without_weight(settings) : settings, seed);
  if (!fused) return scores;
  const auto& [outputs, valid, clean] = calibration_outputs();  // as many rows of either kind as there are documents
  const auto surprises = surprise(outputs, valid);
  const auto rows = at::cat({scores.slice(0, 0, clean), scores.slice(0, scores.size(0) / 2, scores.size(0) / 2 + clean)});
  return Standard(surprises.slice(0, 0, clean))(surprises) + settings.number("weight") * Standard(usual)(rows);
}

std::optional<Calibration> calibrate_detector(const Contestant<Detect>& contestant) {
  if (contestant.role() != Role::baseline) return {};
  const Json& entry = entry_of(contestant);
  const bool random = entry.contains("spread");
  Calibration result{0, entry.at("auroc").get<double>(), kExact};
  if (random) result.tolerance = result.reference - entry.at("spread").at(0).get<double>();
  const uint64_t seeds = random ? kSeeds : 1;
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    const auto scores = calibration_scores(contestant, seed).contiguous();
    const std::span<const double> all(scores.data_ptr<double>(), size_t(scores.numel()));
    result.reached += auroc(all.first(all.size() / 2), all.last(all.size() / 2)) / double(seeds);
  }
  return result;
}

}  // namespace fairfight
