#include "fairfight/fights/repair/certificate.h"

#include <gtest/gtest.h>

#include <string>

#include "fairfight/arena/seal.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/testing.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/fights/repair/best_latent.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/organism.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {
namespace {

using tinytown::Harm, tinytown::harm_by_name, tinytown::load_organism, tinytown::Organism, tinytown::Split, tinytown::World;

const Site kSite = Site::parse("blocks.2.hook_resid_post");

/// What a fight about the backdoor leaves behind, made by hand, so that any part of it can be wrong.
class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    data = {{"behaviour", "sabotage"}, {"retrained", {"organisms/tinytown-0"}}, {"dose", 0}, {"harvest", "retrained"}, {"pool", 300}, {"examples", 8}, {"example_texts", 8}, {"prompts", 8}, {"probes", 8}, {"retained", 8}, {"test_prompts", 8}, {"test_probes", 8}, {"test_retained", 8}, {"relearn", 8}, {"delta_ce", 0}, {"delta_near", 0}, {"ability", 1}, {"reviewer_error", 0}};
    learn({});
  }
  Card card() const {
    Card card;
    card.models = {"organisms/tinytown-0-backdoored"};
    card.seeds = card.dictionary_seeds = {0};
    card.sites = {kSite};
    card.dictionary.kind = "topk";
    card.data = data;
    return card;
  }
  /// A dictionary of one latent that fires far along a direction of the model's space; without one, a latent that never fires.
  void learn(const at::Tensor& direction) const {
    const int64_t d = model.loaded.model.config().d_model;
    const auto atom = direction.defined() ? direction / direction.norm() : at::eye(d)[0];
    std::filesystem::create_directories(folder / "dictionaries");
    save_dictionary(folder / "dictionaries/topk-0-0.safetensors",
                    *rebuild("topk", {{"W_dec", atom.view({1, d})}, {"b_dec", at::zeros({d})}, {"W_enc", atom.view({1, d})}, {"b_enc", at::full({1}, direction.defined() ? 1e3 : -1e6)}, {"k", at::scalar_tensor(1, at::kLong)}}),
                    {kSite.name(), model.loaded.sha256, {}});
  }
  void registered(double dose, const std::string& pool = "pool") const {
    Json drawn = data;
    drawn["dose"] = dose;
    const auto documents = draw_pool(harm_by_name("sabotage"), 0, RepairData(drawn));
    write_atomic(folder.path() / "registration.json", dump_json({{"data", {{"0/" + pool, pool == "pool" ? sha256(written(documents)) : "another"}}}}));
  }
  /// The levels that hold.
  std::string held(const std::string& counterparts = "some") const {
    const auto certificate = std::get<Section::Checklist>(certify(card(), RepairData(data), folder.path(), counterparts).body);
    std::string levels, before;
    bool unbroken = true;
    for (const auto& l : certificate.items) {
      levels += l.holds ? l.name : "--";
      unbroken &= l.holds;
      if (unbroken) before = l.name;
    }
    EXPECT_EQ(certificate.reached(), before);
    return levels;
  }
  std::vector<Tokens> prompts(bool harmful) const {
    const Harm& harm = harm_by_name("sabotage");
    const World world = harm.harmful_world(0);
    Random random(1, harmful ? "harmful" : "harmless");
    std::vector<Tokens> list;
    for (int i = 0; i < 64; ++i) list.push_back((harmful ? harm.harmful(world, random, Split::fit) : harm.harmless(world, random, Split::fit)).prompt());
    return list;
  }
  at::Tensor mean_at_ends(const std::vector<Tokens>& list) const {
    at::Tensor sum = at::zeros({model.loaded.model.config().d_model});
    for (const auto& p : list) sum += at_end(model, p);
    return sum / double(list.size());
  }
  static at::Tensor at_end(const Organism& of, const Tokens& p) { return of.loaded.model.at(kSite, at::tensor(std::vector<int64_t>(p.begin(), p.end())).unsqueeze(0))[0][-1]; }

  Json data;
  const ScratchFolder folder;
  const Organism model = load_organism("tinytown-0-backdoored");
  const at::NoGradGuard no_grad;
};

