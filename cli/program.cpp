#include "cli/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "fairfight/base/error.h"
#include "fairfight/base/launch.h"
#include "fairfight/base/note.h"

namespace fairfight {
namespace {

constexpr int kBadInput = 2, kInterrupted = 130;

/// A line of its own, where a line of progress may stand. fmt would throw where nobody catches if that fails, too.
void say(const std::string& message) { std::fputs(fmt::format("{}{}\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", message).c_str(), stderr); }

}  // namespace

void open_standard_streams() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) _exit(kBadInput);
}

int complain(std::string message, int code) {
  say("fairfight: " + message.substr(0, message.find('\n')));
  return code;
}

void require_one_process(const CLI::App& app) {
  const Launch launch = read_launch();
  for (const auto* verb : app.get_subcommands())
    if (!launch.alone() && verb->get_name() != "fight")
      fail("[ranks] {} runs in one process: got {}={}, expected 1; only `fight` is shared by several", verb->get_name(), launch.said_by, launch.size);
}

int run_verb(CLI::App& app, int count, char** arguments) {
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

int run_program(int (*program)(int, char**), int count, char** arguments) {
  hear_notes([](const std::string& text) { say("note: " + text); });
  try {
    const int code = program(count, arguments);
    if (std::fflush(stdout) != 0) fail("[output] cannot write to the standard output: {}", std::strerror(errno));
    return code;
  } catch (const Error& e) {
    return complain(e.what(), kBadInput);
  } catch (const std::bad_alloc&) {
    return complain("[memory] there is not enough of it for this; use a smaller batch, width or pool", kBadInput);
  } catch (const std::exception& e) {
    return complain(e.what(), kBadInput);
  }
}

}  // namespace fairfight
