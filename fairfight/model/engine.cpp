#include "fairfight/model/engine.h"

#include <fmt/format.h>
#include <sched.h>
#include <torch/version.h>

#include <fstream>

#include "fairfight/model/kernels.h"
#include "fairfight/model/torch.h"

namespace fairfight {

void start_engine(int threads) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  at::set_num_threads(threads > 0 ? threads : known ? CPU_COUNT(&allowed) : 1);
}

int engine_threads() { return at::get_num_threads(); }

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
