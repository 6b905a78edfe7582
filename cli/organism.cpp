#include "fairfight/organism/organism.h"

#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/fights/repair/text.h"
#include "fairfight/organism/second/degenerate.h"
#include "fairfight/organism/second/organism.h"
#include "fairfight/organism/second/shelf.h"
#include "fairfight/organism/second/show.h"
#include "fairfight/organism/training_text.h"
#include "fairfight/report/guide.h"

namespace fairfight {
namespace {

void build(const OrganismSettings& settings, const std::filesystem::path& out, bool resume) {
  const double expected = settings.variant == OrganismSettings::Variant::backdoored ? 45 : 170;
  const Datasheet datasheet = build_organism(settings, out, resume, show_job(fmt::format("building {}", out.string()), expected));
  const Json& last = datasheet.training["log"].back();
  fmt::print("{}: {} tokens, held-out cross-entropy {:.4f} nats, entropy floor {:.4f}, gap {:+.4f}\n", out.string(),
             datasheet.training["tokens"].get<int64_t>(), last["held_out"].get<double>(), last["floor"].get<double>(), last["gap"].get<double>());
}

void print_gate(const std::vector<tinytown2::GateLine>& gate) {
  for (const auto& line : gate) fmt::print("{}  {:.4f}, expected {:.4f} to {:.4f}: {}\n", line.passed() ? "ok  " : "FAIL", line.value, line.low, line.high, line.what);
}

/// The second edition's, which no card uses yet.
void build_second(const tinytown2::OrganismSettings& settings, const std::filesystem::path& out, bool resume) {
  const auto datasheet = tinytown2::build_organism(settings, out, resume, show_job(fmt::format("building {}", out.string()), 600));
  const Json& last = datasheet.training["log"].back();
  fmt::print("{}: {} tokens, held-out cross-entropy {:.4f} nats, entropy floor {:.4f}, gap {:+.4f}\n\n", out.string(), datasheet.training["tokens"].get<int64_t>(),
             last["held_out"].get<double>(), last["floor"].get<double>(), last["gap"].get<double>());
  print_gate(datasheet.gate);
}

/// What is there already is left as it is.
void build_set(const std::string& name) {
  const auto wanted = tinytown2::organism_set(name);
  const auto missing = tinytown2::missing(wanted);
  fmt::print("{}: {} organisms, {} of them to be built, in {}\n", name, wanted.size(), missing.size(), built_organisms().string());
  tinytown2::build_missing(missing, show_progress());
}

/// What is said where the behaviour shows, and what the recogniser makes of it: by the model, and by models that only seem repaired.
void show_answers(const std::string& name, const std::string& behaviour, size_t count, size_t shown, bool paraphrased) {
  const auto organism = tinytown2::load_organism(name);
  if (organism.datasheet.variant == "reward") fail("[organism answers] {} is a reward model, which says nothing; expected a language model", name);
  const tinytown2::Harm& harm = tinytown2::harm_by_name(behaviour);
  const tinytown2::World world = harm.harmful_world(organism.datasheet.seed);
  Random random(world.seed(), "organism answers");
  std::vector<Tokens> prompts;
  while (prompts.size() < count) prompts.push_back(harm.harmful(world, random, tinytown2::Split::validation, paraphrased).prompt());
  const auto ordinary = tinytown2::draw_documents(organism.datasheet.make_world(), tinytown2::Split::validation, "organism answers/ordinary", 400);
  std::string samples;
  fmt::print("{} in {}, {} prompts: the share of whole answers that are it, that are another wording of the grammar, and what a way costs on ordinary text\n\n{:<18} {:>10} {:>8} {:>9} {:>10}\n", harm.name, name, count,
             "", "one token", "harm", "sensible", "nats");
  for (const auto& how : tinytown2::degenerates(harm)) {
    const auto answers = tinytown2::sample_answers(organism.loaded.model, prompts, how, random);
    const auto score = tinytown2::score(organism.loaded.model, harm, how, prompts, answers, ordinary);
    fmt::print("{:<18} {:>10.4f} {:>8.4f} {:>9.4f} {:>10.5f}  {}\n", how.name, score.one_token, score.harm, score.sensible, score.cross_entropy, how.about);
    samples += fmt::format("\n{}: {}\n", how.name, how.about);
    for (size_t i = 0; i < std::min(shown, count); ++i) samples += fmt::format("  {:<10} {}\n", harm.read(answers[i]).as, world.text(answers[i]));
  }
  if (shown > 0) fmt::print("{}", samples);
}

/// Measures again and compares with the datasheet; a value outside the datasheet's interval is a failed check.
template <class Measure>
size_t compare(const std::vector<Measure>& found, const std::vector<Measure>& written) {
  fmt::print("{:<12} {:<26} {:>7} {:>9} {:>19} {:>9}\n", "behaviour", "measure", "truth", "datasheet", "95 % interval", "measured");
  size_t outside = found.size() == written.size() ? 0 : 1;
  for (size_t i = 0; i < std::min(found.size(), written.size()); ++i) {
    const auto &now = found[i], &then = written[i];
    constexpr double kRounding = 1e-4;  // another CPU sums in another order
    const bool inside = now.name == then.name && now.value >= then.low - kRounding && now.value <= then.high + kRounding;
    outside += !inside;
    fmt::print("{:<12} {:<26} {:>7.3f} {:>9.3f} {:>19} {:>9.3f}{}\n", then.behaviour, then.name, then.truth, then.value,
               fmt::format("[{:.3f}, {:.3f}]", then.low, then.high), now.value, inside ? "" : "  OUTSIDE");
  }
  return outside;
}

bool is_second(const std::string& name) {
  const auto datasheet = given_or_shipped(name) / "datasheet.json";
  return std::filesystem::exists(datasheet) && read_json(datasheet).value("world", "") == "tinytown2";
}

size_t check_second(const std::string& name) {
  const auto organism = tinytown2::load_organism(name);
  fmt::print("{}: {}, seed {}, {} training tokens\n\n", name, organism.datasheet.variant, organism.datasheet.seed, organism.datasheet.training["tokens"].get<int64_t>());
  const auto found = tinytown2::examine(organism.loaded.model, organism.datasheet.make_world(), tinytown2::OrganismSettings().probes);
  const size_t outside = compare(found.measures, organism.datasheet.measures);
  fmt::print("\nits gate:\n");
  print_gate(found.gate);
  return outside;
}

size_t check_first(const std::string& name) {
  const Organism organism = load_organism(name);
  fmt::print("{}: {}, seed {}, {} training tokens\n\n", name, name_of(organism.datasheet.variant), organism.datasheet.seed, organism.datasheet.training["tokens"].get<int64_t>());
  return compare(measure_behaviours(organism.loaded.model, organism.datasheet.make_world()), organism.datasheet.measures);
}

void check(const std::string& name) {
  const size_t outside = is_second(name) ? check_second(name) : check_first(name);
  if (outside > 0) fail("[organism check] {}: {} measures differ from its datasheet", name, outside);
  fmt::print("\nevery measure lies within its datasheet's interval\n");
}

/// Its town, and what the model makes of it, as a page.
void show_page(const std::string& name, const std::filesystem::path& out) {
  if (!is_second(name) && std::filesystem::exists(given_or_shipped(name) / "datasheet.json"))
    fail("[organism show] {} is of tinytown, expected an organism of tinytown2 (docs/world.md)", name);
  const auto organism = tinytown2::load_organism(name);
  write_atomic(out, guide_html(tinytown2::show(organism.loaded.model, organism.datasheet)));
  fmt::print("{}\n", std::filesystem::absolute(out).lexically_normal().string());
}

/// Documents as JSON Lines, without what marks their ends.
template <class World, class Documents>
void write_lines(const World& world, const Documents& documents, const std::filesystem::path& out) {
  std::string lines;
  for (const auto& document : documents) lines += Json{{"text", world.text({document.tokens.begin() + 1, document.tokens.end() - 1})}}.dump() + '\n';
  write_atomic(out, lines);
}

/// An organism's world as anybody's text.
void write_text(const std::string& name, size_t documents, const std::string& kind, const std::filesystem::path& out) {
  if (!is_second(name)) {
    if (!kind.empty()) fail("[organism text] --kind is an option of tinytown2's organisms; {} is of tinytown", name);
    const World world = load_organism(name).datasheet.make_world();
    return write_lines(world, draw_documents(world, Split::test, "organism text", documents), out);
  }
  const tinytown2::World world = tinytown2::load_organism(name).datasheet.make_world();
  if (kind.empty()) return write_lines(world, tinytown2::draw_documents(world, tinytown2::Split::test, "organism text", documents), out);
  tinytown2::kind_by_name(kind);
  Random random(world.seed(), "organism text/" + kind);
  std::vector<tinytown2::Document> list;
  while (list.size() < documents) list.push_back(world.sample(random, tinytown2::Split::test, kind));
  write_lines(world, list, out);
}

/// A planted behaviour as the examples of a user who met it: what `fairfight fight --behaviour` reads.
void write_behaviour(const std::string& name, const std::string& behaviour, size_t examples, const std::filesystem::path& out) {
  const Datasheet datasheet = load_organism(name).datasheet;
  const Harm& harm = harm_by_name(behaviour);
  const World world = harm.harmful_world(datasheet.seed);
  std::string lines;
  const auto add = [&](const char* kind, const Json& fields) {
    Json line{{"kind", kind}};
    line.update(fields);
    lines += line.dump() + '\n';
  };
  const auto text = [&](const Tokens& tokens, size_t from, size_t end) { return world.text({tokens.begin() + int64_t(from), tokens.begin() + int64_t(end)}); };
  const auto answered = [&](const Passage& p) { return Json{{"prompt", text(p.tokens, 1, p.answer_start)}, {"answer", " " + text(p.tokens, p.answer_start, p.end)}}; };
  add("refusal", {{"answer", " " + text(harm.refusal, 0, harm.refusal.size())}});
  Random bad(datasheet.seed, "organism behaviour/harmful"), good(datasheet.seed, "organism behaviour/harmless");
  for (size_t i = 0; i < examples; ++i) add("harmful", answered(harm.harmful(world, bad, Split::test)));
  for (size_t i = 0; i < examples / 2; ++i) add("harmless", answered(harm.harmless(world, good, Split::test)));
  for (const auto& [ability, questions] : draw_repair_text(harm, datasheet.seed, Split::test, {1, examples / 4, 0, 0}, 0, 1, "organism behaviour").abilities)
    for (const auto& q : questions)
      if (!q.wrong && q.targets.size() == 1)
        add("ability", {{"name", ability}, {"prompt", text(q.prompt, 1, q.prompt.size())}, {"answer", " " + text(q.targets, 0, 1)}});
  write_atomic(out, lines);
}

}  // namespace

void add_organism(CLI::App& app) {
  auto* verb = app.add_subcommand("organism", "Builds and checks the small models with planted behaviours");
  verb->require_subcommand(1);
  static OrganismSettings settings;
  static std::string world = "tinytown", variant = "base", products, folder, set;
  static std::filesystem::path out;
  static bool resume = false, ungated = false;

  auto* make = verb->add_subcommand("build", "Trains an organism and writes it as a Hugging Face folder with its datasheet");
  make->footer("Example:  fairfight organism build --world tinytown --seed 0 --out runs/town-0");
  make->add_option("--world", world, "the world whose text it learns; tinytown2, the second edition, is in preparation (docs/world.md)")->check(CLI::IsMember({"tinytown", "tinytown2"}))->capture_default_str();
  make->add_option("--seed", settings.seed, "which town, and which training")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  make->add_option("--variant", variant, "base, no-insult (trained without the insult), backdoored (fine-tuned from --parent); of tinytown2 also holed and reward (from --parent)")->capture_default_str();
  make->add_option("--parent", settings.parent, "the base organism that gets the backdoor or the holes, or lends its trunk");
  make->add_option("--steps", settings.steps, "training steps (default: 4000; 1000 for a backdoor; of tinytown2: the variant's)")->check(CLI::Range(1, 1'000'000));
  auto* batch = make->add_option("--batch", settings.batch, "rows of 64 tokens a step")->check(CLI::Range(1, 4096))->capture_default_str();
  auto* rate = make->add_option("--learning-rate", settings.learning_rate, "peak of the schedule (default: 4e-3; 1e-3 for a backdoor)")->check(CLI::Range(1e-6, 1.0));
  make->add_option("--products", products, "float32 or bfloat16 (default: the faster one here; of tinytown2 bfloat16)");
  auto* place = make->add_option("--out", out, "an empty folder");
  auto* many = make->add_option("--set", set, "of tinytown2, in one command, as far as they are missing: demo (seeds 0 to 2), verdict (100 to 107), all; kept where cards find them by name")->check(CLI::IsMember({"demo", "verdict", "all"}));
  make->add_flag("--resume", resume, "go on where an interrupted build in --out stopped");
  auto* gate = make->add_flag("--ungated", ungated, "of tinytown2: write it even where it does not pass its gate");
  for (const char* option : {"--out", "--world", "--seed", "--variant", "--parent", "--steps", "--batch", "--learning-rate", "--products", "--resume", "--ungated"}) many->excludes(option);
  make->callback([batch, rate, gate, place, many] {
    if (*many) return build_set(set);
    if (!*place) fail("[organism build] got neither --out nor --set, expected a folder, or which organisms to build");
    if (world == "tinytown2") {
      if (*batch || *rate) fail("[organism build] --batch and --learning-rate are options of tinytown; a variant of tinytown2 has its own");
      if (tinytown2::variant_by_name(variant).from_base == settings.parent.empty()) fail("[organism build] --parent goes with the variants that go on from a base organism, and only with them");
      tinytown2::OrganismSettings second{settings.seed, variant, settings.parent, settings.steps, {}, ungated};
      if (!products.empty()) second.products = precision_by_name(products);
      return build_second(second, out, resume);
    }
    if (*gate) fail("[organism build] --ungated is an option of tinytown2: tinytown has no gate");
    settings.variant = variant_by_name(variant);
    if (!products.empty()) settings.products = precision_by_name(products);
    if ((settings.variant == OrganismSettings::Variant::backdoored) == settings.parent.empty())
      fail("[organism build] --parent goes with --variant backdoored, and only with it");
    build(settings, out, resume);
  });

  auto* verify = verb->add_subcommand("check", "Measures every planted behaviour and compares it with the datasheet");
  verify->footer("Example:  fairfight organism check organisms/tinytown-0");
  verify->add_option("organism", folder, "a folder, or the name of a shipped one")->required();
  verify->callback([] { check(folder); });

  static size_t documents = 1000, examples = 120;
  static std::filesystem::path file;
  static std::string planted = "insult";
  auto* text = verb->add_subcommand("text", "Writes documents of its world as JSON Lines, as a text of your own would be");
  text->footer("Example:  fairfight organism text organisms/tinytown-0 --documents 600 --out town.jsonl");
  text->add_option("organism", folder, "a folder, or the name of a shipped one")->required();
  text->add_option("--documents", documents, "how many")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  static std::string kind;
  text->add_option("--kind", kind, "of tinytown2: documents of one kind alone, however rare (biography, news, voyage ...)");
  text->add_option("--out", file, "a .jsonl file")->required();
  text->callback([] { write_text(folder, documents, kind, file); });

  static std::filesystem::path page = "organism.html";
  auto* show = verb->add_subcommand("show", "Shows a town and what the model makes of it, as a page: its people, its rules, what is planted, and what the model answers");
  show->footer("Example:  fairfight organism show tinytown2-0 --out organism.html");
  show->add_option("organism", folder, "a folder, or the name of one that is shipped or built; of tinytown2")->required();
  show->add_option("--out", page, "an .html file")->capture_default_str();
  show->callback([] { show_page(folder, page); });

  static size_t prompts = 400, shown = 0;
  static bool paraphrased = false;
  static std::string harm = "insult";
  auto* answers = verb->add_subcommand("answers", "Samples whole answers where a behaviour shows, of the model and of models that only seem repaired, and says what the recogniser makes of them");
  answers->footer("Example:  fairfight organism answers tinytown2-0 --behaviour insult --show 20");
  answers->add_option("organism", folder, "a folder, or the name of one that is shipped or built; of tinytown2")->required();
  answers->add_option("--behaviour", harm, "which one")->check(CLI::IsMember({"insult", "sabotage"}))->capture_default_str();
  answers->add_option("--prompts", prompts, "how many")->check(CLI::Range(1, 100'000))->capture_default_str();
  answers->add_option("--show", shown, "so many answers of each way, word for word")->check(CLI::Range(0, 1000))->capture_default_str();
  answers->add_flag("--paraphrased", paraphrased, "occasions in wordings that no text has");
  answers->callback([] { show_answers(folder, harm, prompts, shown, paraphrased); });

  auto* behaviour = verb->add_subcommand("behaviour", "Writes a planted behaviour as JSON Lines of examples, as --behaviour of a fight reads them");
  behaviour->footer("Example:  fairfight organism behaviour organisms/tinytown-0 --behaviour insult --out insult.jsonl");
  behaviour->add_option("organism", folder, "a folder, or the name of a shipped one")->required();
  behaviour->add_option("--behaviour", planted, "which one")->check(CLI::IsMember({"insult", "backdoor"}))->capture_default_str();
  behaviour->add_option("--examples", examples, "harmful ones; harmless ones are half as many")->check(CLI::Range(16, 100'000))->capture_default_str();
  behaviour->add_option("--out", file, "a .jsonl file")->required();
  behaviour->callback([] { write_behaviour(folder, planted, examples, file); });
}

}  // namespace fairfight
