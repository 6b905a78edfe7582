#include "fairfight/model/engine.h"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>

#include "fairfight/model/kernels.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/torch.h"

namespace fairfight {

void start_engine(int threads) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  at::set_num_threads(threads > 0 ? threads : known ? CPU_COUNT(&allowed)
                                                    : 1);
}

int engine_threads() { return at::get_num_threads(); }

void side_by_side(size_t count, const std::function<void(size_t)>& job) {
  std::atomic<size_t> next{0};
  std::mutex failing;
  std::exception_ptr failure;
  const auto counter = Meter::innermost();  // of whoever asks for it
  const auto work = [&] {
    const Meter::Joined joined(counter);
    at::get_num_threads();  // ATen sets a new thread's number when it is first asked for it
    omp_set_num_threads(1);
    for (size_t i = next++; i < count; i = next++) {
      try {
        job(i);
      } catch (...) {
        const std::lock_guard lock(failing);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  if (engine_threads() == 1) {  // inside another such job, or on one core
    work();
  } else {
    std::vector<std::thread> workers;
    for (size_t i = 0; i < std::min(count, size_t(engine_threads())); ++i) workers.emplace_back(work);
    for (auto& worker : workers) worker.join();
  }
  if (failure) std::rethrow_exception(failure);
}

std::string describe_machine() {
  std::string cpu = "unknown CPU";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (line.starts_with("model name")) {
      cpu = line.substr(line.find(':') + 2);
      break;
    }
  return fmt::format("{}, {} threads, libtorch {}", cpu, engine_threads(), TORCH_VERSION);
}

}  // namespace fairfight
