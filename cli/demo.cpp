#include "cli/verbs.h"
#include "fairfight/base/shipped.h"

namespace fairfight {

void add_demo(CLI::App& app) {
  auto* verb = app.add_subcommand("demo", "The shipped fight on the embedded town: nothing to download, a few minutes");
  verb->footer("Example:  fairfight demo --out runs/demo");
  static RunOptions options{"runs/demo"};
  verb->add_option("--out", options.out, "folder for result.json and report.html")->capture_default_str();
  add_run_options(*verb, options);
  verb->callback([] { run_card(shipped("cards/anomaly.toml"), options); });
}

}  // namespace fairfight
