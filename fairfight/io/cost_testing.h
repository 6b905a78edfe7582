#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "fairfight/base/testing.h"

// What a reader may cost at most, in memory and time, whatever a huge file holds.
namespace fairfight {

/// A huge file, made when it is needed.
struct Huge {
  std::string name;
  std::string (*text)();
  std::string says;  // empty: the file is right
};

inline void PrintTo(const Huge& huge, std::ostream* out) { *out << huge.name; }
inline std::string name_of_huge(const testing::TestParamInfo<Huge>& info) { return info.param.name; }

/// What one reading costs, seen from a process of its own, in which nothing else has ever used memory.
struct Cost {
  long grown_kb;
  double seconds;  // of the processor: other processes do not count
  char error[1000];
};

template <class Read>
Cost cost_of_reading(Read read_it) {
  int ends[2];
  if (pipe(ends) != 0) fail("[test] no pipe");
  malloc_trim(0);  // else the reader would first use up what this process has freed
  const pid_t child = fork();
  if (child == 0) {
    const auto used = [] {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      return usage;
    };
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    const rusage before = used();
    Cost cost{};
    const std::string error = error_of(read_it);
    const rusage after = used();
    error.copy(cost.error, sizeof cost.error - 1);
    cost.grown_kb = after.ru_maxrss - before.ru_maxrss;
    cost.seconds = seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) - seconds(before.ru_stime);
    _exit(write(ends[1], &cost, sizeof cost) == ssize_t(sizeof cost) ? 0 : 1);
  }
  close(ends[1]);
  Cost cost{-1, 0, ""};
  const bool told = read(ends[0], &cost, sizeof cost) == ssize_t(sizeof cost);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!told || status != 0) fail("[test] the reader died: status {}", status);
  return cost;
}

struct Most {
  double mb;  // beyond twice the file
  double seconds;
};

#ifdef __SANITIZE_ADDRESS__
inline constexpr double kSanitized = 4;  // times as much of both
#else
inline constexpr double kSanitized = 1;
#endif

template <class Read>
void expect_little(const std::filesystem::path& path, Read read_it, const std::string& says, Most most) {
  const Cost cost = cost_of_reading(read_it);
  if (says.empty())
    EXPECT_STREQ(cost.error, "");
  else
    EXPECT_THAT(std::string(cost.error), testing::AllOf(testing::HasSubstr(path.string()), testing::HasSubstr(says),
                                                        testing::Not(testing::HasSubstr("\n"))));
  const double mb = double(std::filesystem::file_size(path)) / 1e6, grown_mb = double(cost.grown_kb) * 1024 / 1e6;
  EXPECT_GT(grown_mb, 0.9 * mb);  // the file itself: else nothing was measured
  EXPECT_LT(grown_mb, 2 * mb + kSanitized * most.mb);
  EXPECT_LT(cost.seconds, kSanitized * most.seconds);
  testing::Test::RecordProperty("grown_mb", fmt::format("{:.0f}", grown_mb));
  testing::Test::RecordProperty("seconds", fmt::format("{:.3f}", cost.seconds));
}

}  // namespace fairfight
