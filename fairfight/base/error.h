#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace fairfight {

/// A fault of the input or of the machine, reported in one line: "[where] what: got X, expected Y; what to do".
/// The command line turns it into exit code 2.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Ctrl-C or SIGTERM: the work done so far is on disk. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace fairfight
