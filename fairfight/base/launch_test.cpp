#include "fairfight/base/launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

Launch launch_in(const std::map<std::string, std::string>& environment) {
  return read_launch([&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

void expect_refused(const std::map<std::string, std::string>& environment, const std::string& says) {
  try {
    launch_in(environment);
    ADD_FAILURE() << "accepted; expected: " << says;
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::AllOf(testing::StartsWith("[ranks] got "), testing::HasSubstr(says), testing::HasSubstr("expected"), testing::Not(testing::HasSubstr("\n"))));
  }
}

TEST(Launch, IsOneProcessWhereNobodySaysOtherwise) {
  EXPECT_TRUE(launch_in({}).alone());
  EXPECT_TRUE(launch_in({{"RANK", "3"}}).alone());                                                    // of something else
  EXPECT_TRUE(launch_in({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"MASTER_PORT", "none"}}).alone());
  EXPECT_TRUE(launch_in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}}).alone());                     // a batch script
}

TEST(Launch, IsWhatTheLaunchersSay) {
  const Launch torchrun = launch_in({{"RANK", "1"}, {"WORLD_SIZE", "4"}, {"LOCAL_WORLD_SIZE", "2"}, {"MASTER_ADDR", "node0"}, {"MASTER_PORT", "29500"}, {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(torchrun.rank, 1);
  EXPECT_EQ(torchrun.size, 4);
  EXPECT_EQ(torchrun.here, 2);
  EXPECT_EQ(torchrun.said_by, "WORLD_SIZE");
  EXPECT_EQ(torchrun.address, "node0");
  EXPECT_EQ(torchrun.port, 29500);
  EXPECT_EQ(torchrun.restarts, 2);
  EXPECT_EQ(torchrun.lease_seconds, 30);
  const Launch agents = launch_in({{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "node0"}, {"MASTER_PORT", "29500"}, {"TORCHELASTIC_USE_AGENT_STORE", "True"}});
  EXPECT_EQ(agents.address, "node0");
  EXPECT_EQ(agents.port, 0);  // it is taken
  const Launch open_mpi = launch_in({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}, {"SLURM_PROCID", "0"}, {"SLURM_STEP_NUM_TASKS", "1"}});
  EXPECT_EQ(open_mpi.rank, 2);
  EXPECT_EQ(open_mpi.size, 3);
  EXPECT_EQ(launch_in({{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}).rank, 1);
  EXPECT_EQ(launch_in({{"SLURM_PROCID", "5"}, {"SLURM_STEP_NUM_TASKS", "6"}, {"FAIRFIGHT_LEASE", "2.5"}}).rank, 5);
}

TEST(Launch, WhatCannotBeIsOneClearLine) {
  expect_refused({{"RANK", "first"}, {"WORLD_SIZE", "2"}}, "RANK=\"first\", expected a rank from 0 to 1");
  expect_refused({{"RANK", "2"}, {"WORLD_SIZE", "2"}}, "RANK=\"2\", expected a rank from 0 to 1");
  expect_refused({{"RANK", "-1"}, {"WORLD_SIZE", "2"}}, "RANK=\"-1\"");
  expect_refused({{"RANK", "0"}, {"WORLD_SIZE", "two"}}, "WORLD_SIZE=\"two\", expected the number of processes");
  expect_refused({{"RANK", "0"}, {"WORLD_SIZE", "0"}}, "WORLD_SIZE=\"0\"");
  expect_refused({{"WORLD_SIZE", "2"}}, "WORLD_SIZE=2 and no RANK");
  expect_refused({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "65536"}}, "a port from 1 to 65535");
  expect_refused({{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"FAIRFIGHT_LEASE", "0"}}, "FAIRFIGHT_LEASE=\"0\"");
}

}  // namespace
}  // namespace fairfight
