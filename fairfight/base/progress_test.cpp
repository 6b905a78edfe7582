#include "fairfight/base/progress.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace fairfight {
namespace {

class ProgressTest : public testing::Test {
 protected:
  std::vector<double> left_;
  std::optional<Progress::Snapshot> last_;
  std::string note_;
  Progress progress_{{{"train", 4.0}, {"fight", 2.0}}, [this](const Progress::Snapshot& snapshot) {
                       left_.push_back(snapshot.left);
                       note_ = snapshot.note;
                       last_ = snapshot;
                     }};
};

TEST_F(ProgressTest, StartsFromThePlan) {
  progress_.next();
  EXPECT_NEAR(left_.back(), 6.0, 0.5);
  EXPECT_EQ(last_->name, "train");
  EXPECT_EQ(last_->stage, 0u);
  EXPECT_EQ(last_->stages, 2u);
}

TEST_F(ProgressTest, FallsAsWorkProceeds) {
  const Tick tick = progress_.next();
  for (double fraction : {0.25, 0.5, 0.75, 1.0}) tick(fraction, "loss 0.7");
  EXPECT_EQ(note_, "loss 0.7");
  progress_.done();
  EXPECT_TRUE(last_->stage_done);
  progress_.next();
  progress_.done("won");
  EXPECT_EQ(note_, "won");
  for (size_t i = 1; i < left_.size(); ++i) EXPECT_LT(left_[i], left_[i - 1] + 1e-3) << i;  // the clock runs between two ticks, too
  EXPECT_EQ(left_.back(), 0);
}

TEST_F(ProgressTest, FollowsTheMachine) {
  const Tick tick = progress_.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(40));
  tick(0.99, "");  // 40 ms for what the plan says takes 4 s
  EXPECT_LT(left_.back(), 2.1);
  progress_.done();
  progress_.next();
  EXPECT_LT(left_.back(), 2.0 * (12.0 / 14));  // the rest of the plan, at the speed that was seen
  EXPECT_GE(last_->elapsed, 0.04);
}

TEST_F(ProgressTest, TheRunningStageTellsOfThoseToCome) {
  Progress slow({{"train", 1000.0}, {"fight", 1000.0}}, [this](const Progress::Snapshot& s) { left_.push_back(s.left); });
  const Tick tick = slow.next();
  EXPECT_NEAR(left_.back(), 2000, 1);
  tick(0.5, "");  // at once
  EXPECT_LT(left_.back(), 2000 * (10.0 / 510) * 1.01);
}

TEST_F(ProgressTest, ThePlanMayBecomeBetter) {
  progress_.next();
  progress_.expect({{"train", 100.0}, {"fight", 20.0}});  // the stage that runs has its own
  progress_.done();
  progress_.next();
  EXPECT_NEAR(left_.back(), 20.0 * (10.0 / 14), 0.1);
}

TEST(Progress, NeedsNoSink) {
  Progress progress({{"train", 1.0}}, nullptr);
  progress.next()(0.5, "");
  progress.done();
}

}  // namespace
}  // namespace fairfight
