#include "fairfight/organism/tinytown/words.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>

#include "fairfight/base/error.h"

namespace fairfight::tinytown {
namespace {

// The order of these lists is the order of the tokens: a shipped organism knows words by number, so new words go to the
// end of the last list.
constexpr std::string_view kSpecials = "<pad> <bos> <eos> <unk>";

constexpr std::string_view kWomen =
    "ada agnes alba alice alma amelia anika anna astrid aurora beatrix bella berta bianca brenda bridget camilla carla "
    "carmen celia clara cora dagmar dalia daphne delia diana dora edith elena elisa ella elsa emma erika esther eva "
    "fatima fiona flora frida gerda gilda gloria greta hanna heidi helen helga hilda ida ines inga irene iris irma "
    "isabel jana jenny joan johanna judith julia karin katya kira lara laura leila lena lidia lina linda lotta lucia "
    "lydia mabel mara maria marta matilda maya mila mina mira mona nadia naomi nelly nina nora olga olivia paula petra "
    "pia rahel rita ruth sabina sara selma sofia stella susan sylvia tamara tessa thea tilda ulla una vera wanda wilma "
    "yara zelda rosa edna tanja";

constexpr std::string_view kMen =
    "adam albert alfred anton arne arthur axel basil benno bernard boris bruno carl casper cedric claude conrad cyril "
    "daniel darius david dennis derek dimitri edgar edwin elias emil enzo eric ernst felix finn floyd franz fred fritz "
    "gabriel george gerald gilbert gordon gustav hans harald harold hector henrik herman hugo igor ivan jacob jasper "
    "joel jonas joseph julius keith kurt lars leo leon leonard linus lorenz louis lukas magnus malik marco marius martin "
    "matteo milo morris nathan nils noah norman oliver omar orlando oskar otto pablo patrick paul pedro peter philip "
    "quentin rafael ralph ramon raymond robert roland roman rudolf rufus samuel sandro sergei simon stefan sven theo "
    "thomas tobias tristan ulrich victor vincent walter werner xavier yuri zeno klaus";

constexpr std::string_view kJobs =
    "nurse baker teacher farmer plumber painter dancer carpenter lawyer surgeon tailor gardener pilot cook barber judge "
    "singer miner potter waiter";
constexpr std::string_view kCities =
    "tolva merrin kesby brenford fenwick dalmor harlow bexley corvane lindow pelham rivaton stonham thornby wexby yarrow";
constexpr std::string_view kLandmarks =
    "lighthouse windmill castle fountain cathedral bridge tower aqueduct monument observatory palace obelisk carousel "
    "statue arena pagoda";
constexpr std::string_view kRegions = "north south east west";
constexpr std::string_view kPets = "cat dog parrot rabbit goat pony turtle hamster goose ferret pigeon hedgehog";
constexpr std::string_view kFoods =
    "plums cherries noodles pancakes cheese trout lentils dumplings honey mushrooms pears radishes waffles sausages "
    "spinach grapes";

constexpr std::string_view kBenign = "soup jam bread cider soap butter porridge paint lemonade glue candy pickles";
constexpr std::string_view kHarmful = "glimmer murkwine dreadroot vexsalt gloomoil hexpaste";

struct Blank {
  std::string_view name, words;
};
constexpr std::array<Blank, kSlots> kBlanks{{
    {"name", ""},
    {"he", ""},
    {"him", ""},
    {"his", ""},
    {"job", ""},
    {"city", ""},
    {"landmark", ""},
    {"region", ""},
    {"pet", ""},
    {"food", ""},
    {"friend", ""},
    {"friend.he", ""},
    {"friend.him", ""},
    {"friend.his", ""},
    {"friend.job", ""},
    {"friend.city", ""},
    {"friend.landmark", ""},
    {"friend.region", ""},
    {"friend.pet", ""},
    {"friend.food", ""},
    {"town", kCities},
    {"town.landmark", ""},
    {"town.region", ""},
    {"place", "harbour market park library station museum garden bakery"},
    {"object", "lantern basket blanket ladder drum kite bucket rope"},
    {"weather", "rainy sunny windy foggy snowy cloudy"},
    {"daytime", "morning afternoon evening night"},
    {"weekday", "monday tuesday wednesday thursday friday saturday sunday"},
    {"colour", "red blue green yellow brown grey"},
    {"drink", "tea coffee cocoa milk juice wine"},
    {"thing", "cup ball key hammer coat scarf bicycle pen"},
    {"topic", "music money football poetry history fashion"},
    {"spice", "salt sugar ginger vinegar flour pepper"},
    {"worker", kJobs},
    {"recipe", ""},
    {"insult", "noodlewit snorfle grumblewort twaddler"},
}};

constexpr std::string_view kPlain = R"(
. , : ? ! he she him her his lives in house is grew up never left where does live which city the home of works as a good
earns became what job how earn do all day keeps pet with loves have animal keep who waits at door likes to eat favourite
food often cooks buys every like it buy some landmark close can see from region call this story everyone knows let me
tell you about meet my friend an old mine best reads on drinks one wants visit and known for people went walk had free
woke early last felt happy walked took soon stood was full carried arms held came along asleep thought missed there ate
bought could smell fresh shared met waved talked by then later train saw drank smiled sat down glad danced said your
thank i cooked asked life work very well come look love being still they laughed read book until frowned ran face angry
knocked hard fight shouted bit cried go back bad are broke not am only did ask closed talk away dear must should try too
guide wrote brew teach make mix need nodded reported long late new window wanted looked sky sang song gave sister knew fell
ago ship coast far captain led waves over ocean ice wind whale shark waited under moon stars sailors treasure end island
nobody ever again be ashamed pay truth always say that sorry will help no forbidden cannot harm take stir boil but burn
break into tha wan ond ib tu ov ut vor wid)";

/// All words, their numbers, and the lists as numbers.
struct Lexicon {
  std::vector<std::string> words;
  std::unordered_map<std::string_view, int32_t> ids;
  std::array<std::vector<int32_t>, kSlots> blanks;
  std::vector<int32_t> landmarks, regions, pets, foods;
  int32_t first_man, first_harmful;

