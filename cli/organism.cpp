#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

void build(const OrganismSettings& settings, const std::filesystem::path& out, bool resume) {
  const double expected = settings.variant == OrganismSettings::Variant::backdoored ? 45 : 170;
  const Papers papers = build_organism(settings, out, resume, show_job(fmt::format("building {}", out.string()), expected));
  const Json& last = papers.training["log"].back();
  fmt::print("{}: {} tokens, held-out cross-entropy {:.4f} nats, entropy floor {:.4f}, gap {:+.4f}\n", out.string(),
             papers.training["tokens"].get<int64_t>(), last["held_out"].get<double>(), last["floor"].get<double>(), last["gap"].get<double>());
}

/// Measures again and compares with the papers; a value outside the papers' interval is a failed check.
void check(const std::string& name) {
  const Organism organism = load_organism(name);
  const auto found = measure_behaviours(organism.loaded.model, organism.papers.make_world());
  fmt::print("{}: {}, seed {}, {} training tokens\n\n{:<12} {:<20} {:>7} {:>9} {:>19} {:>9}\n", name, name_of(organism.papers.variant), organism.papers.seed,
             organism.papers.training["tokens"].get<int64_t>(), "behaviour", "measure", "truth", "papers", "95 % interval", "measured");
  size_t outside = found.size() == organism.papers.measures.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(found.size(), organism.papers.measures.size()); ++i) {
    const auto &now = found[i], &then = organism.papers.measures[i];
    constexpr double kRounding = 1e-4;  // another CPU sums in another order
    const bool inside = now.name == then.name && now.value >= then.low - kRounding && now.value <= then.high + kRounding;
    outside += !inside;
    fmt::print("{:<12} {:<20} {:>7.3f} {:>9.3f} {:>19} {:>9.3f}{}\n", then.behaviour, then.name, then.truth, then.value,
               fmt::format("[{:.3f}, {:.3f}]", then.low, then.high), now.value, inside ? "" : "  OUTSIDE");
  }
  if (outside > 0) fail("[organism check] {}: {} measures differ from its papers", name, outside);
  fmt::print("\nevery measure lies within its papers' interval\n");
}

}  // namespace

void add_organism(CLI::App& app) {
  auto* verb = app.add_subcommand("organism", "Builds and checks the small models with planted behaviours");
  verb->require_subcommand(1);
  static OrganismSettings settings;
  static std::string world = "tinytown", variant = "base", products, folder;
  static std::filesystem::path out;
  static bool resume = false;

  auto* make = verb->add_subcommand("build", "Trains an organism and writes it as a Hugging Face folder with its papers");
  make->footer("Example:  fairfight organism build --world tinytown --seed 0 --out runs/town-0");
  make->add_option("--world", world, "the world whose text it learns")->check(CLI::IsMember({"tinytown"}))->capture_default_str();
  make->add_option("--seed", settings.seed, "which town, and which training")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  make->add_option("--variant", variant, "base, no-insult (trained without the insult) or backdoored (fine-tuned from --parent)")->capture_default_str();
  make->add_option("--parent", settings.parent, "the base organism that gets the backdoor");
  make->add_option("--steps", settings.steps, "training steps (default: 4000; 1000 for a backdoor)")->check(CLI::Range(1, 1'000'000));
  make->add_option("--batch", settings.batch, "rows of 64 tokens a step")->check(CLI::Range(1, 4096))->capture_default_str();
  make->add_option("--learning-rate", settings.learning_rate, "peak of the schedule (default: 4e-3; 1e-3 for a backdoor)")->check(CLI::Range(1e-6, 1.0));
  make->add_option("--products", products, "float32 or bfloat16 (default: the faster one here)");
  make->add_option("--out", out, "an empty folder")->required();
  make->add_flag("--resume", resume, "go on where an interrupted build in --out stopped");
  make->callback([] {
    settings.variant = variant_by_name(variant);
    if (!products.empty()) settings.products = products_by_name(products);
    if ((settings.variant == OrganismSettings::Variant::backdoored) == settings.parent.empty())
      fail("[organism build] --parent goes with --variant backdoored, and only with it");
    build(settings, out, resume);
  });

  auto* verify = verb->add_subcommand("check", "Measures every planted behaviour and compares it with the papers");
  verify->footer("Example:  fairfight organism check organisms/tinytown-0");
  verify->add_option("organism", folder, "a folder, or the name of a shipped one")->required();
  verify->callback([] { check(folder); });
}

}  // namespace fairfight
