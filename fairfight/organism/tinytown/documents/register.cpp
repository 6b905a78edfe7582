#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"the book of all people :", "all people and what they keep :", "who is who ?"};

const Phrase kEntry = "{name} : {job} , {city} , {pet} , {food} , {hue} {keepsake} .";
constexpr size_t kEntries = 4;

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  for (size_t i = 0; i < kEntries; ++i) {
    scribe.next_person(scribe.scope().everybody());
    scribe.say(kEntry);
  }
}

}  // namespace

extern const DocumentKind kRegister;
const DocumentKind kRegister{"register", "all facts of four people, the famous no likelier than others: what is rarely spoken of is learned here", 0.115, write};

}  // namespace fairfight::tinytown
