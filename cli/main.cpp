#include <c10/util/Exception.h>

#include <algorithm>

#include "cli/program.h"
#include "cli/verbs.h"
#include "fairfight/base/environment.h"
#include "fairfight/base/error.h"
#include "fairfight/base/launch.h"
#include "fairfight/base/note.h"
#include "fairfight/base/stop.h"
#include "fairfight/base/version.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

int run(int count, char** arguments) {
  CLI::App app{"fairfight: is interpretability useful on your model? Dictionaries against the strongest methods without them, in a fair fight."};
  app.footer("Start with:  fairfight demo");
  app.set_version_flag("--version", std::string(kVersion));
  app.require_subcommand(1);
  app.fallthrough();
  int threads = 0;
  app.add_option("--threads", threads, "threads to compute with (default: all cores)")->check(CLI::Range(1, 1024));
  app.parse_complete_callback([&] {
    require_one_process(app);
    start_engine(threads);
    const int here = read_launch().here;  // torchrun binds its processes to no cores
    if (threads == 0 && here > 1) start_engine(std::max(1, engine_threads() / here));
  });
  for (auto add : {add_demo, add_fight, add_fights, add_contestants, add_models, add_inspect, add_tokens, add_train, add_evaluate, add_generate, add_perplexity, add_apply, add_organism, add_judge, add_report, add_board, add_forecast}) add(app);
  try {
    return run_verb(app, count, arguments);
  } catch (const c10::Error& e) {
    fail("[libtorch] {}", e.what_without_backtrace());
  }
}

}  // namespace
}  // namespace fairfight

int main(int count, char** arguments) {
  using namespace fairfight;
  open_standard_streams();
  settle_environment(arguments);
  catch_stop_signals();
  return run_program(run, count, arguments);
}
