#include "fairfight/arena/contest.h"
#include "fairfight/arena/referee.h"
#include "fairfight/arena/user_data.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/statistics.h"
#include "fairfight/disciplines/concept/discipline.h"
#include "fairfight/fights/list.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

using tinytown::Document, tinytown::Organism, tinytown::Split, tinytown::World;

struct ConceptData {
  std::string kind;  // of a town's documents: those that have it
  size_t pool, examples, validation, test;

  explicit ConceptData(const Json& json) {
    Fields f(json, "card.data");
    kind = f.text("kind");
    for (const auto& [key, size] : {std::pair{"pool", &pool}, {"examples", &examples}, {"validation", &validation}, {"test", &test}}) *size = size_t(f.integer(key, 20, 1'000'000));
    f.finish();
  }
};

using Written = std::vector<Tokens>;  // documents

/// Documents of the kind, or of any other.
Written draw(const World& world, Split split, const std::string& stream, const std::string& kind, bool with, size_t count) {
  Random random(world.seed(), "fight/concept/" + stream + (with ? "/with" : "/without"));
  Written documents;
  while (documents.size() < count) {
    if (Document d = with ? world.sample(random, split, kind) : world.sample(random, split); with || d.kind != kind) documents.push_back(std::move(d.tokens));
  }
  return documents;
}

Json json_of(const Written& with, const Written& without) { return {{"with", with}, {"without", without}}; }

class ConceptSetup final : public Setup<Concept> {
 public:
  ConceptSetup(Organism organism, const ConceptData& data, const std::string& test_stream) : organism_(std::move(organism)), datasheet_(organism_.datasheet.json()) {
    const World world = organism_.datasheet.make_world();
    const auto both = [&](Split split, const char* stream, size_t count) {
      return std::pair(draw(world, split, stream, data.kind, true, count), draw(world, split, stream, data.kind, false, count));
    };
    Random random(world.seed(), "fight/concept/pool");
    Written pool;
    while (pool.size() < data.pool) pool.push_back(world.sample(random, Split::dictionary).tokens);
    const auto examples = both(Split::fit, "examples", data.examples), validation = both(Split::validation, "validation", data.validation), test = both(Split::test, ("test/" + test_stream).c_str(), data.test);
    pool_ = pad(pool);
    offer_ = {pad(examples.first), pad(examples.second)};
    validation_ = {pad(validation.first), pad(validation.second)};
    hashes_ = {{"model", organism_.loaded.sha256}, {"pool", sha256(dump_json(pool))}, {"examples", sha256(dump_json(json_of(examples.first, examples.second)))}, {"validation", sha256(dump_json(json_of(validation.first, validation.second)))}};
    test_.emplace(dump_json(json_of(test.first, test.second)));
    hashes_["test"] = test_->hash();
  }
  NamedModel model() const override { return organism_.loaded; }
  const Json& datasheet() const override { return datasheet_; }
  const Batch& pool() const override { return pool_; }
  const Concept::Offer* offer() const override { return &offer_; }
  Json hashes() const override { return hashes_; }
  void close_test(const Registration& registration, const std::filesystem::path& file) override { test_->close(registration, file); }
  void open_test(const Registration& registration) override {
    const Json json = parse_json(test_->open(registration), "the test split");
    opened_ = {pad(json.at("with").get<Written>()), pad(json.at("without").get<Written>())};
  }
  Validation validate(const Direction& direction, const SharedModel& model) const override {
    const ItemScores scores = scored(validation_, direction, model);
    return {auroc(scores.at(std::string(kClean)), scores.at("concept"))};
  }
  Tested test(const Direction& direction, const SharedModel& model) const override {
    if (opened_.with.documents() == 0) fail("[concept] the test split is still sealed");
    return {scored(opened_, direction, model), {}};
  }

 private:
  /// How far each document lies along the direction.
  ItemScores scored(const Concept::Offer& documents, const Direction& direction, const SharedModel& model) const {
    const auto along = [&](const Batch& batch) {
      const auto x = document_means(model, direction.site, batch).to(at::kDouble).mv(direction.w.to(at::kDouble)).contiguous();
      return std::vector<double>(x.data_ptr<double>(), x.data_ptr<double>() + x.numel());
    };
    return {{std::string(kClean), along(documents.without)}, {"concept", along(documents.with)}};
  }

  Organism organism_;
  Json datasheet_, hashes_;
  Batch pool_;
  Concept::Offer offer_, validation_, opened_{{at::zeros({0, 1}, at::kLong), {}}, {}};
  std::optional<Sealed> test_;
};

const FightInfo& concept_info() {
  static const FightInfo info{"concept", "A concept's direction (a toy)", "Does a single feature of a dictionary point at a kind of document as well as the difference of its examples' means?", "none",
                              "concept", Metric::auroc()};
  return info;
}

class ConceptTask final : public Task<Concept> {
 public:
  explicit ConceptTask(const Card& card) : card_(card), data_(card.data) {
    if (card.weights != Precision::float32) fail("[concept] dtype: a fight in a town is in float32; leave it out");
    card_.settle_test(roster_json(card_, methods_of(concept_finders())));
    if (card.bos) fail("[concept] bos: the text of a town begins with one anyway; leave it out");
  }
  const FightInfo& info() const override { return concept_info(); }
  const Card& card() const override { return card_; }
  const Roster<Concept>& contestants() const override { return concept_finders(); }
  std::vector<Result::Family> families() const override { return {{"concept", data_.kind + " among documents of other kinds"}}; }
  std::unique_ptr<Round> round(size_t index) const override { return std::make_unique<ConceptSetup>(tinytown::load_language_organism(card_.models[index]), data_, card_.test_stream); }
  Workload work() const override { return {configs_of(card_.models), {double(data_.pool), 2 * double(data_.examples + data_.validation), 2 * double(data_.test)}, kTownTokens}; }
  Cases cases(const std::vector<RoundOutcome>&) const override { return Cases::planted; }
  std::optional<Calibration> parity(const Contestant<Concept>&) const override { return std::nullopt; }
  void tell(Result&, const Contest&, const Venue&, const Tick&) const override {}

 private:
  Card card_;
  ConceptData data_;
};

}  // namespace

FightEntry concept_fight() {
  const auto task = [](const Card& card, Memo&) -> std::unique_ptr<AnyTask> { return std::make_unique<ConceptTask>(card); };
  return {concept_info(), methods_of(concept_finders()), task, {}, nullptr};
}

}  // namespace fairfight
