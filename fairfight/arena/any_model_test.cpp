// A fight about something that is no transformer: a network that says what each move on a board is worth.

#include <gmock/gmock.h>

#include "fairfight/arena/referee.h"
#include "fairfight/base/error.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Squares of a board [batch, 9], 0 to 2 -> what a move to each is worth, [batch, 9]: two residual layers, the second of which mixes squares.
class Player final : public Model {
 public:
  explicit Player(Random random) {
    const auto generator = at::detail::createCPUGenerator(random.next());
    for (auto* w : {&embed_, &within_, &across_, &value_}) *w = at::randn({9, 9}, generator, at::kFloat) / 3;
  }
  std::vector<Site> sites() const override { return {first(), second()}; }
  int64_t width(const Site& site) const override {
    if (site != first() && site != second()) fail("[player] got {}, expected a site of its own", site.name());
    return 9;
  }
  at::Tensor forward(const at::Tensor& board, const Taps& taps) const override {
    for (const Site& site : taps.sites()) width(site);
    const Chunk chunk = Chunk::whole(board);
    auto x = embed_.index_select(0, board.flatten()).view({board.size(0), board.size(1), 9});
    x = taps.meet(first(), x + x.matmul(within_).relu(), chunk);
    x = taps.meet(second(), x + across_.matmul(x).relu(), chunk);
    return x.matmul(value_.select(1, 0));
  }
  void observe(const at::Tensor& board, const Taps& taps) const override { forward(board, taps); }
  double flops_to(const Site& site, int64_t positions) const override { return 2.0 * 81 * double(positions) * (site == first() ? 1 : 2); }
  std::unique_ptr<Model> with_random_weights(const Random& random) const override { return std::make_unique<Player>(random); }

  static Site first() { return {Point::resid_post, 0}; }
  static Site second() { return {Point::resid_post, 1}; }

 private:
  at::Tensor embed_, within_, across_, value_;
};

/// Contestants name a direction, and are scored by how far removing it moves the player's values.
struct Steer {
  using Artifact = std::pair<Site, at::Tensor>;
  struct Offer {};
  struct Privilege {};
  static int64_t labels(const Offer&) { return 0; }
  static int64_t labels(const Privilege&) { return 0; }
};

class Steerer final : public Contestant<Steer> {
 public:
  explicit Steerer(Role role) : role_(role) {}
  std::string_view name() const override { return name_of(role_); }
  std::string_view title() const override { return name(); }
  std::string_view about() const override { return "a direction"; }
  Role role() const override { return role_; }
  SearchSpace space() const override { return SearchSpace().hyperparameter("row", {0, 1, 2}); }
  std::unique_ptr<Steer::Artifact> prepare(Corner<Steer>& corner, const Settings& settings) const override {
    const auto& from = role_ == Role::challenger ? corner.dictionary()->w_dec() : corner.pool();
    return std::make_unique<Steer::Artifact>(corner.site(), from[settings.integer("row")] / from[settings.integer("row")].norm());
  }

 private:
  Role role_;
};

at::Tensor boards(int64_t count) { return at::randint(0, 3, {count, 9}, at::detail::createCPUGenerator(7), at::kLong); }
Batch batch_of(const at::Tensor& boards) { return {boards, at::ones(boards.sizes(), at::kBool)}; }

class Match final : public Setup<Steer> {
 public:
  NamedModel model() const override { return {player_, std::string(64, 'b')}; }
  const Json& datasheet() const override { return datasheet_; }
  const Batch& pool() const override { return pool_; }
  Json hashes() const override { return {{"test", test_.hash()}}; }
  void close_test(const Registration& r, const std::filesystem::path& file) override { test_.close(r, file); }
  void open_test(const Registration& r) override { test_.open(r); }
  Validation validate(const Steer::Artifact& steer, const SharedModel&) const override { return {moved(steer)}; }
  Tested test(const Steer::Artifact& steer, const SharedModel&) const override { return {{{"moved", {moved(steer), moved(steer)}}}, {}}; }

  double moved(const Steer::Artifact& steer) const {
    const at::NoGradGuard no_grad;
    const auto& [site, direction] = steer;
    const auto without = Taps().edit(site, [d = direction](const at::Tensor& x) { return x - x.matmul(d).unsqueeze(-1) * d; });
    return (player_.forward(pool_.tokens, without) - player_.forward(pool_.tokens, {})).abs().mean().item<double>();
  }

 private:
  Player player_{Random(1, "player")};
  Json datasheet_ = Json::object();
  Batch pool_ = batch_of(boards(300));
  Sealed test_{"boards"};
};

class Game final : public Task<Steer> {
 public:
  explicit Game(Card card) : card_(std::move(card)) {
    for (const Role role : {Role::challenger, Role::baseline}) roster_.push_back(std::make_unique<Steerer>(role));
  }
  const FightInfo& info() const override { return info_; }
  const Card& card() const override { return card_; }
  const Roster<Steer>& contestants() const override { return roster_; }
  std::vector<Result::Family> families() const override { return {{"moved", ""}}; }
  std::unique_ptr<Round> round(size_t) const override { return std::make_unique<Match>(); }
  Workload work() const override { return {{}, {300, 1, 1}, 9}; }
  Cases cases(const std::vector<RoundOutcome>&) const override { return Cases::planted; }
  std::optional<Calibration> parity(const Contestant<Steer>&) const override { return std::nullopt; }
  void tell(Result&, const Contest&, const Venue&, const Tick&) const override {}

 private:
  FightInfo info_{"game", "Game", "Who?", "T0", "steer", Metric{{"moved", "moved", 0, 1}}, {}};
  Card card_;
  Roster<Steer> roster_;
};

TEST(AnyModel, OfAGameIsFoughtAboutLikeATransformer) {
  const ScratchFolder folder;
  Card card;
  card.models = {"player"};
  card.seeds = card.dictionary_seeds = {0};
  card.sites = {Player::first(), Player::second()};
  card.dictionary.width = 16;
  card.dictionary.k = 3;
  card.dictionary.tokens = 2000;
  card.dictionary.batch = 200;
  card.data = Json::object();
  Profile profile;
  const Venue venue{folder.path(), false, nullptr, &profile};
  const Game game(card);
  const Fought fought = Referee(game, venue).run();
  const RoundOutcome& outcome = fought.outcomes[0];

  const Match match;
  const auto rows = match.model().model.at(Player::second(), match.pool().tokens);
  EXPECT_EQ(rows.sizes(), (std::vector<int64_t>{300, 9, 9}));
  ASSERT_EQ(outcome.dictionaries.size(), 2u);
  for (const auto& quality : outcome.dictionaries) {
    EXPECT_LT(quality.fvu, 0.9);   // it learned something of what is there
    EXPECT_FALSE(quality.spliced);  // and nothing is said of tokens that are not
  }
  for (const auto* basis : {"topk", "pca", "random_model"}) EXPECT_TRUE(outcome.has(0, basis)) << basis;
  const fairfight::Run& run = outcome.entry(0, "topk").runs[0];
  const Trial& chosen = run.trials[*run.chosen[kPrimary]];
  EXPECT_GT(chosen.validation.score, 0.01);
  EXPECT_EQ(run.scores.at(*run.chosen[kPrimary]).at("moved")[0], chosen.validation.score);  // the same boards

  Memo memo;
  const SharedModel shared(match.model().model, memo);
  EXPECT_THAT(error_of([&] { shared.outputs(match.pool()); }), testing::HasSubstr("no transformer"));
  EXPECT_TRUE(at::equal(shared.activations(match.pool(), Player::second()), rows));
}

}  // namespace
}  // namespace fairfight
