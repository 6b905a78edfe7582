#include <fmt/ranges.h>

#include <set>

#include "fairfight/arena/detection.h"
#include "fairfight/arena/referee.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/contestants/detect/reference.h"
#include "fairfight/contestants/detect/roster.h"
#include "fairfight/fights/list.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/tinytown/anomalies.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight {
namespace {

constexpr FightInfo kInfo{
    "anomaly", "Anomaly detection", "Does a threshold on what a dictionary makes of a text find anomalous text as well as statistics that need no dictionary?",
    "T3", "detector", "auroc"};

/// The card's [data] table.
struct Data {
  size_t pool, validation, calibration, labelled, test;  // documents: in all for the pool and the calibration, else a group
  std::vector<std::string> families, validation_families;

  explicit Data(const Json& json) {
    Fields f(json, "card.data");
    pool = size_t(f.integer("pool", 100, 10'000'000));
    validation = size_t(f.integer("validation", 20, 100'000));
    calibration = size_t(f.integer("calibration", 20, 100'000));
    labelled = size_t(f.integer("labelled", 20, 100'000));
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

using Documents = std::vector<Tokens>;
using Groups = std::map<std::string, Documents>;  // "clean", the families, and "calibration"
using Batches = std::map<std::string, Batch>;

/// The town in which a fight takes place: without the insult, so that an insult is known to the model and new to the clean
/// text, and without the backdoor's answer. In a backdoored model the trigger alone is the anomaly.
World clean_world(const World& world) { return World(world.seed()).with_insult(false); }

/// Ordinary documents but for those that `seen` has or that carry the backdoor's trigger by chance.
Documents draw_clean(const World& clean, Split split, const std::string& stream, size_t count, const Documents& seen = {}) {
  const std::set<Tokens> known(seen.begin(), seen.end());
  Random random(clean.seed(), stream);
  Documents documents;
  while (documents.size() < count) {
    Tokens tokens = clean.sample(random, split).tokens;
    if (!tinytown::has_trigger(tokens) && !known.contains(tokens)) documents.push_back(std::move(tokens));
  }
  return documents;
}

Groups draw_groups(const World& clean, Split split, const std::vector<std::string>& families, size_t count) {
  const std::string stream = fmt::format("fight/anomaly/{}", int(split));
  Groups groups{{std::string(kClean), draw_clean(clean, split, stream, count)}};
  for (const auto& name : families) {
    const Anomaly& family = anomaly_by_name(name);
    Random random(clean.seed(), fmt::format("{}/{}", stream, name));
    Documents& documents = groups[name];
    while (documents.size() < count) {
      Tokens tokens = family.make(clean, random, split);
      if (name == "trigger" || !tinytown::has_trigger(tokens)) documents.push_back(std::move(tokens));
    }
  }
  return groups;
}

Batches ready(const Groups& groups) {
  Batches batches;
  for (const auto& [name, documents] : groups) batches.emplace(name, pad(documents, kPad));
  return batches;
}

/// One document a line, so that a sceptic can read what was tested.
std::string written(const World& world, const Groups& groups) {
  Json json = Json::object();
  for (const auto& [name, documents] : groups)
    for (const auto& tokens : documents) json[name].push_back(world.text(tokens));
  return dump_json(json);
}

Groups read_groups(const std::string& text) {
  Groups groups;
  const Json json = parse_json(text, "the test split");
  for (const auto& [name, documents] : json.items())
    for (const auto& document : documents) groups[name].push_back(tinytown::read_words(document.get<std::string>()));
  return groups;
}

ItemScores score_groups(const Batches& groups, const Detector& detector, const MeteredModel& model) {
  ItemScores scores;
  for (const auto& [name, batch] : groups) {
    const auto values = detector.score(model, batch).to(at::kDouble).contiguous();
    scores[name].assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return scores;
}

class AnomalyRound final : public Round<Detector> {
 public:
  AnomalyRound(Organism organism, const Data& data)
      : organism_(std::move(organism)),
        papers_(organism_.papers.json()),
        clean_(clean_world(organism_.papers.make_world())),
        pool_documents_(draw_clean(clean_, Split::dictionary, "fight/anomaly/pool", data.pool)),
        validation_documents_(draw_groups(clean_, Split::validation, data.validation_families, data.validation)),
        labelled_documents_(draw_groups(clean_, Split::fit, data.families, data.labelled)),
        calibration_documents_(
            draw_clean(clean_, Split::validation, "fight/anomaly/calibration", data.calibration, validation_documents_.at(std::string(kClean)))),
        pool_(pad(pool_documents_, kPad)),
        validation_(ready(validation_documents_)),
        labelled_(ready(labelled_documents_)),
        test_(written(clean_, draw_groups(clean_, Split::test, data.families, data.test))) {
    if (organism_.papers.variant != OrganismSettings::Variant::backdoored &&
        std::find(data.families.begin(), data.families.end(), "trigger") != data.families.end())
      fail("[anomaly] the family \"trigger\" needs a backdoored model; {} is a {}", organism_.papers.world, name_of(organism_.papers.variant));
  }

  const LoadedModel& model() const override { return organism_.loaded; }
  const Json& papers() const override { return papers_; }
  const Batch& pool() const override { return pool_; }
  const Labelled& labelled() const override { return labelled_; }

  /// The mean, so that no family's size counts.
  Validation validate(const Detector& detector, const MeteredModel& model) const override {
    return {mean_auroc(score_groups(validation_, detector, model)), true, {}};
  }

  Json hashes() const override {
    const auto hash = [&](const Groups& groups) { return sha256(written(clean_, groups)); };
    return {{"model", organism_.loaded.sha256},
            {"pool", hash({{"pool", pool_documents_}})},
            {"validation", hash(validation_documents_)},
            {"calibration", hash({{"calibration", calibration_documents_}})},
            {"labelled", hash(labelled_documents_)},
            {"test", test_.hash()}};
  }

  void close_test(const Registration& registration, const std::filesystem::path& file) override { test_.close(registration, file); }

  void open_test(const Registration& registration) override {
    Groups groups = read_groups(test_.open(registration));
    groups.emplace(kCalibration, calibration_documents_);
    opened_ = ready(groups);
  }

  Tested test(const Detector& detector, const MeteredModel& model) const override {
    if (opened_.empty()) fail("[anomaly] the test split is still sealed");
    return {score_groups(opened_, detector, model), {}};
  }

 private:
  Organism organism_;
  Json papers_;
  World clean_;
  Documents pool_documents_;
  Groups validation_documents_, labelled_documents_;
  Documents calibration_documents_;
  Batch pool_;
  Batches validation_, labelled_, opened_;
  Sealed test_;
};

class AnomalyFight final : public Fight<Detector> {
 public:
  FightInfo info() const override { return kInfo; }
  const Roster<Detector>& roster() const override { return detectors(); }
  std::unique_ptr<Round<Detector>> round(const Card& card, size_t index) const override {
    return std::make_unique<AnomalyRound>(load_organism(card.models[index]), Data(card.data));
  }
  std::optional<Calibration> calibrate(const Contestant<Detector>& contestant) const override { return calibrate_detector(contestant); }
};

Result run(const Card& card, const Venue& venue) {
  std::vector<Result::Family> families;
  for (const auto& name : Data(card.data).families) families.push_back({name, std::string(anomaly_by_name(name).about)});
  const AnomalyFight fight;
  Referee<Detector> referee(fight, card, venue);
  const auto outcomes = referee.run();
  const auto contestants = referee.contestants();
  const auto calibrations = referee.calibrations();
  const Tick tick = referee.progress().next();
  const Timed timed(*venue.profile, "judging");
  Result result = judge_detection({kInfo, card, contestants, calibrations, referee.bases(), families, outcomes,
                                   {"", referee.registration_sha256(), card.sha256}, true, {}, {}, {}, {}},
                                  tick);
  referee.progress().done(result.verdict.ruling.label == Result::Label::inconclusive ? "not settled" : "");
  return result;
}

}  // namespace

FightEntry anomaly_fight() { return {kInfo, describe(detectors()), run}; }

}  // namespace fairfight
