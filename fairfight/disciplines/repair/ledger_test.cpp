#include <gtest/gtest.h>

#include "fairfight/disciplines/repair/parity.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/flops.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The repair task's examples, but few.
Examples few(const Examples& all, int64_t labelled = 128, int64_t retained = 512) {
  const auto some = [](const Batch& b, int64_t n) { return Batch{b.tokens.slice(0, 0, n), b.valid.slice(0, 0, n)}; };
  const auto answers = [&](const Answers& a) {
    return Answers{some(a.batch, labelled), a.answer.slice(0, 0, labelled), a.onset.slice(0, 0, labelled)};
  };
  return {answers(all.harmful), answers(all.refused), answers(all.harmless), some(all.retained, retained), all.refusal};
}

struct Counted {
  double booked = 0, products = 0, attention = 0;
};

/// A small town's ground with a dictionary, and what a contestant books and computes on it with nothing remembered from before.
class Ledgers : public testing::Test {
 protected:
  static void SetUpTestSuite() { ground_ = new Shared; }
  static void TearDownTestSuite() {
    delete ground_;
    ground_ = nullptr;
  }

  static Counted count(const Contestant<Repair>& contestant, const Settings& settings) {
    Counted counted;
    side_by_side(1, [&](size_t) {
      Memo model_memo(false), shared(false);
      Corner<Repair> corner(ground_->ground, std::string(contestant.name()), contestant.role(), model_memo, shared, &ground_->examples, &ground_->privilege);
      const CountedFlops counter;
      contestant.prepare(corner, settings);
      counted = {corner.ledger().flops, counter.products(), counter.attention()};
    });
    return counted;
  }

  struct Shared {
    Examples examples = few(parity_task().examples);
    at::Tensor rows;
    DictionarySettings settings;
    Counted learning;
    std::shared_ptr<const Dictionary> dictionary;
    Repair::Privilege privilege{&parity_task().model};
    Ground ground;

    Shared() : rows(harvested()), dictionary(learned()), ground{parity_task().model, Site::parse("blocks.2.hook_resid_post"), rows, 0, dictionary, "topk/0", 0.1, 256, 0} {}

    at::Tensor harvested() {
      const at::NoGradGuard no_grad;
      const Batch& text = parity_task().examples.retained;
      return parity_task().model.at(Site::parse("blocks.2.hook_resid_post"), text.tokens).index({text.valid}).contiguous();
    }
    std::shared_ptr<const Dictionary> learned() {
      settings.width = 256;
      settings.k = 8;
      settings.batch = 1024;
      settings.tokens = 100 * settings.batch;
      settings.aux_coefficient = 0;  // of dead latents the most is booked that can be
      const CountedFlops counter;
      std::shared_ptr<const Dictionary> result = learn(MemoryRows(rows, 0), settings);
      learning = {learning_flops(settings, rows.size(1), rows.size(0)), counter.products(), 0};
      return result;
    }
  };
  inline static Shared* ground_ = nullptr;
};

/// Within a tenth.
void expect_honest(std::string_view who, const Counted& counted) {
  ASSERT_GT(counted.products, 0) << who;
  EXPECT_NEAR(counted.booked / counted.products, 1, 0.1) << who;
  EXPECT_LT(counted.attention, 0.05 * counted.products) << who;  // what the ledger leaves out for everyone
}

TEST_F(Ledgers, ADictionarysTrainingIsBookedAsItIsComputed) { expect_honest("topk", ground_->learning); }

TEST_F(Ledgers, EveryRepairIsBookedAsItIsComputed) {
  size_t counted = 0;
  for (const auto& contestant : repairs()) {
    if (contestant->role() == Role::reference) continue;
    Json settings = contestant->space().draw(1, Random(1, "settings"))[0].json();
    if (settings.contains("steps")) settings["steps"] = 4;
    expect_honest(contestant->name(), count(*contestant, Settings(settings)));
    ++counted;
  }
  EXPECT_EQ(counted, 25u);
}

TEST_F(Ledgers, EveryRepairMakesDoWithFewExamples) {
  for (const int64_t labelled : {1, 4}) {
    const Examples examples = few(parity_task().examples, labelled, 32);
    for (const auto& contestant : repairs()) {
      if (contestant->role() == Role::reference) continue;
      Json settings = contestant->space().draw(1, Random(1, "settings"))[0].json();
      if (settings.contains("steps")) settings["steps"] = 2;
      Memo model_memo, shared;
      Corner<Repair> corner(ground_->ground, std::string(contestant->name()), contestant->role(), model_memo, shared, &examples, &ground_->privilege);
      EXPECT_TRUE(contestant->prepare(corner, Settings(settings))) << contestant->name() << " with " << labelled;
    }
  }
}

}  // namespace
}  // namespace fairfight
