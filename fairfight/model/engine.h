#pragma once
#include <cstddef>
#include <functional>
#include <string>

namespace fairfight {

/// Readies the tensor engine for this process: all the cores that the process may use (libtorch 1.13 takes one on some
/// virtual machines), or `threads` of them.
void start_engine(int threads = 0);
int engine_threads();

/// Runs job(0) .. job(count - 1) side by side, as many at once as the engine has threads, each on one thread: several small
/// trainings are done sooner so than one after the other, and their numbers do not depend on how many cores there are. The
/// first error is thrown on when all have ended; no job begins after it.
void side_by_side(size_t count, const std::function<void(size_t)>& job);

/// One line about the machine for a result's `timing`: CPU, threads, products, libtorch.
std::string describe_machine();

}  // namespace fairfight
