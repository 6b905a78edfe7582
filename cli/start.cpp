#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "cli/plain_verbs.h"
#include "cli/program.h"
#include "fairfight/base/environment.h"
#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"

// The program `fairfight`: loading libtorch takes most of a second, so what needs none is done here, and fairfight-engine, which
// lies beside this file, does the rest. It finds its environment settled and need not start itself once more for it.
namespace fairfight {
namespace {

int run_plain(int count, char** arguments) {
  CLI::App app;
  app.require_subcommand(1);
  for (auto add : {add_tokens, add_board, add_forecast}) add(app);
  app.parse_complete_callback([&] { require_one_process(app); });
  return run_verb(app, count, arguments);
}

int start_engine_program(int, char** arguments) {
  settle_environment_of_engine();
  const auto engine = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "fairfight-engine";
  execv(engine.c_str(), arguments);
  fail("[start] {}: {}; install fairfight again", engine.string(), std::strerror(errno));
}

}  // namespace
}  // namespace fairfight

int main(int count, char** arguments) {
  using namespace fairfight;
  open_standard_streams();
  const auto common = [](std::string_view argument) { return argument.starts_with("--threads"); };  // an option of all verbs
  const auto needs_none = [](std::string_view verb) { return verb == "tokens" || verb == "board" || verb == "forecast"; };
  const bool plain = count > 1 && needs_none(arguments[1]) && std::none_of(arguments + 1, arguments + count, common);
  if (plain) catch_stop_signals();
  return run_program(plain ? run_plain : start_engine_program, count, arguments);
}
