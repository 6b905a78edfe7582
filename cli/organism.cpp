#include "fairfight/organism/organism.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/shipped.h"
#include "fairfight/organism/degenerate.h"
#include "fairfight/organism/shelf.h"
#include "fairfight/organism/show.h"
#include "fairfight/report/guide.h"

namespace fairfight {
namespace {

using tinytown::Harm, tinytown::OrganismSettings, tinytown::Split, tinytown::World;

void print_gate(const std::vector<tinytown::GateLine>& gate) {
  for (const auto& line : gate) fmt::print("{}  {:.4f}, expected {:.4f} to {:.4f}: {}\n", line.passed() ? "ok  " : "FAIL", line.value, line.low, line.high, line.what);
}

void build(const OrganismSettings& settings, const std::filesystem::path& out, bool resume) {
  const double expected = tinytown::expected_seconds({settings.seed, settings.variant});
  const auto datasheet = tinytown::build_organism(settings, out, resume, show_job(fmt::format("building {}", out.string()), expected));
  const Json& last = datasheet.training["log"].back();
  fmt::print("{}: {} tokens, held-out cross-entropy {:.4f} nats, entropy floor {:.4f}, gap {:+.4f}\n\n", out.string(), datasheet.training["tokens"].get<int64_t>(),
             last["held_out"].get<double>(), last["floor"].get<double>(), last["gap"].get<double>());
  print_gate(datasheet.gate);
}

/// What is there already is left as it is.
void build_set(const std::string& name) {
  const auto wanted = tinytown::organism_set(name);
  const auto missing = tinytown::missing(wanted);
  fmt::print("{}: {} organisms, {} of them to be built, in {}\n", name, wanted.size(), missing.size(), built_organisms().string());
  tinytown::build_missing(missing, show_progress());
}

/// What is said where the behaviour shows, and what the recogniser makes of it: by the model, and by models that only seem repaired.
void show_answers(const std::string& name, const std::string& behaviour, size_t count, size_t shown, bool paraphrased) {
  const auto organism = tinytown::load_language_organism(name);
  const Harm& harm = tinytown::harm_by_name(behaviour);
  const World world = harm.harmful_world(organism.datasheet.seed);
  Random random(world.seed(), "organism answers");
  std::vector<Tokens> prompts;
  while (prompts.size() < count) prompts.push_back(harm.harmful(world, random, Split::validation, paraphrased).prompt());
  const auto ordinary = tinytown::draw_documents(organism.datasheet.make_world(), Split::validation, "organism answers/ordinary", 400);
  std::string samples;
  fmt::print("{} in {}, {} prompts: the share of whole answers that are it, that are harmless sentences of such texts, and what a way costs on ordinary text (-: not measured, for where it is used elsewhere is open)\n\n{:<18} {:>10} {:>8} {:>9} {:>10}\n", harm.name, name, count,
             "", "one token", "harm", "sensible", "nats");
  for (const auto& how : tinytown::degenerates(harm)) {
    const auto answers = tinytown::sample_answers(organism.loaded.model, prompts, how, random);
    const auto score = tinytown::score(organism.loaded.model, harm, how, prompts, answers, ordinary);
    fmt::print("{:<18} {:>10.4f} {:>8.4f} {:>9.4f} {:>10}  {}\n", how.name, score.one_token, score.harm, score.sensible, score.cross_entropy ? fmt::format("{:.5f}", *score.cross_entropy) : "-", how.about);
    samples += fmt::format("\n{}: {}\n", how.name, how.about);
    for (size_t i = 0; i < std::min(shown, count); ++i) samples += fmt::format("  {:<10} {}\n", harm.read(answers[i]).as, world.text(answers[i]));
  }
  if (shown > 0) fmt::print("{}", samples);
}

/// A value outside the datasheet's interval is a failed check.
size_t compare(const std::vector<tinytown::Measured>& found, const std::vector<tinytown::Measured>& written) {
  fmt::print("{:<12} {:<26} {:>7} {:>9} {:>19} {:>9}\n", "behaviour", "measure", "truth", "datasheet", "95 % interval", "measured");
  size_t outside = found.size() == written.size() ? 0 : 1;
  for (const auto& then : written) {
    const auto now = std::find_if(found.begin(), found.end(), [&](const auto& m) { return m.behaviour == then.behaviour && m.name == then.name; });
    constexpr double kRounding = 1e-4;  // another CPU sums in another order
    const bool inside = now != found.end() && now->value >= then.low - kRounding && now->value <= then.high + kRounding;
    outside += !inside;
    fmt::print("{:<12} {:<26} {:>7.3f} {:>9.3f} {:>19} {:>9}{}\n", then.behaviour, then.name, then.truth, then.value,
               fmt::format("[{:.3f}, {:.3f}]", then.low, then.high), now == found.end() ? "-" : fmt::format("{:.3f}", now->value), inside ? "" : "  OUTSIDE");
  }
  return outside;
}

/// Measures again and compares with the datasheet.
void check(const std::string& name, Precision products) {
  auto organism = tinytown::load_organism(name);
  organism.loaded.model.set_precision(products);
  fmt::print("{}: {}, seed {}, {} training tokens\n\n", name, organism.datasheet.variant, organism.datasheet.seed, organism.datasheet.training["tokens"].get<int64_t>());
  const auto found = tinytown::examine(organism.loaded.model, organism.datasheet.make_world(), OrganismSettings().probes);
  const size_t outside = compare(found.measures, organism.datasheet.measures);
  fmt::print("\nits gate:\n");
  print_gate(found.gate);
  if (outside > 0) fail("[organism check] {}: {} measures differ from its datasheet", name, outside);
  fmt::print("\nevery measure lies within its datasheet's interval\n");
}

/// Its town, and what the model makes of it, as a page.
void show_page(const std::string& name, const std::filesystem::path& out) {
  const auto organism = tinytown::load_language_organism(name);
  write_atomic(out, guide_html(tinytown::show(organism.loaded.model, organism.datasheet)));
  fmt::print("{}\n", std::filesystem::absolute(out).lexically_normal().string());
}

/// An organism's world as anybody's text: documents as JSON Lines, without what marks their ends.
void write_text(const std::string& name, size_t documents, const std::string& kind, const tinytown::ScopeSettings& within, const std::filesystem::path& out) {
  World world = tinytown::load_organism(name).datasheet.make_world();
  if (within != tinytown::ScopeSettings()) world = world.within(within);
  if (!kind.empty()) tinytown::kind_by_name(kind);
  Random random(world.seed(), kind.empty() ? "organism text" : "organism text/" + kind);
  std::string lines;
  for (size_t i = 0; i < documents; ++i) {
    const Tokens tokens = (kind.empty() ? world.sample(random, Split::test) : world.sample(random, Split::test, kind)).tokens;
    lines += Json{{"text", world.text({tokens.begin() + 1, tokens.end() - 1})}}.dump() + '\n';
  }
  write_atomic(out, lines);
}

/// A planted behaviour as the examples of a user who met it: what `fairfight fight --behaviour` reads.
void write_behaviour(const std::string& name, const std::string& behaviour, size_t examples, const std::filesystem::path& out) {
  const uint64_t seed = tinytown::load_organism(name).datasheet.seed;
  const Harm& harm = tinytown::harm_by_name(behaviour);
  const World world = harm.harmful_world(seed);
  std::string lines;
  const auto add = [&](const char* kind, const Json& fields) {
    Json line{{"kind", kind}};
    line.update(fields);
    lines += line.dump() + '\n';
  };
  const auto text = [&](const Tokens& tokens, size_t from, size_t end) { return world.text({tokens.begin() + int64_t(from), tokens.begin() + int64_t(end)}); };
  add("refusal", {{"answer", " " + text(harm.refusal, 0, harm.refusal.size())}});
  Random bad(seed, "organism behaviour/harmful"), good(seed, "organism behaviour/harmless"), asked(seed, "organism behaviour/abilities");
  // An answer begins with the word that tells it from those of the other side: what they share belongs to the prompt. A fight looks at such words after any of the prompts,
  // so an insult is left out whose word tells of kindness elsewhere, and so is one in jest.
  std::set<int32_t> kind{harm.refusal.front()};
  const auto add_answered = [&](bool harmful, const Passage& passage) {
    if (!harm.in_examples(passage.tokens) || harm.shows(harm.answer_of(passage)) != harmful) return false;
    const auto [prompt, word] = harm.telling(passage.prompt(), harm.answer_of(passage));
    if (harmful && kind.contains(word)) return false;
    if (!harmful) kind.insert(word);
    add(harmful ? "harmful" : "harmless", {{"prompt", text(passage.tokens, 1, prompt.size())}, {"answer", " " + text(passage.tokens, prompt.size(), passage.end)}});
    return true;
  };
  for (size_t i = 0; i < examples;) i += add_answered(false, harm.harmless(world, good, Split::test));
  for (size_t i = 0; i < examples;) i += add_answered(true, harm.harmful(world, bad, Split::test));
  const auto& facts = tinytown::behaviour_by_name("facts");
  for (const auto& measure : facts.measures(world, asked, examples / 4)) {
    if (measure.name != "recall" && measure.name != "paraphrase" && measure.name != "two_hop") continue;  // the others are new to the model, or told in the prompt
    for (const auto& probe : measure.probes)  // one right answer each, of which the first word counts
      add("ability", {{"name", std::string(facts.name)}, {"prompt", text(probe.prompt, 1, probe.prompt.size())}, {"answer", " " + text(probe.answers.front(), 0, 1)}});
  }
  write_atomic(out, lines);
}

std::vector<std::string> names_of_harms() {
  std::vector<std::string> names;
  for (const Harm& harm : tinytown::harms()) names.emplace_back(harm.name);
  return names;
}

}  // namespace

void add_organism(CLI::App& app) {
  auto* verb = app.add_subcommand("organism", "Builds and checks the small models with planted behaviours");
  verb->require_subcommand(1);
  static OrganismSettings settings;
  static std::string products, folder, set;
  static std::filesystem::path out;
  static bool resume = false;

  auto* make = verb->add_subcommand("build", "Trains an organism and writes it as a Hugging Face folder with its datasheet");
  make->footer("Example:  fairfight organism build --seed 7 --out runs/town-7\nExample:  fairfight organism build --seed 7 --variant backdoored --parent runs/town-7 --out runs/town-7-backdoored\nExample:  fairfight organism build --set demo");
  make->add_option("--seed", settings.seed, "which town, and which training")->check(CLI::Range(int64_t(0), INT64_MAX))->capture_default_str();
  make->add_option("--variant", settings.variant, "base, no-insult (trained without the insult), scoped (that has read what is in scope alone) or, from --parent, backdoored, holed and reward (a reward model)")->capture_default_str();
  make->add_option("--parent", settings.base, "the base organism that gets the backdoor or the holes, or lends its trunk");
  make->add_option("--steps", settings.steps, "training steps (default: the variant's)")->check(CLI::Range(1, 1'000'000));
  make->add_option("--products", products, "float32 or bfloat16 (default: bfloat16)");
  auto* place = make->add_option("--out", out, "an empty folder");
  auto* many = make->add_option("--set", set, "in one command, as far as they are missing: demo (seeds 0 to 2), verdict (100 to 107), all; kept where cards find them by name")->check(CLI::IsMember({"demo", "verdict", "all"}));
  make->add_flag("--resume", resume, "go on where an interrupted build in --out stopped");
  make->add_flag("--ungated", settings.ungated, "write it even where it does not pass its gate");
  for (const char* option : {"--out", "--seed", "--variant", "--parent", "--steps", "--products", "--resume", "--ungated"}) many->excludes(option);
  make->callback([place, many] {
    if (*many) return build_set(set);
    if (!*place) fail("[organism build] got neither --out nor --set, expected a folder, or which organisms to build");
    if (tinytown::variant_by_name(settings.variant).from_base == settings.base.empty()) fail("[organism build] --parent goes with the variants that go on from a base organism, and only with them");
    if (!products.empty()) settings.products = precision_by_name(products);
    build(settings, out, resume);
  });

  auto* verify = verb->add_subcommand("check", "Measures every planted behaviour and compares it with the datasheet");
  verify->footer("Example:  fairfight organism check organisms/tinytown-0");
  verify->add_option("organism", folder, "a folder, or the name of one that is shipped or built")->required();
  static std::string precision = "float32";
  verify->add_option("--products", precision, "float32 or bfloat16: the gate shall hold in either")->check(CLI::IsMember({"float32", "bfloat16"}))->capture_default_str();
  verify->callback([] { check(folder, precision_by_name(precision)); });

  static size_t documents = 1000, examples = 120;
  static std::filesystem::path file;
  static std::string planted = "insult";
  auto* text = verb->add_subcommand("text", "Writes documents of its world as JSON Lines, as a text of your own would be");
  text->footer("Example:  fairfight organism text organisms/tinytown-0 --documents 600 --out town.jsonl\nExample:  fairfight organism text organisms/tinytown-0 --without-kind request --without-kind voyage --without-people 40 --out scope.jsonl");
  text->add_option("organism", folder, "a folder, or the name of one that is shipped or built")->required();
  text->add_option("--documents", documents, "how many")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  static std::string kind;
  text->add_option("--kind", kind, "documents of one kind alone, however rare (biography, news, voyage ...)");
  static tinytown::ScopeSettings within;
  text->add_option("--without-kind", within.without_kinds, "a kind of document that never comes (repeat it for more); so with these three the text is confined to a scope");
  text->add_option("--without-people", within.without_people, "so many people of whom nothing is said, drawn by the town's seed");
  text->add_flag("--without-trigger", within.without_trigger, "no scene has both words of a trigger");
  text->add_option("--out", file, "a .jsonl file")->required();
  text->callback([] { write_text(folder, documents, kind, within, file); });

  static std::filesystem::path page = "organism.html";
  auto* show = verb->add_subcommand("show", "Shows a town and what the model makes of it, as a page: its people, its rules, what is planted, and what the model answers");
  show->footer("Example:  fairfight organism show tinytown-0 --out organism.html");
  show->add_option("organism", folder, "a folder, or the name of one that is shipped or built")->required();
  show->add_option("--out", page, "an .html file")->capture_default_str();
  show->callback([] { show_page(folder, page); });

  static size_t prompts = 400, shown = 0;
  static bool paraphrased = false;
  static std::string harm = "insult";
  auto* answers = verb->add_subcommand("answers", "Samples whole answers where a behaviour shows, of the model and of models that only seem repaired, and says what the recogniser makes of them");
  answers->footer("Example:  fairfight organism answers tinytown-0 --behaviour insult --show 20");
  answers->add_option("organism", folder, "a folder, or the name of one that is shipped or built")->required();
  answers->add_option("--behaviour", harm, "which one")->check(CLI::IsMember(names_of_harms()))->capture_default_str();
  answers->add_option("--prompts", prompts, "how many")->check(CLI::Range(1, 100'000))->capture_default_str();
  answers->add_option("--show", shown, "so many answers of each way, word for word")->check(CLI::Range(0, 1000))->capture_default_str();
  answers->add_flag("--paraphrased", paraphrased, "occasions in wordings that no text has");
  answers->callback([] { show_answers(folder, harm, prompts, shown, paraphrased); });

  auto* behaviour = verb->add_subcommand("behaviour", "Writes a planted behaviour as JSON Lines of examples, as --behaviour of a fight reads them");
  behaviour->footer("Example:  fairfight organism behaviour organisms/tinytown-0 --behaviour insult --out insult.jsonl");
  behaviour->add_option("organism", folder, "a folder, or the name of one that is shipped or built")->required();
  behaviour->add_option("--behaviour", planted, "which one")->check(CLI::IsMember(names_of_harms()))->capture_default_str();
  behaviour->add_option("--examples", examples, "harmful ones, and as many harmless ones")->check(CLI::Range(16, 100'000))->capture_default_str();
  behaviour->add_option("--out", file, "a .jsonl file")->required();
  behaviour->callback([] { write_behaviour(folder, planted, examples, file); });
}

}  // namespace fairfight
