#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/base/version.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

constexpr int kBadInput = 2, kInterrupted = 130;

/// libgomp reads its wait policy when it is loaded. Active waits fight the threads of a pthread OpenBLAS (10 times slower),
/// purely passive ones cost a training step a fifth; so threads shall spin for some microseconds and then sleep. The program
/// starts itself once more with that environment. ATen takes AVX-512 only when told to.
void restart_with_environment(char** arguments) {
  if (std::getenv("OMP_WAIT_POLICY")) return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  setenv("GOMP_SPINCOUNT", "10000", 0);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
#endif
  execv("/proc/self/exe", arguments);
}

int complain(std::string message, int code) {
  message = message.substr(0, message.find('\n'));
  fmt::print(stderr, "{}fairfight: {}\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", message);
  return code;
}

int run(int count, char** arguments) {
  CLI::App app{"fairfight: is interpretability useful on your model? Dictionaries against the strongest methods without them, in a fair fight."};
  app.footer("Start with:  fairfight demo");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  int threads = 0;
  app.add_option("--threads", threads, "threads to compute with (default: all cores)")->check(CLI::Range(1, 1024));
  app.parse_complete_callback([&] { start_engine(threads); });
  for (auto add : {add_demo, add_fight, add_fights, add_contestants, add_train, add_evaluate, add_generate, add_organism, add_judge, add_report}) add(app);
  try {
    app.parse(count, arguments);
    return 0;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return complain(fmt::format("{}; see fairfight --help", e.what()), kBadInput);
  }
}

}  // namespace
}  // namespace fairfight

int main(int count, char** arguments) {
  using namespace fairfight;
  restart_with_environment(arguments);
  catch_stop_signals();
  try {
    return run(count, arguments);
  } catch (const Interrupted&) {
    return complain("stopped; --resume goes on from here", kInterrupted);
  } catch (const Error& e) {
    return complain(e.what(), kBadInput);
  } catch (const std::bad_alloc&) {
    return complain("[memory] there is not enough of it for this; use a smaller batch, width or pool", kBadInput);
  } catch (const c10::Error& e) {
    return complain(fmt::format("[libtorch] {}", e.what_without_backtrace()), kBadInput);
  } catch (const std::exception& e) {
    return complain(e.what(), kBadInput);
  }
}
