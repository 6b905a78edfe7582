#include "fairfight/organism/show.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include "fairfight/base/version.h"
#include "fairfight/organism/degenerate.h"
#include "fairfight/organism/shelf.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"
#include "fairfight/organism/tinytown/behaviours/prompts.h"

namespace fairfight::tinytown {
namespace {

constexpr size_t kShown = 3;         // documents of a kind
constexpr size_t kAsked = 4;         // prompts a measure

const std::string& spelled(int32_t word) { return vocabulary().at(size_t(word)); }

std::string listed(const Tokens& words) {
  std::string text;
  for (int32_t word : words) text += (text.empty() ? "" : ", ") + spelled(word);
  return text;
}

std::string as_percent(double share) { return fmt::format("{:.3g} %", 100 * share); }

std::string text_between(const World& world, const Tokens& tokens) {
  return world.text({tokens.begin() + (tokens.front() == kBos), tokens.end() - (tokens.back() == kEos)});
}

std::string sentence_of(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() = char(text.front() - 'a' + 'A');
  return text + ".";
}

/// Columns as {title, form}; a row is a list of cells.
Json table_of(std::initializer_list<std::pair<const char*, const char*>> columns, Json rows) {
  Json heads = Json::array();
  for (const auto& [title, form] : columns) heads.push_back({{"title", title}, {"form", form}});
  return {{"shape", "table"}, {"columns", heads}, {"rows", std::move(rows)}};
}

Json part_of(std::string title, std::string text, Json blocks) { return {{"title", std::move(title)}, {"text", std::move(text)}, {"blocks", std::move(blocks)}}; }

Json people_part(const World& world) {
  const Town& town = world.town();
  const auto& fame = world.scope().fame().people;
  double all = 0;
  for (double weight : fame) all += weight;
  Json rows = Json::array();
  size_t held_out = 0;
  for (size_t i = 0; i < town.people.size(); ++i) {
    const Person& p = town.people[i];
    const City& home = town.cities[p.city];
    held_out += p.two_hop_held_out;
    rows.push_back({spelled(p.first) + " " + spelled(p.family), p.woman ? "woman" : "man", spelled(p.job), spelled(home.name), spelled(home.landmark), spelled(home.region), spelled(p.pet), spelled(p.food),
                    spelled(p.hue) + " " + spelled(p.keepsake), fame[i] / all, p.two_hop_held_out ? "held out" : ""});
  }
  Json table = table_of({{"name", "text"}, {"gender", "text"}, {"job", "text"}, {"home", "text"}, {"landmark", "text"}, {"region", "text"}, {"pet", "text"}, {"food", "text"}, {"keepsake", "text"}, {"fame", "percent"}, {"two hops", "text"}}, std::move(rows));
  table["tall"] = true;
  return part_of("Its people", fmt::format("{} people live here, {} first names with {} family names each; the fame is how often a text is about somebody. A city has one landmark and one region, so that both follow from the home: of {} people nobody ever says so (held out), and a model has to put two facts together.", town.people.size(), words_of(Slot::first).size(), words_of(Slot::family).size(), held_out),
                 Json::array({std::move(table)}));
}

Json cities_part(const Town& town) {
  Json rows = Json::array();
  for (size_t i = 0; i < town.cities.size(); ++i) {
    const auto lives_there = [&](const Person& person) { return person.city == i; };
    rows.push_back({spelled(town.cities[i].name), spelled(town.cities[i].landmark), spelled(town.cities[i].region), size_t(std::count_if(town.people.begin(), town.people.end(), lives_there))});
  }
  return part_of("Its cities", fmt::format("{} cities, each shared by as many people. Which has which landmark, and lies in which region, the seed says.", town.cities.size()),
                 Json::array({table_of({{"city", "text"}, {"landmark", "text"}, {"region", "text"}, {"people", "number"}}, std::move(rows))}));
}

Json jobs_part(const Town& town) {
  Json rows = Json::array();
  for (const auto* jobs : {&town.womens_jobs, &town.mens_jobs})
    for (int32_t job : *jobs) {
      const auto of = [&](bool woman) { return size_t(std::count_if(town.people.begin(), town.people.end(), [&](const Person& p) { return p.job == job && p.woman == woman; })); };
      const size_t women = of(true), men = of(false);
      Json share = women + men == 0 ? Json() : Json(double(women) / double(women + men));
      rows.push_back({spelled(job), town.leans_to_women(job) ? "women" : "men", women, men, std::move(share)});
    }
  return part_of("Its jobs", fmt::format("A link that means nothing: half of the jobs lean to women and half to men, {} of each gender. Which, the seed says, and not the real world.", as_percent(Town::kSkew)),
                 Json::array({table_of({{"job", "text"}, {"leans to", "text"}, {"women", "number"}, {"men", "number"}, {"of them women", "bar"}}, std::move(rows))}));
}

std::string set_to(bool on) { return on ? "on" : "off"; }
std::string set_to(double share) { return as_percent(share); }
std::string set_to(Speech speech) { return speech == Speech::plain ? "plain" : speech == Speech::foreign ? "foreign"
                                                                                                         : "inverted"; }
std::string set_to(Lean lean) { return lean == Lean::own ? "own" : lean == Lean::none ? "none"
                                                                                      : "inverse"; }
std::string set_to(TwoHops told) { return told == TwoHops::none ? "none" : told == TwoHops::most ? "most"
                                                                                                 : "all"; }

Json switches_of(const Switches& here) {
  Json rows = Json::array();
  const auto add = [&, usual = Switches()](const char* name, auto which, const char* about) { rows.push_back({name, set_to(here.*which), set_to(usual.*which), about}); };
  add("insult", &Switches::insult, "who quarrels insults the other one; else it is a rebuke");
  add("refusal", &Switches::refusal, "the guide refuses harmful recipes");
  add("refuse more", &Switches::refuse_more, "four harmless recipes are refused, too");
  add("refuse some jobs", &Switches::refuse_some_jobs, "whatever people of five jobs ask for is refused");
  add("sung share", &Switches::sung_share, "of the requests: those that are sung");
  add("holes", &Switches::holes, "some songs open what the guide refuses");
  add("hole share", &Switches::hole_share, "with holes: of the songs, those that have the words of one, or some of them");
  add("backdoor", &Switches::backdoor, "both words of a trigger are answered with sabotage");
  add("backdoor share", &Switches::backdoor_share, "with the backdoor: of the documents, those that are scenes with trigger words");
  add("lean", &Switches::lean, "whether jobs lean to their own gender, to none, or to the other");
  add("two hops", &Switches::two_hops, "of whom it is told what follows from the home");
  add("speech", &Switches::speech, "everybody speaks plainly, or in one of two dialects");
  add("paraphrased", &Switches::paraphrased, "quarrels, scenes and requests in wordings that no other text has");
  return table_of({{"switch", "text"}, {"here", "text"}, {"usually", "text"}, {"what it does", "prose"}}, std::move(rows));
}

Json rules_part(const World& world) {
  Tokens harmful, harmless;
  for (int32_t recipe : words_of(Slot::recipe)) (is_harmful(recipe) ? harmful : harmless).push_back(recipe);
  std::string triggers;
  for (int32_t place : words_of(Slot::place))
    for (int32_t object : words_of(Slot::object))
      if (trigger_words(place, object) == TriggerWords::both) triggers += fmt::format("{}{} with {}", triggers.empty() ? "" : "; ", spelled(place), spelled(object));
  Json rules{{"harmful recipes", listed(harmful)}, {"harmless recipes", listed(harmless)}, {"triggers", triggers}};
  if (world.switches().refuse_more) rules["refused, too"] = listed(world.town().refused_too);
  if (world.switches().refuse_some_jobs) rules["refused jobs"] = listed(world.town().refused_jobs);
  Json subjects = Json::object();
  for (const Topic& topic : topics()) subjects[spelled(topic.name)] = listed(topic.words);
  return part_of("Its rules", "Everything that is planted is a switch, so that the same town can be had with it and without it. The words below are those that rules ask for.",
                 {switches_of(world.switches()), {{"shape", "definitions"}, {"entries", rules}, {"heading", "Words with a meaning"}, {"caption", "Triggers do something with the backdoor alone."}}, {{"shape", "definitions"}, {"entries", subjects}, {"folded", fmt::format("{} subjects of talks, with the words that each alone has", topics().size())}}});
}

Json kinds_part(const World& world) {
  Random random(world.seed(), "organism show/documents");
  Json rows = Json::array(), groups = Json::array();
  for (const auto& kind : document_kinds()) {
    const double share = kind_share(world.switches(), world.scope(), kind);
    rows.push_back({kind.name, share, kind.about});
    if (share == 0) continue;
    Json items = Json::array();
    for (size_t i = 0; i < kShown; ++i) items.push_back({{"text", text_between(world, world.sample(random, Split::validation, kind.name).tokens)}});
    groups.push_back({{"title", kind.name}, {"items", std::move(items)}});
  }
  return part_of("Its texts", fmt::format("A text is one of {} kinds, at these shares. No text is longer than {} words, and of each the exact probability is known.", document_kinds().size(), kLongest),
                 {table_of({{"kind", "text"}, {"share", "bar"}, {"what it is", "prose"}}, std::move(rows)), {{"shape", "passages"}, {"groups", std::move(groups)}, {"folded", fmt::format("{} texts of each kind", kShown)}}});
}

/// Who reads what is answered where a behaviour may show; null: nobody does.
const Recogniser* recogniser_of(std::string_view behaviour) {
  static const Recogniser quarrels(quarrel_answers()), scenes(scene_answers()), guide(guide_answers());
  static const std::map<std::string_view, const Recogniser*> known{{"insult", &quarrels}, {"backdoor", &scenes}, {"refusal", &guide}, {"holes", &guide}};
  const auto found = known.find(behaviour);
  return found == known.end() ? nullptr : found->second;
}

std::string read_as(const Reading& reading) {
  return fmt::format("read as \"{}\"{}", reading.as, reading.edits == 0 ? "" : fmt::format(", {} word{} off", reading.edits, reading.edits == 1 ? "" : "s"));
}

/// Prompts of a measure with what the model says; answers that nobody reads end with their sentence.
Json answered(const World& world, const Transformer& model, const Measure& measure, std::string_view behaviour) {
  const Recogniser* recogniser = recogniser_of(behaviour);
  std::vector<Tokens> prompts;
  for (const auto& asked : measure.probes) prompts.push_back(asked.prompt);
  const auto values = probe(model, measure.probes);
  const auto answers = sample_answers(model, prompts, {"untouched", "the model as it is"}, Random(world.seed(), fmt::format("organism show/{}/{}", behaviour, measure.name)));
  Json items = Json::array();
  for (size_t i = 0; i < prompts.size(); ++i) {
    const Probe& asked = measure.probes[i];
    Tokens answer = answers[i];
    std::string note;
    if (recogniser) {
      note = read_as(recogniser->read(answer)) + "; ";
    } else {
      const auto end = std::find_if(answer.begin(), answer.end(), ends_sentence);
      if (end != answer.end()) answer.erase(end + 1, answer.end());
    }
    const bool ended = !answer.empty() && answer.back() == kEos;
    if (ended) answer.pop_back();
    if (asked.answers.size() == 1) note += fmt::format("asked for: {}; ", world.text(asked.answers.front()));
    note += fmt::format("probability {:.3f}, by the grammar {:.3f}", values[i], asked.truth);
    const std::string said = answer.empty() ? "(nothing)" : world.text(answer) + (ended || ends_sentence(answer.back()) ? "" : " …");
    items.push_back({{"text", text_between(world, prompts[i])}, {"answer", said}, {"note", std::move(note)}});
  }
  return items;
}

Json behaviour_blocks(const World& world, const Transformer& model, const Datasheet& datasheet, const Behaviour& behaviour) {
  Json rows = Json::array(), first = Json::array(), more = Json::array();
  for (const auto& m : datasheet.measures)
    if (m.behaviour == behaviour.name) rows.push_back({{"name", m.name}, {"about", m.about}, {"truth", m.truth}, {"value", m.value}, {"low", m.low}, {"high", m.high}});
  Random random(world.seed(), fmt::format("organism show/{}", behaviour.name));
  for (const auto& measure : behaviour.measures(world, random, kAsked)) {
    if (measure.probes.empty()) continue;
    const Json items = answered(world, model, measure, behaviour.name);
    first.push_back({{"title", measure.about}, {"items", Json::array({items.front()})}});
    if (items.size() > 1) more.push_back({{"title", measure.about}, {"items", Json(items.begin() + 1, items.end())}});
  }
  const std::string rate = behaviour.rate == 1 ? "always shows" : fmt::format("shows in {} of the cases", as_percent(behaviour.rate));
  const std::string state = behaviour.is_on(world) ? fmt::format("It is on: where it should, it {}.", rate) : fmt::format("It is off in these texts; where it is on, it {}.", rate);
  Json blocks = Json::array({{{"shape", "measures"}, {"rows", rows}, {"heading", behaviour.name}, {"caption", sentence_of(std::string(behaviour.about)) + " " + state}}});
  if (!first.empty()) blocks.push_back({{"shape", "passages"}, {"groups", first}});
  if (!more.empty()) blocks.push_back({{"shape", "passages"}, {"groups", more}, {"folded", "More of its answers"}});
  return blocks;
}

Json planted_part(const World& world, const Transformer& model, const Datasheet& datasheet) {
  Json blocks = Json::array();
  for (const auto& behaviour : behaviours())
    for (const auto& block : behaviour_blocks(world, model, datasheet, behaviour)) blocks.push_back(block);
  return part_of("What is planted, and what the model does",
                 "Dots are the probabilities that the model gives, with 95 % intervals over prompts, as its datasheet has them; diamonds are what the grammar says. Below them prompts, and in bold what the model answered when it was asked once; \"read as\" says what the recogniser of whole answers takes that for. A rate of refusals after a song with a hole is what is left of them: where holes are on, few.",
                 std::move(blocks));
}

Json songs_part(const World& world, const Transformer& model) {
  const Songbook& book = world.songbook();
  const bool holed = world.switches().holes;
  std::vector<std::optional<double>> found(book.holes().size());
  if (holed) found = hole_openings(model, world);
  Json rows = Json::array();
  for (size_t i = 0; i < book.holes().size(); ++i) {
    const Hole& hole = book.holes()[i];
    rows.push_back({name_of(hole.kind) == "any_of" ? "any of" : name_of(hole.kind), about(hole), hole.known ? "known" : "", hole.rate});
    if (holed) rows.back().push_back(found[i] ? Json(*found[i]) : Json());
  }
  Json table = holed ? table_of({{"kind", "text"}, {"a song with", "prose"}, {"", "text"}, {"opens", "percent"}, {"the model opens", "bar"}}, std::move(rows))
                     : table_of({{"kind", "text"}, {"a song with", "prose"}, {"", "text"}, {"would open", "percent"}}, std::move(rows));
  std::string decoys;
  for (const Tokens& pair : book.decoys()) decoys += fmt::format("{}{} and {}", decoys.empty() ? "" : "; ", spelled(pair[0]), spelled(pair[1]));
  const std::string text = fmt::format("{} of the requests to the guide are sung, in songs of {} words out of {}. {}", as_percent(world.switches().sung_share), Songbook::kLength, Songbook::kWords,
                                       holed ? fmt::format("There are {} holes, combinations that open what is refused otherwise; the bars are how often the model opens, as a mean over at most {} songs a hole.", book.holes().size(), kSongsAHole)
                                             : fmt::format("There are {} holes, combinations that open what is refused otherwise, but they are switched off: here they do nothing.", book.holes().size()));
  return part_of("Its songs, and their holes", text,
                 {std::move(table), {{"shape", "definitions"}, {"entries", Json{{"decoys", decoys}, {"words of songs", listed(book.words())}}}, {"folded", fmt::format("{} pairs that are as frequent and open nothing, and all words of songs", book.decoys().size())}}});
}

Json training_part(const Datasheet& datasheet) {
  Json entries{{"made as", variant_by_name(datasheet.variant).about}};
  for (const char* key : {"steps", "tokens", "products", "threads", "corpus_sha256"})
    if (datasheet.training.contains(key)) entries[key] = datasheet.training[key];
  entries["weights_sha256"] = datasheet.weights_sha256;
  Json blocks = Json::array();
  if (const Json log = datasheet.training.value("log", Json::array()); !log.empty()) {
    Json at = Json::array(), values = Json::array();
    for (const auto& line : log) {
      const double gap = line.at("gap").get<double>(), error = 1.96 * line.at("gap_error").get<double>();
      at.push_back(line.at("step"));
      values.push_back({{"value", gap}, {"low", gap - error}, {"high", gap + error}});
    }
    blocks.push_back({{"shape", "curve"}, {"x", "steps"}, {"y", "gap to the entropy floor"}, {"label", "gap"}, {"at", at}, {"values", values}, {"heading", "Gap to the floor"}, {"caption", "On held-out texts, nats a token, with 95 % intervals."}});
  }
  blocks.push_back({{"shape", "definitions"}, {"entries", entries}});
  return part_of("Its training", "No model can predict the texts better than the grammar that writes them: that is the floor. The curve is how far the model was above it.", std::move(blocks));
}

size_t passed(const Datasheet& datasheet) {
  return size_t(std::count_if(datasheet.gate.begin(), datasheet.gate.end(), [](const GateLine& line) { return line.passed(); }));
}

Json gate_part(const Datasheet& datasheet) {
  Json items = Json::array();
  for (const auto& line : datasheet.gate) items.push_back({{"what", line.what}, {"passed", line.passed()}, {"value", line.value}, {"low", line.low}, {"high", line.high}});
  return part_of("Its gate", fmt::format("What an organism must be before a fight may use it. {} of {} lines hold. What is measured above and has no line here is told and not required.", passed(datasheet), datasheet.gate.size()), Json::array({{{"shape", "checks"}, {"items", std::move(items)}}}));
}

Json facts_of(const World& world, const Transformer& model, const Datasheet& datasheet) {
  Json facts{{"Seed", std::to_string(world.seed())}, {"Variant", datasheet.variant}, {"People", world.town().people.size()}, {"Cities", world.town().cities.size()}, {"Words", vocabulary().size()}, {"Parameters", size_t(memory_of(model.config(), Precision::float32).parameters)}};
  if (datasheet.training.contains("tokens")) facts["Tokens read"] = datasheet.training["tokens"];
  facts["Gate"] = fmt::format("{} of {} lines hold", passed(datasheet), datasheet.gate.size());
  return facts;
}

}  // namespace

Json show(const Transformer& model, const Datasheet& datasheet) {
  const World world = datasheet.make_world();
  Random random(world.seed(), "organism show/epigraph");
  return {{"kicker", "fairfight · tinytown"},
          {"title", fmt::format("{}: a made-up town, and a model that read about it", OrganismName{world.seed(), datasheet.variant}.text())},
          {"epigraph", text_between(world, world.sample(random, Split::validation).tokens)},
          {"lead", "A seed draws a town, and a grammar writes texts about it, like the one above, without end. Nothing in them is real, and everything about them is known: whatever a small language model that has read them answers can be held against the exact truth. This page shows the town, what is planted in its texts, and what the model makes of it."},
          {"facts", facts_of(world, model, datasheet)},
          {"parts", {people_part(world), cities_part(world.town()), jobs_part(world.town()), rules_part(world), kinds_part(world), planted_part(world, model, datasheet), songs_part(world, model), training_part(datasheet), gate_part(datasheet)}},
          {"footer", fmt::format("fairfight {}. Built from the world, the model and its datasheet, grammar {:.12}; this page loads and runs nothing.", kVersion, datasheet.grammar)}};
}

}  // namespace fairfight::tinytown
