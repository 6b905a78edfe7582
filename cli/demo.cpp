#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/base/shipped.h"

namespace fairfight {

void add_demo(CLI::App& app) {
  auto* verb = app.add_subcommand("demo", "The shipped fights on the embedded towns: nothing to download; with --quick a few minutes");
  verb->footer("Example:  fairfight demo --quick --out runs/demo");
  static RunOptions options{"runs/demo"};
  static bool quick = false;
  verb->add_option("--out", options.out, "folder; every fight writes result.json and report.html into one of its own there")->capture_default_str();
  verb->add_flag("--quick", quick, "two fights on one town, fewer trials");
  add_run_options(*verb, options);
  verb->callback([] {
    const std::vector<std::string> fights = quick ? std::vector<std::string>{"anomaly", "represented"} : std::vector<std::string>{"anomaly", "represented", "unrepresented"};
    for (const auto& name : fights) {
      RunOptions one = options;
      one.out = options.out / name;
      fmt::print("\n{}\n", name);
      run_card(shipped(fmt::format("cards/{}{}.toml", quick ? "quick/" : "", name)), one);
    }
  });
}

}  // namespace fairfight
