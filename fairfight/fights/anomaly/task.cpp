#include <algorithm>
#include <cmath>
#include <utility>

#include "fairfight/arena/outcome.h"
#include "fairfight/arena/referee.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/shipped.h"
#include "fairfight/disciplines/detect/parity.h"
#include "fairfight/disciplines/detect/roster.h"
#include "fairfight/disciplines/detect/score.h"
#include "fairfight/fights/anomaly/ground.h"
#include "fairfight/fights/anomaly/text_anomalies.h"
#include "fairfight/fights/list.h"
#include "fairfight/io/hub.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

const FightInfo& anomaly_info() {
  static const FightInfo info = [] {
    FightInfo i{"anomaly", "Anomaly detection", "Does a threshold on what a dictionary makes of a text find anomalous text as well as statistics that need no dictionary?", "T3", "detector", Metric::auroc()};
    i.metric.reported.below = "it takes what is anomalous for normal";
    return i;
  }();
  return info;
}

using Batches = std::map<std::string, Batch>;

Batch ready(const AnomalyGround& ground, const Texts& texts) {
  std::vector<std::vector<int32_t>> documents;
  for (const auto& text : texts) documents.push_back(ground.read(text));
  return pad(documents);
}

Batches ready(const AnomalyGround& ground, const Groups& groups) {
  Batches batches;
  for (const auto& [name, texts] : groups) batches.emplace(name, ready(ground, texts));
  return batches;
}

/// A list of documents a group, so that a sceptic can read what was tested.
std::string written_groups(const Groups& groups) {
  Json json = Json::object();
  for (const auto& [name, texts] : groups) json[name] = texts;
  return dump_json(json);
}

Groups read_groups(const std::string& text) {
  Groups groups;
  const Json json = parse_json(text, "the test split");
  for (const auto& [name, documents] : json.items()) groups[name] = documents.get<Texts>();
  return groups;
}

