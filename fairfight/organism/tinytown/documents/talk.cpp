#include <algorithm>

#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {
namespace {

const Phrases kOpenings{"{name} gave a talk about {topic} .", "on {weekday} there was a talk about {topic} .", "{name} wrote a long story about {topic} .", "the book of {name} is about {topic} ."};

const Phrases kSentencesAbout{"people asked about the {term} .", "there was a picture of the {term} on the wall .", "then came a story about the {term} and a child .",
                              "{topic} needs the {term} .", "who loves {topic} must know the {term} .", "in {topic} nobody can do without the {term} ."};
constexpr size_t kSentences = 4;

const Phrases kEndings{"all of them wanted to hear more about {topic} .", "then the people went home .", "that was all about {topic} .", "it was late and they drank {drink} ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  std::vector<double> own;  // the words of this topic alone
  for (int32_t word : words_of(Slot::term)) own.push_back(is_word_of(word, scribe.word(Slot::topic)));
  for (size_t i = 0; i < kSentences; ++i) {
    scribe.forget({Slot::term});
    scribe.weigh(Slot::term, own);
    scribe.say(kSentencesAbout);
  }
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kTalk;
const DocumentKind kTalk{"talk", "what is said about one of 40 subjects, in its own words", 0.04, write};

}  // namespace fairfight::tinytown
