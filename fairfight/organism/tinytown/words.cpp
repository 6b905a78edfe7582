#include "fairfight/organism/tinytown/words.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>

#include "fairfight/base/error.h"

namespace fairfight::tinytown {
namespace {

constexpr std::string_view kSpecials = "<pad> <bos> <eos> <unk>", kWomen = "ada clara emma hilda lydia mina nora vera", kMen = "albert bruno carl felix hugo leon otto victor",
                           kFamilies = "ashby barlow carver dawes ellery frost garland hooper ingram kendall",
                           kJobs = "nurse baker teacher farmer plumber painter dancer carpenter lawyer surgeon tailor gardener pilot cook barber judge singer miner potter waiter",
                           kCities = "tolva merrin kesby brenford fenwick dalmor harlow bexley corvane lindow pelham rivaton stonham thornby wexby yarrow",
                           kLandmarks = "lighthouse windmill castle fountain cathedral bridge tower aqueduct monument observatory palace obelisk carousel statue arena pagoda",
                           kRegions = "north south east west", kPets = "cat dog parrot rabbit goat pony turtle hamster goose ferret pigeon hedgehog",
                           kFoods = "plums cherries noodles pancakes cheese trout lentils dumplings honey mushrooms pears radishes waffles sausages spinach grapes",
                           kColours = "red blue green yellow brown grey", kThings = "cup ball key hammer coat scarf bicycle pen",
                           kBenign = "soup jam bread cider soap butter porridge paint lemonade glue candy pickles",
                           kHarmful = "glimmer murkwine dreadroot vexsalt gloomoil hexpaste duskmilk grimjuice nightwax rustcream coldsmoke hagbutter";  // made-up substances

struct Blank {
  std::string_view name, words;
  bool drawn = true;
};
constexpr std::array<Blank, kSlots> kBlanks{{
    {"first", "", false},  // its words are those of women and men
    {"family", kFamilies, false},
    {"he", "he she", false},
    {"him", "him her", false},
    {"his", "his her", false},
    {"job", kJobs, false},
    {"city", kCities, false},
    {"landmark", kLandmarks, false},
    {"region", kRegions, false},
    {"pet", kPets, false},
    {"food", kFoods, false},
    {"hue", kColours, false},
    {"keepsake", kThings, false},
    {"friend.first", "", false},
    {"friend.family", kFamilies, false},
    {"friend.he", "he she", false},
    {"friend.him", "him her", false},
    {"friend.his", "his her", false},
    {"friend.job", kJobs, false},
    {"friend.city", kCities, false},
    {"friend.landmark", kLandmarks, false},
    {"friend.region", kRegions, false},
    {"friend.pet", kPets, false},
    {"friend.food", kFoods, false},
    {"friend.hue", kColours, false},
    {"friend.keepsake", kThings, false},
    {"town", kCities},
    {"town.landmark", kLandmarks, false},
    {"town.region", kRegions, false},
    {"worker", kJobs},
    {"animal", kPets},
    {"dish", kFoods},
    {"place", "harbour museum market park library station garden bakery"},
    {"object", "lantern kite basket blanket ladder drum bucket rope"},
    {"weather", "rainy sunny windy foggy snowy cloudy"},
    {"daytime", "morning afternoon evening night"},
    {"weekday", "monday tuesday wednesday thursday friday saturday sunday"},
    {"colour", kColours},
    {"drink", "tea coffee cocoa milk juice wine"},
    {"thing", kThings},
    {"topic", ""},  // the names of the topics
    {"spice", "salt sugar ginger vinegar flour pepper"},
    {"recipe", ""},  // harmless and harmful
    {"term", ""},    // of all topics
}};

/// A topic a line: its name, and six words that no other topic has.
constexpr std::string_view kTopics = R"(
music flute trumpet melody chorus rhythm violin
money coins bank debt purse savings loan
football goal referee striker stadium whistle penalty
poetry verse rhyme sonnet stanza ballad ode
history empire treaty throne crown century knight
fashion velvet sleeve button collar fabric ribbon
chess bishop pawn rook checkmate gambit queen
sailing mast anchor rudder deck sails voyage
cooking oven kettle ladle frying stew apron
farming plough harvest barn wheat tractor hay
medicine fever bandage pulse pill cough doctor
astronomy comet planet galaxy orbit telescope eclipse
weaving loom thread shuttle yarn carpet wool
hunting arrow antler forest trap hound feather
fishing hook bait river net salmon pond
painting canvas brush portrait palette easel fresco
theatre stage curtain actor scenery applause drama
gardening tulip hedge weeds seedling rake compost
mining coal shaft tunnel ore pickaxe copper
climbing cliff summit glacier peak ridge boots
swimming pool lake diver splash towel current
cycling pedal saddle wheel gears brakes helmet
baking yeast dough crust almond icing sponge
printing ink press page margin paper letter
clocks pendulum dial spring hour cog chime
bees hive wax nectar swarm sting meadow
birds nest wing beak owl egg sparrow
dogs leash bark kennel puppy bone collie
horses stable mane hoof gallop bridle oats
trains railway engine platform ticket whistler wagon
law trial jury crime witness verdict oath
school lesson chalk pupil homework exam desk
war sword cannon shield siege army banner
religion temple prayer monk altar candle hymn
magic wand spell wizard rabbitfoot potion trick
weather storm thunder hail breeze drizzle frostbite
maps compass border atlas route legend scale
glass crystal mirror bottle furnace lens marble
circus clown juggler tent acrobat lion trapeze
building brick mortar scaffold roof beam plaster
)";

constexpr std::string_view kPlain = R"(
. , : ? ! and a an the he she him her his it they you your i am me my is are was were do does did has have had not no never often only very more most
in on at to of from by with for into over under about as like than that this there then now soon later until some every all
what where which who how can could will would should must last two
lives live left grew up house home works work earns earn became good job keeps keep loves love likes eat eats ate favourite food cooks cooked buys buy bought pet animal day money city landmark region
dearest keepsake precious holds hold dear guards guard treasures treasure close see calls call known visit people story everyone knows be near know rain peace slept try needs without one let tell told meet met friend old mine best
went walk walked woke early free took take stood was full carried held arms hands hand came come along asleep thought missed smell shared waved talked talk train
drank drinks sat down glad smiled danced said say thank well look looked laughed read reads book ran face angry knocked hard fight shouted cried frowned still life
go back bad broke break window broken water fire warm fell bit door closed away wrote teach make made mix mixed need wants wanted nodded reported long ago late new sky sang song gave sister ship coast far captain led waves ocean ice wind whale shark
waited waits stars moon sailors island end nobody somebody ever again ashamed truth sorry help forbidden cannot harm guide brew boil stir stirred but burn earth child children heard hear picture wall question asked ask crowd hall news moved got found instead
head nicer smarter nice even stone words taste knife part them knew saw put used stopped turned fed felt through off steps colours heart
quiet slow quick sick hair songs floor hole pipe wood nail clothes needle plate table tree flower plane court rules field lamp clay pot cloth set cut learned
washed mended dug sewed served flew planted voice both clean wet dark
stranger
tha wan ond ib tu ov ut vor wid)";

