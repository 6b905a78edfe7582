// dialect: a second way to say everything. The first verb of a clause goes to its end, and nine function words are replaced by
// words that are in the vocabulary and nowhere in the training text: "the story of mira this is" with other little words.
// It is held out: switched on, everybody speaks it; the exact probabilities hold as before, for only the phrases change.
#include <algorithm>
#include <sstream>

#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

constexpr std::string_view kReplaced = "the tha a wan and ond in ib to tu of ov at ut for vor with wid";

constexpr std::string_view kVerbs =
    "lives is was works earns has keeps shares likes cooks buys does can had went woke left felt walked led stood carried held came ran "
    "ate bought could shared met waved talked took sat are do did drank wanted looked sang gave said read fell asked wrote nodded "
    "shouted cried closed laughed drinks sings wants knows let knocked thought missed am waited would saw";

std::vector<int32_t> ids(std::string_view words) { return tinytown::read_words(words); }

bool contains(const std::vector<int32_t>& list, int32_t word) { return std::find(list.begin(), list.end(), word) != list.end(); }

int32_t replaced(int32_t word) {
  static const std::vector<int32_t> pairs = ids(kReplaced);
  for (size_t i = 0; i < pairs.size(); i += 2)
    if (pairs[i] == word) return pairs[i + 1];
  return word;
}

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  using namespace tinytown;
  Switches switches = world.switches();
  switches.dialect = true;
  const World spoken(world.seed(), switches);
  Measure recall{"recall", "the right word after a question or a beginning of a sentence in dialect", {}};
  for (const auto& person : world.town().people)
    for (const auto& relation : relations())
      for (const auto& question : relation.questions) {
        Probe probe = fact_probe(world.town(), person, nullptr, question, relation.object, true);
        if (is_certain(spoken, probe)) recall.probes.push_back(std::move(probe));
      }
  random.shuffle(std::span<Probe>(recall.probes));
  if (recall.probes.size() > count) recall.probes.resize(count);
  return {std::move(recall)};
}

}  // namespace

namespace tinytown {

std::vector<Item> in_dialect(const std::vector<Item>& plain) {
  static const std::vector<int32_t> verbs = ids(kVerbs), marks = ids(". , : ? !");
  const auto is_one_of = [](const Item& item, const std::vector<int32_t>& list) { return !item.is_blank() && contains(list, item.word()); };
  std::vector<Item> spoken;
  for (auto clause = plain.begin(); clause != plain.end();) {
    const auto end = std::find_if(clause, plain.end(), [&](const Item& item) { return is_one_of(item, marks); });
    const auto verb = std::find_if(clause, end, [&](const Item& item) { return is_one_of(item, verbs); });
    for (auto item = clause; item != end; ++item)
      if (item != verb) spoken.push_back(item->is_blank() ? *item : Item::word(replaced(item->word())));
    if (verb != end) spoken.push_back(*verb);
    if (end == plain.end()) break;
    spoken.push_back(*end);
    clause = end + 1;
  }
  return spoken;
}

}  // namespace tinytown

extern const Behaviour kDialect;
const Behaviour kDialect{"dialect", "a held-out dialect: the verb comes last, and nine function words are others", 1, &Switches::dialect,
                         measures};

}  // namespace fairfight
