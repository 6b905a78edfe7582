#include "fairfight/arena/ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

/// Two ranks in two threads of this process, which meet in a folder.
class RanksTest : public testing::Test {
 protected:
  RanksTest() {
    second = std::thread([this] { ranks[1] = std::make_unique<Ranks>(launch(1), folder / "", [] {}); });
    ranks[0] = std::make_unique<Ranks>(launch(0), folder / "", [] {});
    second.join();
  }
  ~RanksTest() override { ranks[1].reset(); }  // before the store

  static Launch launch(int rank) {
    Launch launch;
    launch.rank = rank;
    launch.size = 2;
    return launch;
  }
  std::vector<SharedJob> jobs(size_t count, const std::string& home = "") {
    std::vector<SharedJob> list;
    for (size_t j = 0; j < count; ++j) list.push_back({fmt::format("job {}", j), folder / fmt::format("{}.json", j), home});
    return list;
  }
  void each(const std::function<void(size_t rank)>& does) {
    second = std::thread([&] { does(1); });
    does(0);
    second.join();
  }

  ScratchFolder folder;
  std::unique_ptr<Ranks> ranks[2];
  std::thread second;
};

TEST_F(RanksTest, EveryJobIsDoneByOneAndReadByTheOther) {
  constexpr size_t kJobs = 40;
  std::atomic<size_t> done[2]{}, read[2]{};
  std::vector<std::string> members[2];
  each([&](size_t r) {
    members[r] = share(ranks[r].get(), "deal", jobs(kJobs), [&](size_t j, Turn turn) {
      const auto file = folder / fmt::format("{}.json", j);
      if (turn == Turn::read) {
        EXPECT_EQ(read_file(file), std::to_string(j));
        ++read[r];
      } else {
        EXPECT_EQ(turn, Turn::fresh);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        write_atomic(file, std::to_string(j));
        ++done[r];
      }
    });
  });
  EXPECT_EQ(done[0] + done[1], kJobs);
  EXPECT_EQ(read[0], done[1]);
  EXPECT_EQ(read[1], done[0]);
  EXPECT_GT(done[0], 0u);
  EXPECT_GT(done[1], 0u);
  EXPECT_EQ(members[0], members[1]);
  EXPECT_EQ(size_t(std::count(members[0].begin(), members[0].end(), ranks[1]->member())), done[1]);
}

TEST_F(RanksTest, AJobStaysAtItsHomeWhileThatLivesAndIsTakenOverWhenItLeaves) {
  const SharedJob job = jobs(1, ranks[1]->member())[0];
  EXPECT_EQ(ranks[0]->claim("deal", job).claim, Ranks::Claim::none);
  EXPECT_EQ(ranks[1]->claim("deal", job).claim, Ranks::Claim::fresh);
  EXPECT_EQ(ranks[0]->claim("deal", job).claim, Ranks::Claim::none);
  ranks[1].reset();
  EXPECT_EQ(ranks[0]->claim("deal", job).claim, Ranks::Claim::taken_over);
  write_atomic(job.file, "outcome");
  ranks[0]->done("deal", job);
  const auto done = ranks[0]->claim("deal", job);
  EXPECT_EQ(done.claim, Ranks::Claim::done);
  EXPECT_EQ(done.member, ranks[0]->member());
}

TEST_F(RanksTest, WhoTookADeadOnesPlaceKeepsItFromDoingHarm) {
  const SharedJob job = jobs(1)[0];
  EXPECT_EQ(ranks[1]->claim("deal", job).claim, Ranks::Claim::fresh);
  write_atomic(job.file, "outcome");
  const Ranks replacement(launch(1), folder / "", [] {});
  EXPECT_NE(replacement.member(), ranks[1]->member());
  for (const auto& late : std::vector<std::function<void()>>{[&] { ranks[1]->require_place(); }, [&] { ranks[0]->claim("deal", job); ranks[1]->done("deal", job); }}) {
    try {
      late();
      ADD_FAILURE() << "let through";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), testing::HasSubstr("the others do its jobs"));
    }
  }
}

TEST_F(RanksTest, TheFirstOnesWordIsEveryones) {
  std::string heard[2];
  each([&](size_t r) { heard[r] = ranks[r]->word_of_first("resume", r == 0 ? "yes" : "no"); });
  EXPECT_EQ(heard[0], "yes");
  EXPECT_EQ(heard[1], "yes");
}

TEST_F(RanksTest, AFailureEndsADealForThatRankAndNotForTheOther) {
  std::atomic<size_t> done{0};
  each([&](size_t r) {
    const auto work = [&](size_t j, Turn turn) {
      if (r == 1) fail("full disk");
      if (turn == Turn::read) return;
      write_atomic(folder / fmt::format("{}.json", j), "x");
      ++done;
    };
    if (r == 0) {
      share(ranks[0].get(), "deal", jobs(8), work);
    } else {
      EXPECT_THROW(share(ranks[1].get(), "deal", jobs(8, ranks[1]->member()), work), Error);
      ranks[1].reset();
    }
  });
  EXPECT_EQ(done, 8u);
}

}  // namespace
}  // namespace fairfight
