#include "fairfight/base/launch.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

template <class Number>
Number number_in(const char* name, std::string_view text, Number least, Number most, const char* expected) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    fail("[ranks] got {}=\"{}\", expected {}; start all processes with torchrun, srun or mpirun, or unset it", name, text, expected);
  return value;
}

/// Who starts processes says so in these. MPI's come before Slurm's, within whose steps mpirun may be at work; a step's size and not the job's, which a
/// batch script has as well, who is alone.
struct Launcher {
  const char *rank, *size;
};
constexpr Launcher kLaunchers[] = {{"RANK", "WORLD_SIZE"}, {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}, {"PMI_RANK", "PMI_SIZE"}, {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}};

}  // namespace

Launch read_launch(const std::function<const char*(const char*)>& variable) {
  constexpr int kMany = 1'000'000;
  Launch launch;
  for (const auto& [rank, size] : kLaunchers) {
    const char *of_rank = variable(rank), *of_size = variable(size);
    if (!of_size) continue;  // a RANK alone is somebody else's variable
    launch.size = number_in(size, of_size, 1, kMany, "the number of processes");
    if (launch.size > 1 && !of_rank) fail("[ranks] got {}={} and no {}, expected each process's own from 0 on; start them with torchrun, srun or mpirun, or unset it", size, of_size, rank);
    if (of_rank) launch.rank = number_in(rank, of_rank, 0, launch.size - 1, fmt::format("a rank from 0 to {}", launch.size - 1).c_str());
    launch.said_by = size;
    break;
  }
  if (launch.alone()) return {};
  const auto said = [&](const char* name) { return std::string_view(variable(name) ? variable(name) : ""); };
  if (const auto text = said("LOCAL_WORLD_SIZE"); !text.empty()) launch.here = number_in("LOCAL_WORLD_SIZE", text, 1, kMany, "the number of processes on this machine");
  if (const auto text = said("TORCHELASTIC_RESTART_COUNT"); !text.empty()) launch.restarts = number_in("TORCHELASTIC_RESTART_COUNT", text, 0, std::numeric_limits<int>::max(), "a count");
  if (const auto text = said("FAIRFIGHT_LEASE"); !text.empty()) launch.lease_seconds = number_in("FAIRFIGHT_LEASE", text, 1.0, 86400.0, "seconds, 1 or more");
  launch.address = said("MASTER_ADDR");
  // torchrun's agent may itself listen on the port, in the protocol of its own torch's version.
  if (const auto text = said("MASTER_PORT"); !text.empty() && !launch.address.empty() && said("TORCHELASTIC_USE_AGENT_STORE") != "True")
    launch.port = number_in<uint16_t>("MASTER_PORT", text, 1, std::numeric_limits<uint16_t>::max(), "a port from 1 to 65535");
  return launch;
}

Launch read_launch() {
  return read_launch([](const char* name) { return std::getenv(name); });
}

}  // namespace fairfight
