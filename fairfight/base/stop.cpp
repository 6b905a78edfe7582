#include "fairfight/base/stop.h"

#include <unistd.h>

#include <csignal>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

volatile std::sig_atomic_t asked = 0;

void on_signal(int) {
  if (asked) _exit(130);
  asked = 1;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action{};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);  // so that write_atomic hears of a file-size limit and can say so
}

bool stop_requested() { return asked != 0; }
void request_stop() { asked = 1; }

void check_stop() {
  if (stop_requested()) throw Interrupted("stopped on request");
}

}  // namespace fairfight
