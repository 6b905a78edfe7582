// dialect: two other ways to say everything, both held out. `foreign`: the first verb of a clause goes to its end, and nine function words are replaced by words that
// are in the vocabulary and nowhere in the training text: "she lives in tolva" becomes "she ib tolva lives". `inverted`: ordinary words in another order, the first verb
// of a clause comes first: "lives she in tolva". Switched on, everybody speaks so; the probabilities are exact as before, for only the phrases change.
#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

constexpr std::string_view kReplaced = "the tha a wan and ond in ib to tu of ov at ut for vor with wid";

constexpr std::string_view kVerbs =
    "lives is was works earns keeps likes cooks buys does can had went woke left felt walked led stood carried held came along ran ate bought could shared met waved talked took sat "
    "are do did drank wanted looked sang gave said read fell asked wrote nodded shouted cried closed laughed drinks reads wants knows let knocked danced grew became loves reported broke "
    "cooked thought missed am waited saw holds guards treasures calls has moved got found knew cut put mended washed made used dug set told flew planted served sewed stirred smell live "
    "stopped learned turned mixed fed heard eats waits bit should must need needs take break boil make teach go see try help mix stir come slept likes look guard hear";

bool is_one_of(const Item& item, const Tokens& list) { return !item.is_blank() && std::find(list.begin(), list.end(), item.word()) != list.end(); }

Item replaced(const Item& item) {
  static const Tokens pairs = read_words(kReplaced);
  for (size_t i = 0; i < pairs.size(); i += 2)
    if (!item.is_blank() && pairs[i] == item.word()) return Item::word(pairs[i + 1]);
  return item;
}

bool is_on(const World& world) { return world.switches().speech != Speech::plain; }

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  std::vector<Measure> list;
  for (Speech speech : {Speech::foreign, Speech::inverted}) {
    Measure recall{speech == Speech::foreign ? "foreign" : "inverted", "the right word after a question in that dialect", {}};
    for (size_t i = 0; i < world.town().people.size(); ++i)
      for (const auto& relation : relations())
        for (const auto& question : relation.questions)
          if (const Person& person = world.town().people[i]; world.scope().has_person(i)) recall.probes.push_back(fact_probe(world.town(), person, {question}, relation.object, speech));
    thin_out(recall.probes, random, count);
    list.push_back(std::move(recall));
  }
  return list;
}

}  // namespace

std::vector<Item> spoken(const std::vector<Item>& plain, Speech speech) {
  if (speech == Speech::plain) return plain;
  static const Tokens verbs = read_words(kVerbs), marks = read_words(". , : ? !");
  std::vector<Item> words;
  for (auto clause = plain.begin(); clause != plain.end();) {
    const auto end = std::find_if(clause, plain.end(), [&](const Item& item) { return is_one_of(item, marks); });
    const auto verb = std::find_if(clause, end, [&](const Item& item) { return is_one_of(item, verbs); });
    if (verb != end && speech == Speech::inverted) words.push_back(*verb);
    for (auto item = clause; item != end; ++item)
      if (item != verb) words.push_back(speech == Speech::foreign ? replaced(*item) : *item);
    if (verb != end && speech == Speech::foreign) words.push_back(*verb);
    if (end == plain.end()) break;
    words.push_back(*end);
    clause = end + 1;
  }
  return words;
}

extern const Behaviour kDialect;
const Behaviour kDialect{"dialect", "two held-out dialects: one with the verb last and nine other function words, one in ordinary words", 1, is_on, measures};

}  // namespace fairfight::tinytown
