#include <c10/util/Exception.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/verbs.h"
#include "fairfight/base/environment.h"
#include "fairfight/base/error.h"
#include "fairfight/base/note.h"
#include "fairfight/base/stop.h"
#include "fairfight/base/version.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

constexpr int kBadInput = 2, kInterrupted = 130;

/// The number of a closed standard stream would go to the next file that is opened, and what is printed into that file.
void open_standard_streams() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) _exit(kBadInput);
}

/// Where a line of progress may stand.
const char* beginning_of_line() { return isatty(STDERR_FILENO) ? "\r\033[K" : ""; }

int complain(std::string message, int code) {
  message = message.substr(0, message.find('\n'));
  const auto line = fmt::format("{}fairfight: {}\n", beginning_of_line(), message);
  std::fputs(line.c_str(), stderr);  // fmt would throw where nobody catches if that fails, too
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
  for (auto add : {add_demo, add_fight, add_fights, add_contestants, add_models, add_inspect, add_tokens, add_train, add_evaluate, add_generate, add_perplexity, add_apply, add_organism, add_judge, add_report}) add(app);
  try {
    app.parse(count, arguments);
    return 0;
  } catch (const Interrupted&) {
    const CLI::App* verb = &app;
    while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
    return complain(verb->get_option_no_throw("--resume") ? "stopped; --resume goes on from here" : "stopped", kInterrupted);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return complain(fmt::format("{}; see fairfight --help", e.what()), kBadInput);
  }
}

}  // namespace
}  // namespace fairfight

int main(int count, char** arguments) {
  using namespace fairfight;
  open_standard_streams();
  hear_notes([](const std::string& text) { std::fputs(fmt::format("{}note: {}\n", beginning_of_line(), text).c_str(), stderr); });
  settle_environment(arguments);
  catch_stop_signals();
  try {
    const int code = run(count, arguments);
    if (std::fflush(stdout) != 0) fail("[output] cannot write to the standard output: {}", std::strerror(errno));
    return code;
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