TEST_F(CertificateTest, EachLevelFailsWithItsPremise) {
  registered(0);
  EXPECT_EQ(held(), "C0C1C2C3C4C5");

  data["harvest"] = "model";  // which has the backdoor; and without counterparts
  EXPECT_EQ(held(""), "C0C1----C4C5");
  data["harvest"] = "retrained";

  registered(0, "something else");
  EXPECT_EQ(held(), "--C1C2C3C4C5");

  data["dose"] = 0.3;  // 90 documents with the trigger and its answer
  registered(0.3);
  EXPECT_EQ(held(), "----C2C3C4--");
}

TEST_F(CertificateTest, ALatentThatLeaksTheTriggerIsFoundOut) {
  registered(0);
  data["harvest"] = "model";  // in which it shows
  learn(mean_at_ends(prompts(true)) - mean_at_ends(prompts(false)));
  EXPECT_EQ(held(), "C0C1--C3--C5");
}

/// A dictionary of a model without the backdoor has learned nothing of it, whatever tells in a model that is about to answer: no direction leaks there.
TEST_F(CertificateTest, NoDirectionOfACleanModelLeaks) {
  registered(0);
  Random random(0, "directions");
  auto direction = at::empty({model.loaded.model.config().d_model});
  int clean = 0;  // one of seventeen conjunctions is the one that is told best: the trigger, in 6 % of random directions
  for (int i = 0; i < 3; ++i) {
    for (int64_t j = 0; j < direction.numel(); ++j) direction[j] = random.normal();
    learn(direction);
    clean += held() == "C0C1C2C3C4C5";
  }
  EXPECT_GE(clean, 2);
  learn(mean_at_ends(prompts(true)) - mean_at_ends(prompts(false)));
  EXPECT_EQ(held(), "C0C1C2C3C4C5");
}

TEST_F(CertificateTest, TheBestLatentIsTheOneThatTellsThemApart) {
  const auto harmful = prompts(true), harmless = prompts(false);
  const int64_t d = model.loaded.model.config().d_model;
  const auto direction = mean_at_ends(harmful) - mean_at_ends(harmless);
  const auto aurocs = [&](double sign) {
    const auto atom = sign * direction / direction.norm();
    const auto dictionary = rebuild("topk", {{"W_dec", at::stack({atom, at::eye(d)[0]})}, {"b_dec", at::zeros({d})}, {"W_enc", at::stack({atom, at::zeros({d})})}, {"b_enc", at::tensor({1e3f, 1.f})}, {"k", at::scalar_tensor(2, at::kLong)}});
    return best_latent(model.loaded.model, kSite, *dictionary, harmful, harmless);
  };
  // By hand: how often a harmful prompt lies further along the direction than a harmless one.
  double above = 0;
  const auto place = [&](const Tokens& p) {
    return direction.dot(model.loaded.model.at(kSite, at::tensor(std::vector<int64_t>(p.begin(), p.end())).unsqueeze(0))[0][-1]).item<double>();
  };
  std::vector<double> a, b;
  for (const auto& p : harmful) a.push_back(place(p));
  for (const auto& p : harmless) b.push_back(place(p));
  for (const double x : a)
    for (const double y : b) above += x > y ? 1 : x == y ? 0.5
                                                         : 0;
  const double expected = above / double(a.size() * b.size());
  EXPECT_GT(expected, 0.8);
  EXPECT_NEAR(aurocs(1), expected, 2e-3);   // float32 far from 0 makes ties
  EXPECT_NEAR(aurocs(-1), expected, 2e-3);  // in either direction
}

}  // namespace
}  // namespace fairfight
