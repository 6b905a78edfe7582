#include <arpa/inet.h>
#include <sys/socket.h>

#include <future>

#include "tests/cli_testing.h"

namespace fairfight {
namespace {

/// A fight of seconds, of many jobs.
std::string card_of(int64_t dictionary_tokens) {
  return fmt::format(
      "fight = \"concept\"\nmodels = [\"organisms/tinytown-0\"]\nseeds = [0]\ndictionary_seeds = [0, 1]\nsite = \"blocks.2.hook_resid_post\"\n"
      "trials = 1\nresamples = 100\n[dictionary]\nkind = \"topk\"\nwidth = 64\nk = 8\ntokens = {}\nbatch = 128\n"
      "[data]\nkind = \"request\"\npool = 200\nexamples = 20\nvalidation = 20\ntest = 40\n",
      dictionary_tokens);
}

int free_port() {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(s, reinterpret_cast<sockaddr*>(&address), size) != 0 || getsockname(s, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("[test] there is no free port");
  close(s);
  return ntohs(address.sin_port);
}

class CliRanks : public testing::Test {
 protected:
  void card(int64_t dictionary_tokens) { write_text(scratch / "card.toml", card_of(dictionary_tokens)); }

  std::vector<std::string> fight(const std::string& out) const {
    return {"fight", (scratch / "card.toml").string(), "--out", (scratch / out).string(), "--threads", "1"};
  }
  /// Two of them, at a port or, without one, wherever they meet in the folder.
  std::future<Outcome> rank(int rank, int port, const std::string& out, std::atomic<pid_t>* child = nullptr) const {
    Limits limits;
    limits.child = child;
    limits.environment = {{"RANK", std::to_string(rank)}, {"WORLD_SIZE", "2"}, {"FAIRFIGHT_LEASE", "4"}};
    if (port > 0) limits.environment.insert({{"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", std::to_string(port)}});
    return std::async(std::launch::async, [this, out, limits] { return fairfight_with(fight(out), limits); });
  }
  std::string result(const std::string& out) const { return dump_json(without_timing(read_json(scratch / out / "result.json"))); }

  /// Each rank has one thread, and so one dictionary in training: with two, both are at work.
  void wait_until_both_learn(const std::string& out) const {
    for (int i = 0; i < 60'000 / 5; ++i) {
      int training = 0;
      std::error_code none;
      for (const auto& entry : fs::directory_iterator(scratch / out / "dictionaries", none)) training += entry.path().string().ends_with(".training.safetensors");
      if (training == 2) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL() << "the ranks never learned side by side";
  }

  ScratchFolder scratch;
};

TEST_F(CliRanks, TwoProcessesGiveTheBytesOfOne) {
  card(20'000);
  ASSERT_EQ(fairfight_with(fight("one")).code, 0);
  for (const int port : {free_port(), 0}) {
    auto second = rank(1, port, "two"), first = rank(0, port, "two");
    const Outcome a = first.get(), b = second.get();
    ASSERT_EQ(a.code, 0) << a.err;
    ASSERT_EQ(b.code, 0) << b.err;
    EXPECT_THAT(a.out, testing::EndsWith("report.html\n"));
    EXPECT_EQ(b.out + b.err, "");  // rank 0 says all
    EXPECT_EQ(result("two"), result("one"));
    for (const char* file : {"registration.json", "test-0.sealed", "test-0.json"}) EXPECT_TRUE(read_file(scratch / "two" / file) == read_file(scratch / "one" / file)) << file;
    fs::remove_all(scratch / "two");
  }
}

TEST_F(CliRanks, TheJobsOfARankThatIsKilledAreDoneByTheOther) {
  card(500'000);
  ASSERT_EQ(fairfight_with(fight("one")).code, 0);
  const int port = free_port();
  std::atomic<pid_t> child{0};
  auto second = rank(1, port, "two", &child), first = rank(0, port, "two");
  wait_until_both_learn("two");
  kill(child, SIGKILL);
  EXPECT_EQ(second.get().code, 128 + SIGKILL);
  const Outcome o = first.get();
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.err, HasSubstr("note: rank 1 left the job "));
  EXPECT_EQ(result("two"), result("one"));
}

TEST_F(CliRanks, WithoutRankZeroTheOthersEndInOneLineAndResumeGoesOn) {
  card(500'000);
  ASSERT_EQ(fairfight_with(fight("one")).code, 0);
  const int port = free_port();
  std::atomic<pid_t> child{0};
  auto second = rank(1, port, "two"), first = rank(0, port, "two", &child);
  wait_until_both_learn("two");
  kill(child, SIGKILL);
  EXPECT_EQ(first.get().code, 128 + SIGKILL);
  expect_refused(second.get(), "rank 0 is gone");
  auto again = fight("two");
  again.push_back("--resume");
  ASSERT_EQ(fairfight_with(again).code, 0);
  EXPECT_EQ(result("two"), result("one"));
}

TEST_F(CliRanks, WhatCannotBeSharedIsRefused) {
  card(20'000);
  const auto with = [](std::vector<std::string> words, std::map<std::string, std::string> environment) {
    Limits limits;
    limits.environment = std::move(environment);
    return fairfight_with(std::move(words), limits);
  };
  expect_refused(with(fight("none"), {{"RANK", "2"}, {"WORLD_SIZE", "2"}}), "RANK=\"2\", expected a rank from 0 to 1");
  expect_refused(with(fight("none"), {{"RANK", "one"}, {"WORLD_SIZE", "2"}}), "RANK=\"one\"");
  expect_refused(with({"judge", "--calibrate"}, {{"RANK", "0"}, {"WORLD_SIZE", "2"}}), "judge runs in one process: got WORLD_SIZE=2, expected 1");
  expect_refused(with({"tokens", organism().string(), "a"}, {{"OMPI_COMM_WORLD_RANK", "0"}, {"OMPI_COMM_WORLD_SIZE", "2"}}), "tokens runs in one process");
  auto plan = fight("none");
  plan.push_back("--dry-run");
  EXPECT_EQ(with(plan, {{"RANK", "1"}, {"WORLD_SIZE", "2"}}).out, "");
  EXPECT_NE(with(plan, {{"RANK", "0"}, {"WORLD_SIZE", "2"}}).out, "");
  EXPECT_FALSE(fs::exists(scratch / "none"));
}

}  // namespace
}  // namespace fairfight