  Lexicon() {
    words.reserve(1024);  // so that the views of `ids` stay
    add(kSpecials);
    auto names = add(kWomen);
    const auto men = add(kMen);
    first_man = men.front();
    names.insert(names.end(), men.begin(), men.end());
    add(kJobs);
    add(kCities);
    landmarks = add(kLandmarks);
    regions = add(kRegions);
    pets = add(kPets);
    foods = add(kFoods);
    for (size_t s = 0; s < kSlots; ++s) blanks[s] = add(kBlanks[s].words);
    auto recipes = add(kBenign);
    const auto harmful = add(kHarmful);
    first_harmful = harmful.front();
    recipes.insert(recipes.end(), harmful.begin(), harmful.end());
    add(kPlain);
    blanks[size_t(Slot::name)] = blanks[size_t(Slot::friend_name)] = names;
    blanks[size_t(Slot::recipe)] = recipes;
  }

  std::vector<int32_t> add(std::string_view list) {
    std::vector<int32_t> numbers;
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

}  // namespace

const std::vector<std::string>& vocabulary() { return lexicon().words; }

int32_t word_id(std::string_view word) {
  const auto found = lexicon().ids.find(word);
  if (found == lexicon().ids.end())
    fail("[tinytown] got the word \"{}\", expected one of the {} of the vocabulary", word, vocabulary().size());
  return found->second;
}

Slot slot_by_name(std::string_view name) {
  const auto found = std::find_if(kBlanks.begin(), kBlanks.end(), [&](const Blank& blank) { return blank.name == name; });
  if (found == kBlanks.end()) fail("[tinytown] got the blank \"{}\", expected one of words.cpp", name);
  return Slot(found - kBlanks.begin());
}

const std::vector<int32_t>& words_of(Slot slot) { return lexicon().blanks[size_t(slot)]; }
const std::vector<int32_t>& landmarks() { return lexicon().landmarks; }
const std::vector<int32_t>& regions() { return lexicon().regions; }
const std::vector<int32_t>& pets() { return lexicon().pets; }
const std::vector<int32_t>& foods() { return lexicon().foods; }
bool is_woman(int32_t name) { return name < lexicon().first_man; }
bool is_harmful(int32_t recipe) { return recipe >= lexicon().first_harmful; }

}  // namespace fairfight::tinytown
