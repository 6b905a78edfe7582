#include <gtest/gtest.h>

#include "fairfight/dict/kinds.h"
#include "fairfight/disciplines/repair/parity.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/memo.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// The repair task's examples, but few.
Examples few(const Examples& all, int64_t labelled = 128, int64_t retained = 512) {
  const auto some = [](const Batch& b, int64_t n) { return Batch{b.tokens.slice(0, 0, n), b.valid.slice(0, 0, n)}; };
  const auto answers = [&](const Answers& a) {
    return Answers{some(a.batch, labelled), a.answer.slice(0, 0, labelled), a.answer_start.slice(0, 0, labelled)};
  };
  return {answers(all.harmful), answers(all.refused), answers(all.harmless), some(all.retained, retained), all.refusal};
}

/// A small town's ground with a dictionary.
class Ledgers : public testing::Test {
 protected:
  static void SetUpTestSuite() { ground_ = new Shared; }
  static void TearDownTestSuite() {
    delete ground_;
    ground_ = nullptr;
  }

  static Work paid(const Contestant<Repair>& contestant, const Settings& settings, Memo& of_model, Memo& shared) {
    Work work;
    side_by_side(1, [&](size_t) {
      Corner<Repair> corner(ground_->ground, std::string(contestant.name()), contestant.role(), of_model, shared, &ground_->examples, &ground_->privilege);
      const Meter meter;
      contestant.prepare(corner, settings);
      work = meter.work();
    });
    return work;
  }

  struct Shared {
    Examples examples = few(parity_task().examples);
    at::Tensor rows;
    DictionarySettings settings;
    double booked = 0, computed = 0;  // of the dictionary's training
    std::shared_ptr<const Dictionary> dictionary;
    Repair::Privilege privilege{&parity_task().model};
    Ground ground;

    Shared() : rows(harvested()), dictionary(learned()), ground{parity_task().model, {View{Site::parse("blocks.2.hook_resid_post"), rows, {}, dictionary, 0.1, 256}}, "topk/0", 0} {}

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
      const Meter meter;
      std::shared_ptr<const Dictionary> result = learn(MemoryRows(rows, 0), settings);
      booked = learning_flops(settings, rows.size(1), rows.size(0));
      computed = double(meter.work().flops);
      return result;
    }
  };
  inline static Shared* ground_ = nullptr;
};

TEST_F(Ledgers, ADictionarysTrainingIsBookedAsItIsComputed) { EXPECT_NEAR(ground_->booked / ground_->computed, 1, 0.1); }

/// What others have computed before changes no price.
TEST_F(Ledgers, WhoComesSecondPaysTheSame) {
  Memo warm_model, warm;
  size_t counted = 0;
  for (const auto& contestant : repairs()) {
    if (contestant->role() == Role::reference) continue;
    Json json = contestant->space().draw(1, Random(1, "settings"))[0].json();
    if (json.contains("steps")) json["steps"] = 4;
    const Settings settings(json);
    Memo cold_model, cold;
    const Work first = paid(*contestant, settings, cold_model, cold);
    const bool counts = contestant->name() == "word_rules" || contestant->name() == "ban_list";  // words, and multiplies nothing
    const bool looks = !counts && contestant->name() != "word_gate";                             // at the model
    EXPECT_EQ(first.flops > 0, !counts) << contestant->name();
    EXPECT_EQ(first.tokens_forward > 0, looks) << contestant->name();
    paid(*contestant, settings, warm_model, warm);
    EXPECT_EQ(paid(*contestant, settings, warm_model, warm), first) << contestant->name();
    ++counted;
  }
  EXPECT_EQ(counted, 34u);
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
