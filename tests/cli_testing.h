#pragma once
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <thread>

#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"
#include "fairfight/base/random.h"
#include "fairfight/base/testing.h"
#include "fairfight/io/safetensors.h"

namespace fairfight {

namespace fs = std::filesystem;
using testing::AllOf, testing::HasSubstr, testing::Not;

struct Outcome {
  int code;          // exit code; 128 + signal for a killed process
  std::string out, err;
  double peak = 0;  // MB of memory
};

struct Limits {
  uint64_t file_bytes = 0;                 // RLIMIT_FSIZE; 0: none
  std::chrono::milliseconds interrupt{0};  // when to send a signal; 0: never
  std::string interrupt_at = "";           // ... or as soon as it has said this
  int signal = SIGINT;
  std::string binary = FAIRFIGHT_BINARY;
  std::vector<int> closed = {};     // descriptors that it starts without
  std::string out_to = "", err_to = "";  // instead of files that the outcome holds
  std::map<std::string, std::string> environment = {};  // besides this one's
  std::atomic<pid_t>* child = nullptr;   // hears who it is
};

/// Runs the program as a user would, in another folder than its own.
inline Outcome fairfight_with(std::vector<std::string> words, const Limits& limits = {}) {
  const ScratchFolder scratch;
  const auto out = (scratch / "out").string(), err = (scratch / "err").string();
  const pid_t child = fork();
  if (limits.child) *limits.child = child;
  if (child == 0) {
    for (const auto& [name, value] : limits.environment) setenv(name.c_str(), value.c_str(), 1);
    const auto& out_to = limits.out_to.empty() ? out : limits.out_to;
    const auto& err_to = limits.err_to.empty() ? err : limits.err_to;
    if (!freopen(out_to.c_str(), "w", stdout) || !freopen(err_to.c_str(), "w", stderr) || chdir("/") != 0) _exit(99);
    for (int fd : limits.closed) close(fd);
    if (limits.file_bytes > 0) {
      const rlimit limit{limits.file_bytes, limits.file_bytes};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> arguments{const_cast<char*>(limits.binary.c_str())};
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(limits.binary.c_str(), arguments.data());
    _exit(98);
  }
  if (limits.interrupt.count() > 0) {
    std::this_thread::sleep_for(limits.interrupt);
    kill(child, limits.signal);
  }
  const auto text = [](const std::string& path) { return fs::exists(path) ? read_file(path) : ""; };
  int status = 0;
  rusage used{};
  bool ended = false;
  if (!limits.interrupt_at.empty()) {
    while (!(ended = wait4(child, &status, WNOHANG, &used) == child) && text(err).find(limits.interrupt_at) == std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (!ended) kill(child, limits.signal);
  }
  if (!ended) wait4(child, &status, 0, &used);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text(out), text(err), double(used.ru_maxrss) * 1024 / 1e6};
}

/// Bad input: exit code 2 and one line on stderr, after what the progress may have said.
inline void expect_refused(const Outcome& o, const std::string& says) {
  EXPECT_EQ(o.code, 2) << o.err;
  const size_t begin = o.err.find("fairfight: ");
  ASSERT_NE(begin, std::string::npos) << o.err;
  const std::string complaint = o.err.substr(begin);
  EXPECT_THAT(complaint, HasSubstr(says));
  EXPECT_EQ(complaint.find('\n'), complaint.size() - 1) << o.err;
}

inline fs::path organism() { return fs::path(FAIRFIGHT_ROOT) / "organisms/tinytown-0"; }

inline void copy_organism(const fs::path& into) { fs::copy(organism(), into, fs::copy_options::recursive); }

inline void write_text(const fs::path& path, const std::string& text) { write_atomic(path, text); }

/// A small card of the anomaly fight: seconds instead of minutes.
inline std::string small_card(const std::string& extra = "") {
  return "fight = \"anomaly\"\nmodels = [\"organisms/tinytown-0-backdoored\"]\nseeds = [0]\ndictionary_seeds = [0, 1]\n"
         "site = \"blocks.2.hook_resid_post\"\ntrials = 2\nresamples = 100\n" +
         extra +
         "[dictionary]\nkind = \"topk\"\nwidth = 128\nk = 8\ntokens = 81920\n"
         "[data]\npool = 600\nvalidation = 30\ncalibration = 50\nlabelled = 20\ntest = 40\n"
         "families = [\"spliced\", \"insult\", \"trigger\"]\nvalidation_families = [\"doubled\"]\n";
}

inline Json without_timing(Json json) {
  if (json.is_object()) json.erase("timing");
  for (auto& child : json)
    if (child.is_structured()) child = without_timing(child);
  return json;
}

}  // namespace fairfight
