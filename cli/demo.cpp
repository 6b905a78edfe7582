#include "cli/verbs.h"
#include "fairfight/base/shipped.h"

namespace fairfight {

void add_demo(CLI::App& app) {
  auto* verb = app.add_subcommand("demo", "The shipped fight on the embedded town: nothing to download, a few minutes");
  verb->footer("Example:  fairfight demo --out runs/demo");
  static std::filesystem::path out = "runs/demo";
  static bool resume = false;
  verb->add_option("--out", out, "folder for result.json and report.html")->capture_default_str();
  verb->add_flag("--resume", resume, "keep the dictionaries that an interrupted run has left there");
  verb->callback([] { run_card(shipped("cards/anomaly.toml"), out, resume); });
}

}  // namespace fairfight
