#include "fairfight/model/engine.h"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
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

namespace {

/// Threads that stay: whenever a new one first asks ATen how many there are, ATen makes a pool of threads anew that nobody uses and that spins for a while, and all memory
/// of a new thread is new to the system.
class Crew {
 public:
  /// `work` on so many threads at once.
  void run(size_t workers, const std::function<void()>& work) {
    const std::lock_guard one_at_a_time(running_);
    std::unique_lock lock(mutex_);
    for (; hired_ < workers; ++hired_) std::thread([this] { live(); }).detach();
    work_ = &work;
    to_begin_ = to_end_ = workers;
    begin_.notify_all();
    end_.wait(lock, [&] { return to_end_ == 0; });
  }

 private:
  void live() {
    at::get_num_threads();  // ATen sets a new thread's number when it is first asked for it
    omp_set_num_threads(1);
    for (std::unique_lock lock(mutex_);;) {
      begin_.wait(lock, [&] { return to_begin_ > 0; });
      --to_begin_;
      lock.unlock();
      (*work_)();
      lock.lock();
      if (--to_end_ == 0) end_.notify_one();
    }
  }

  std::mutex running_, mutex_;
  std::condition_variable begin_, end_;
  const std::function<void()>* work_ = nullptr;
  size_t hired_ = 0, to_begin_ = 0, to_end_ = 0;
};

}  // namespace

void side_by_side(size_t count, const std::function<void(size_t)>& job) {
  static Crew& crew = *new Crew;  // its threads wait for work until the process ends
  std::atomic<size_t> next{0};
  std::mutex failing;
  std::exception_ptr failure;
  const auto counter = Meter::innermost();  // of whoever asks for it
  const auto work = [&] {
    const Meter::Joined joined(counter);
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
  engine_threads() == 1 ? work() : crew.run(std::min(count, size_t(engine_threads())), work);  // one: inside another such job, or on one core
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
