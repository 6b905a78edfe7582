#include "fairfight/arena/card.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "fairfight/arena/user_data.h"
#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

/// A card that reads there, as TOML says it.
Card card_at(const std::string& site) {
  const ScratchFolder folder;
  write_atomic(folder / "card.toml", fmt::format("fight = \"concept\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [0]\nsite = {}\n[dictionary]\nkind = \"topk\"\n[data]\n", site));
  Card card = Card::read(folder / "card.toml");
  settle_sites(card);
  return card;
}

std::vector<std::string> names_of(const Card& card) {
  std::vector<std::string> names;
  for (const Site& site : card.sites) names.push_back(site.name());
  return names;
}

TEST(Card, ReadsAtASiteOrAtSeveralByNameOrByDepth) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_of(card_at("\"blocks.1.hook_resid_mid\"")), Names{"blocks.1.hook_resid_mid"});
  EXPECT_EQ(names_of(card_at("0.5")), Names{"blocks.2.hook_resid_post"});
  EXPECT_EQ(names_of(card_at("[\"blocks.1.hook_resid_mid\", \"blocks.0.hook_resid_post\"]")), (Names{"blocks.1.hook_resid_mid", "blocks.0.hook_resid_post"}));
  EXPECT_EQ(names_of(card_at("[0, 1]")), (Names{"blocks.0.hook_resid_post", "blocks.3.hook_resid_post"}));
  EXPECT_EQ(card_at("0.5").json().at("site"), "blocks.2.hook_resid_post");
  EXPECT_EQ(card_at("[0, 1]").json().at("site"), (Json{"blocks.0.hook_resid_post", "blocks.3.hook_resid_post"}));
}

TEST(Card, RefusesPlacesThatAreNoSites) {
  const auto refused = [](const std::string& site) { return error_of([&] { card_at(site); }); };
  EXPECT_THAT(refused("[]"), HasSubstr("expected at least one"));
  EXPECT_THAT(refused("[0.5, \"blocks.0.hook_resid_post\"]"), HasSubstr("expected one sort"));
  EXPECT_THAT(refused("[\"blocks.0.hook_resid_post\", \"blocks.0.hook_resid_post\"]"), HasSubstr("stands there twice"));
  EXPECT_THAT(refused("[0.5, 0.55]"), HasSubstr("stands there twice"));  // of a model of four layers
  EXPECT_THAT(refused("true"), HasSubstr("got true"));
  EXPECT_THAT(refused("[0.5, 1.5]"), HasSubstr("1.5"));
}

TEST(Card, RefusesSitesWhereNoDictionaryCanBeLearned) {
  for (const char* site : {"blocks.0.attn.hook_pattern", "blocks.0.attn.hook_z", "blocks.0.ln1.hook_scale", "blocks.0.attn.hook_q"})
    EXPECT_THAT(error_of([&] { card_at(fmt::format("\"{}\"", site)); }), HasSubstr("is no vector a position")) << site;
  EXPECT_THAT(error_of([] { card_at("\"blocks.9.hook_resid_post\""); }), HasSubstr("expected a layer from 0 to 3"));
  EXPECT_THAT(error_of([] { card_at("\"hook_pos_embed\""); }), HasSubstr("this model has no"));
  EXPECT_EQ(names_of(card_at("[\"blocks.0.mlp.hook_post\", \"blocks.0.hook_mlp_out\"]")).size(), 2u);
}

TEST(Card, AsksForATrialASiteAndOneMore) {
  Card card = card_at("[0, 0.5]");
  card.trials = 2;
  EXPECT_THAT(error_of([&] { settle_sites(card); }), HasSubstr("expected 3 trials at least"));
  card.trials = 3;
  EXPECT_EQ(error_of([&] { settle_sites(card); }), "");
}

TEST(Card, AUsersPlacesStandInTheCardsPlace) {
  Card card = card_at("0.5");
  UserData own;
  own.places = {"0", "0.5"};
  override_card(card, own);
  settle_sites(card);
  EXPECT_EQ(names_of(card), (std::vector<std::string>{"blocks.0.hook_resid_post", "blocks.2.hook_resid_post"}));
}

/// Whoever changes anything, the margin alone, gets another test; with a beacon nobody knows it before that is public. A study keeps its fight's.
TEST(Card, TheTestFollowsFromAllOfIt) {
  const auto stream = [](auto change, const Json& roster = {{{"name", "probe"}}}) {
    Card card = card_at("0.5");
    change(card);
    card.settle_test(roster);
    return card.test_stream;
  };
  const std::string plain = stream([](Card&) {});
  EXPECT_EQ(stream([](Card&) {}), plain);
  EXPECT_NE(stream([](Card& c) { c.margin = 0.04; }), plain);
  EXPECT_NE(stream([](Card&) {}, {{{"name", "probe"}}, {{"name", "leace"}}}), plain);  // nor does anybody know it who played with others
  EXPECT_NE(stream([](Card& c) { c.beacon = "7f3a"; }), plain);
  EXPECT_EQ(stream([&](Card& c) {
              c.test_stream = plain;
              c.trials = 2;
            }),
            plain);
}

}  // namespace
}  // namespace fairfight