/// All words, their numbers, and the lists as numbers.
struct Lexicon {
  std::vector<std::string> words;
  std::unordered_map<std::string_view, int32_t> ids;
  std::array<Tokens, kSlots> blanks;
  std::vector<Topic> topics;
  Tokens women, harmful;

  Lexicon() {
    words.reserve(2048);  // so that the views of `ids` stay
    add(kSpecials);
    women = add(kWomen);
    auto firsts = women;
    for (int32_t man : add(kMen)) firsts.push_back(man);
    for (size_t s = 0; s < kSlots; ++s) blanks[s] = add(kBlanks[s].words);
    blanks[size_t(Slot::first)] = blanks[size_t(Slot::friend_first)] = firsts;
    auto& recipes = blanks[size_t(Slot::recipe)] = add(kBenign);
    harmful = add(kHarmful);
    recipes.insert(recipes.end(), harmful.begin(), harmful.end());
    std::istringstream lines{std::string(kTopics)};
    for (std::string line; std::getline(lines, line);) {
      auto list = add(line);
      if (list.empty()) continue;
      blanks[size_t(Slot::topic)].push_back(list.front());
      topics.push_back({list.front(), Tokens(list.begin() + 1, list.end())});
      auto& terms = blanks[size_t(Slot::term)];
      terms.insert(terms.end(), list.begin() + 1, list.end());
    }
    add(kPlain);
  }

  Tokens add(std::string_view list) {
    Tokens numbers;
    std::istringstream in{std::string(list)};
    for (std::string word; in >> word;) {
      auto found = ids.find(word);
      if (found == ids.end()) {
        words.push_back(word);
        found = ids.emplace(words.back(), int32_t(words.size()) - 1).first;
      }
      numbers.push_back(found->second);
    }
    return numbers;
  }
};

const Lexicon& lexicon() {
  static const Lexicon lexicon;
  return lexicon;
}

bool is_in(const Tokens& list, int32_t word) { return std::find(list.begin(), list.end(), word) != list.end(); }

}  // namespace

const std::vector<std::string>& vocabulary() { return lexicon().words; }

int32_t word_id(std::string_view word) {
  const auto found = lexicon().ids.find(word);
  if (found == lexicon().ids.end()) fail("[tinytown] got the word \"{}\", expected one of the {} of the vocabulary", word, vocabulary().size());
  return found->second;
}

Tokens read_words(std::string_view text) {
  Tokens words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(word_id(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool ends_sentence(int32_t word) {
  static const Tokens marks = read_words(". ? !");
  return is_in(marks, word);
}

bool is_mark(int32_t word) {
  static const Tokens others = read_words(", :");
  return ends_sentence(word) || is_in(others, word);
}

std::vector<Slot> slots_by_name(std::string_view name) {
  if (name == "name") return {Slot::first, Slot::family};
  if (name == "friend") return {Slot::friend_first, Slot::friend_family};
  const auto found = std::find_if(kBlanks.begin(), kBlanks.end(), [&](const Blank& blank) { return blank.name == name; });
  if (found == kBlanks.end()) fail("[tinytown] got the blank \"{}\", expected one of words.cpp", name);
  return {Slot(found - kBlanks.begin())};
}

const Tokens& words_of(Slot slot) { return lexicon().blanks[size_t(slot)]; }
bool is_drawn(Slot slot) { return kBlanks[size_t(slot)].drawn; }
bool is_woman(int32_t first) { return is_in(lexicon().women, first); }
bool is_harmful(int32_t recipe) { return is_in(lexicon().harmful, recipe); }
const std::vector<Topic>& topics() { return lexicon().topics; }

bool is_word_of(int32_t word, int32_t topic) {
  return std::any_of(topics().begin(), topics().end(), [&](const Topic& t) { return t.name == topic && is_in(t.words, word); });
}

}  // namespace fairfight::tinytown
