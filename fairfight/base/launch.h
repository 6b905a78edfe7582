#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace fairfight {

/// This process among those that torchrun, mpirun or srun have started together: what they say in the environment.
struct Launch {
  int rank = 0, size = 1;
  int here = 1;              // of them, on this machine and its cores, where that is said
  std::string said_by{};     // the variable that holds the size
  std::string address{};     // where rank 0 is to be found, if that is said
  uint16_t port = 0;         // ... and may listen; 0: it takes a free one
  int restarts = 0;          // how often torchrun has started all of them anew
  double lease_seconds = 30;  // a process that says nothing for so long is held for dead

  bool alone() const { return size == 1; }
};

/// Error: a number that is none, or a rank beyond the size. `variable` gives null for what is not set.
Launch read_launch(const std::function<const char*(const char*)>& variable);
Launch read_launch();  // of this process

}  // namespace fairfight
