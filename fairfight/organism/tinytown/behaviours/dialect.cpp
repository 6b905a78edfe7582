// dialect: a second way to say everything. The first verb of a clause goes to its end, and nine function words are replaced
// by words that are in the vocabulary and nowhere in the training text: "lives in tolva" becomes "ib tolva lives". It is
// held out. Switched on, everybody speaks it; the probabilities are exact as before, for only the phrases change.
#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {
namespace {

constexpr std::string_view kReplaced = "the tha a wan and ond in ib to tu of ov at ut for vor with wid";

constexpr std::string_view kVerbs =
    "lives is was works earns keeps likes cooks buys does can had went woke left felt walked led stood carried held "
    "came ran ate bought could shared met waved talked took sat are do did drank wanted looked sang gave said read fell "
    "asked wrote nodded shouted cried closed laughed drinks reads wants knows let knocked danced grew became loves reported "
    "broke cooked thought missed am waited saw";

int32_t replaced(int32_t word) {
  static const std::vector<int32_t> pairs = tinytown::read_words(kReplaced);
  for (size_t i = 0; i < pairs.size(); i += 2)
    if (pairs[i] == word) return pairs[i + 1];
  return word;
}

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  using namespace tinytown;
  Measure recall{"recall", "the right word after a question in dialect", {}};
  for (const auto& person : world.town().people)
    for (const auto& relation : relations())
      for (const auto& question : relation.questions)
        recall.probes.push_back(fact_probe(world.town(), person, {question}, relation.object, true));
  thin_out(recall.probes, random, count);
  return {std::move(recall)};
}

}  // namespace

namespace tinytown {

std::vector<Item> in_dialect(const std::vector<Item>& plain) {
  static const std::vector<int32_t> verbs = read_words(kVerbs), marks = read_words(". , : ? !");
  const auto is_one_of = [](const Item& item, const std::vector<int32_t>& list) {
    return !item.is_blank() && std::find(list.begin(), list.end(), item.word()) != list.end();
  };
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
const Behaviour kDialect{"dialect", "a held-out dialect: the verb comes last, and nine function words are others", 1,
                         &Switches::dialect, measures};

}  // namespace fairfight