ItemScores score_groups(const Batches& groups, const Detector& detector, const SharedModel& model) {
  ItemScores scores;
  for (const auto& [name, batch] : groups) {
    const auto values = detector.score(model, batch).to(at::kDouble).contiguous();
    scores[name].assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return scores;
}

/// How far the AUROCs of a detector that knows nothing and of its mirror image are apart, in 95 of 100 cases at most: the null of a rank test, for one family.
double chance_of_sides(const Batches& groups) {
  double worst = 0;
  const double clean = double(groups.at(std::string(kClean)).documents());
  for (const auto& [name, batch] : groups)
    if (!is_clean(name)) worst = std::max(worst, std::sqrt((clean + double(batch.documents()) + 1) / (12 * clean * double(batch.documents()))));
  return 2 * 1.96 * worst;
}

class AnomalySetup final : public Setup<Detect> {
 public:
  explicit AnomalySetup(AnomalyGround ground)
      : ground_(std::move(ground)),
        pool_(ready(ground_, ground_.pool)),
        validation_(ready(ground_, ground_.validation)),
        labelled_(ready(ground_, ground_.labelled)),
        test_(written_groups(std::exchange(ground_.test, {}))) {}

  NamedModel model() const override { return ground_.loaded; }
  const Json& datasheet() const override { return ground_.datasheet; }
  const Batch& pool() const override { return pool_; }
  const Detect::Privilege* privilege() const override { return &labelled_; }
  std::string note() const override { return ground_.note; }

  /// The mean, so that no family's size counts.
  Validation validate(const Detector& detector, const SharedModel& model) const override {
    return {mean_auroc(score_groups(validation_, detector, model)), {}, "", chance_of_sides(validation_)};
  }

  Json hashes() const override {
    const auto hash = [](const Groups& groups) { return sha256(written_groups(groups)); };
    return {{"model", model().sha256},
            {"pool", hash({{"pool", ground_.pool}})},
            {"validation", hash(ground_.validation)},
            {"calibration", hash({{"calibration", ground_.calibration}})},
            {"labelled", hash(ground_.labelled)},
            {"test", test_.hash()}};
  }

  void close_test(const Registration& registration, const std::filesystem::path& file) override { test_.close(registration, file); }

  void open_test(const Registration& registration) override {
    Groups groups = read_groups(test_.open(registration));
    groups.emplace(kCalibration, ground_.calibration);
    opened_ = ready(ground_, groups);
  }

  std::vector<const Batch*> opened() const override {
    std::vector<const Batch*> batches;
    for (const auto& [name, batch] : opened_)
      if (name != kCalibration) batches.push_back(&batch);
    return batches;
  }

  Tested test(const Detector& detector, const SharedModel& model) const override {
    if (opened_.empty()) fail("[anomaly] the test split is still sealed");
    return {or_no_skill(score_groups(opened_, detector, model)), {}};
  }

 private:
  AnomalyGround ground_;
  Batch pool_;
  Batches validation_, labelled_, opened_;
  Sealed test_;
};

/// What a card becomes on a user's own text: the families of a town mean nothing there.
void override_data(Json& data, const UserData& own) {
  const std::string text = own.file("text"), other_text = own.file("other_text");
  const bool fresh = !data.contains("text");
  if (!other_text.empty() && text.empty() && fresh) fail("[fight] --other-text needs --text, a text that is normal");
  if (fresh && text.empty() && !own.model.empty() && !std::filesystem::exists(find_model(given_or_shipped(own.model).string()).folder / "datasheet.json"))
    fail("[fight] {}: got no text, and it has no datasheet.json that would say what is normal; expected --text FILE", own.model);
  for (const char* key : {"text", "other_text", "field"})
    if (const std::string given = own.file(key); !given.empty()) data[key] = given;
  if (fresh && data.contains("text")) {
    data.erase("families");
    data.erase("validation_families");
  } else if (!other_text.empty() && data.contains("families")) {
    data["families"].push_back(kOtherText);
  }
}

/// A file of what the user wants to find is found in use; a family that is made by a rule is not.
Cases cases_of(const AnomalyData& data, const std::vector<RoundOutcome>& outcomes) {
  if (outcomes[0].model.datasheet.contains("world")) return Cases::planted;
  return data.families == std::vector{std::string(kOtherText)} ? Cases::met : Cases::made;
}

class AnomalyTask final : public Task<Detect> {
 public:
  explicit AnomalyTask(const Card& card) : card_(card), data_(card.data) {
    if (!data_.own() && card.weights != Precision::float32) fail("[anomaly] dtype: a fight in a town is in float32; leave it out, or bring a text");
    if (!data_.own() && card.bos) fail("[anomaly] bos: the text of a town begins with one anyway; leave it out");
    card_.data["families"] = data_.families;  // named, so that they are registered
    card_.data["validation_families"] = data_.validation_families;
    card_.settle_test(roster_json(card_, methods_of(detectors())));
  }
  const FightInfo& info() const override { return anomaly_info(); }
  const Card& card() const override { return card_; }
  const Roster<Detect>& contestants() const override { return detectors(); }
  std::vector<Result::Family> families() const override { return families_of(data_); }
  std::unique_ptr<Round> round(size_t index) const override {
    return std::make_unique<AnomalySetup>(data_.own() ? own_ground(card_, data_) : town_ground(card_, index, data_));
  }
  std::optional<Calibration> parity(const Contestant<Detect>& contestant) const override { return calibrate_detector(contestant); }
  Cases cases(const std::vector<RoundOutcome>& outcomes) const override { return cases_of(data_, outcomes); }
  void tell(Result& result, const Contest& contest, const Venue&, const Tick&) const override { result.sections.push_back(detection_section(contest)); }
  Workload work() const override {
    const auto groups = [](size_t documents, const std::vector<std::string>& families) { return double(documents * (1 + families.size())); };
    return {configs_of(card_.models),
            {double(data_.pool), groups(data_.validation, data_.validation_families) + groups(data_.labelled, data_.validation_families),
             groups(data_.test, data_.families) + double(data_.calibration)},
            data_.own() ? double(data_.passage) : kTownTokens};
  }

 private:
  Card card_;
  AnomalyData data_;
};

}  // namespace

FightEntry anomaly_fight() {
  const auto task = [](const Card& card, Memo&) -> std::unique_ptr<AnyTask> { return std::make_unique<AnomalyTask>(card); };
  return {anomaly_info(), methods_of(detectors()), task, {{"text", "what is normal: .jsonl, .csv or .txt; anomalies are made of it by rules (words shuffled, documents spliced, typos ...)"}, {"other_text", "documents that are anomalous, one family more"}, kField}, override_data};
}

}  // namespace fairfight
