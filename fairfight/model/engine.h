#pragma once
#include <string>

namespace fairfight {

/// Readies the tensor engine for this process: all the cores that the process may use (libtorch 1.13 takes one on some
/// virtual machines), or `threads` of them.
void start_engine(int threads = 0);
int engine_threads();

/// One line about the machine for a result's `timing`: CPU, threads, products, libtorch.
std::string describe_machine();

}  // namespace fairfight
