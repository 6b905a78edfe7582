#include <fmt/ranges.h>

#include "fairfight/arena/detection.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/contestants/detect/roster.h"
#include "fairfight/fights/list.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/training_text.h"

namespace fairfight {
namespace {

constexpr FightInfo kInfo{
    "anomaly", "Anomaly detection", "Does a threshold on a dictionary's reconstruction error find anomalous text better than plain statistics of the same activations do?",
    "T3", "detector", "auroc"};

/// The card's [data] table.
struct Data {
  size_t pool, validation, test;  // documents: in all, a group, a group
  std::vector<std::string> families, validation_families;

  explicit Data(const Json& json) {
    Fields f(json, "card.data");
    pool = size_t(f.integer("pool", 100, 10'000'000));
    validation = size_t(f.integer("validation", 20, 100'000));
    test = size_t(f.integer("test", 20, 100'000));
    families = f.texts("families");
    validation_families = f.texts("validation_families");
    f.finish();
    if (families.empty() || validation_families.empty()) fail("[card.data] \"families\" and \"validation_families\" need one name at least");
    for (const auto& name : validation_families)
      if (std::find(families.begin(), families.end(), name) != families.end())
        fail("[card.data] the family \"{}\" is tested and validated on; a detector must not be tuned on what it is tested on", name);
  }
};

const Anomaly& anomaly_by_name(const std::string& name) {
  std::vector<std::string_view> known;
  for (const auto& a : anomalies()) {
    if (a.name == name) return a;
    known.push_back(a.name);
  }
  fail("[card.data] unknown family \"{}\"; there is: {}", name, fmt::join(known, ", "));
}

/// Documents by group, "clean" and the families, ready for a forward pass.
using Groups = std::map<std::string, Batch>;

std::vector<std::vector<int32_t>> texts(const std::vector<Document>& documents) {
  std::vector<std::vector<int32_t>> list;
  for (const auto& d : documents) list.push_back(d.tokens);
  return list;
}

std::string hash_of(const Groups& groups) {
  Sha256 hash;
  for (const auto& [name, batch] : groups) {
    hash.update(name);
    hash.update(batch.tokens.data_ptr(), batch.tokens.nbytes());
  }
  return hash.hex();
}

Groups draw_groups(const World& clean, const World& full, Split split, const std::vector<std::string>& families, size_t count) {
  const std::string stream = fmt::format("fight/anomaly/{}", int(split));
  Groups groups{{std::string(kClean), pad(texts(draw_documents(clean, split, stream, count)), kPad)}};
  for (const auto& name : families) {
    const Anomaly& family = anomaly_by_name(name);
    const World& world = name == "insult" ? full : clean;
    Random random(full.seed(), fmt::format("{}/{}", stream, name));
    std::vector<std::vector<int32_t>> documents;
    while (documents.size() < count) documents.push_back(family.make(world, random, split));
    groups.emplace(name, pad(documents, kPad));
  }
  return groups;
}

ItemScores score_groups(const Groups& groups, const Detector& detector, const MeteredModel& model) {
  ItemScores scores;
  for (const auto& [name, batch] : groups) {
    const auto values = detector.score(model, batch).to(at::kDouble).contiguous();
    scores[name].assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return scores;
}

/// Clean text is the town without the insult, so that an insult is known to the model and new to the clean pool.
class AnomalyRound final : public Round<Detector> {
 public:
  AnomalyRound(Organism organism, const Data& data)
      : organism_(std::move(organism)),
        papers_(organism_.papers.json()),
        full_(organism_.papers.make_world()),
        clean_(full_.with_insult(false)),
        pool_(pad(texts(draw_documents(clean_, Split::dictionary, "fight/anomaly/pool", data.pool)), kPad)),
        validation_(draw_groups(clean_, full_, Split::validation, data.validation_families, data.validation)),
        test_(draw_test(data)) {}

  const LoadedModel& model() const override { return organism_.loaded; }
  const Json& papers() const override { return papers_; }
  const Batch& pool() const override { return pool_; }

  double validate(const Detector& detector, const MeteredModel& model) const override {
    return mean_auroc(score_groups(validation_, detector, model));
  }

  Json hashes() const override {
    return {{"model", organism_.loaded.sha256}, {"pool", hash_of({{"pool", pool_}})}, {"validation", hash_of(validation_)}, {"test", test_.hash()}};
  }

  void open_test(const Registration& registration) override { opened_ = test_.open(registration); }

  ItemScores test(const Detector& detector, const MeteredModel& model) const override {
    if (opened_.empty()) fail("[anomaly] the test split is still sealed");
    return score_groups(opened_, detector, model);
  }

 private:
  Sealed<Groups> draw_test(const Data& data) const {
    Groups groups = draw_groups(clean_, full_, Split::test, data.families, data.test);
    std::string hash = hash_of(groups);
    return {std::move(groups), std::move(hash)};
  }

  Organism organism_;
  Json papers_;
  World full_, clean_;
  Batch pool_;
  Groups validation_;
  Sealed<Groups> test_;
  Groups opened_;
};

class AnomalyFight final : public Fight<Detector> {
 public:
  FightInfo info() const override { return kInfo; }
  const Roster<Detector>& roster() const override { return detectors(); }
  std::unique_ptr<Round<Detector>> round(const Card& card, size_t index) const override {
    return std::make_unique<AnomalyRound>(load_organism(card.models[index]), Data(card.data));
  }
};

Result run(const Card& card, const Venue& venue) {
  std::vector<Result::Family> families;
  for (const auto& name : Data(card.data).families) families.push_back({name, std::string(anomaly_by_name(name).about)});
  const AnomalyFight fight;
  Referee<Detector> referee(fight, card, venue);
  const auto outcomes = referee.run();
  Result result = detection_result(fight.info(), card, referee.contestants(), families, outcomes);
  result.registration.sha256 = referee.registration_sha256();
  result.registration.card_sha256 = card.sha256;
  return result;
}

}  // namespace

FightEntry anomaly_fight() { return {kInfo, describe(detectors()), run}; }

}  // namespace fairfight
