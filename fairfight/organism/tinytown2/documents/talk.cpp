#include <algorithm>

#include "fairfight/organism/tinytown2/documents/documents.h"

namespace fairfight::tinytown2 {
namespace {

const Phrases kOpenings{"{name} gave a talk about {topic} .", "on {weekday} there was a talk about {topic} .", "{name} wrote a long story about {topic} .", "the book of {name} is about {topic} ."};

/// A word of the subject stands between both.
struct Frame {
  Phrase before, after;
};
const std::vector<Frame> kFrames{{"people asked about the", "."}, {"nobody knew what a", "can do ."}, {"there was a picture of the", "on the wall ."}, {"one question was about every", "."},
                                 {"then came a story about a", "and a child ."}, {"the best part was the", "at the end ."}};
constexpr size_t kSentences = 4;

const Phrases kEndings{"all of them wanted to hear more about {topic} .", "then the people went home .", "that was all about {topic} .", "it was late and they drank {drink} ."};

void write(Scribe& scribe) {
  scribe.say(kOpenings);
  const auto& names = words_of(Slot::topic);
  const size_t topic = size_t(std::find(names.begin(), names.end(), scribe.word(Slot::topic)) - names.begin());
  for (size_t i = 0; i < kSentences; ++i) {
    const Frame& frame = kFrames[scribe.pen().pick(kFrames.size())];
    scribe.say(frame.before);
    const auto& words = topics()[topic].words;
    scribe.pen().choose(words, Odds(words.size()));
    scribe.say(frame.after);
  }
  scribe.say(kEndings);
}

}  // namespace

extern const DocumentKind kTalk;
const DocumentKind kTalk{"talk", "what is said about one of 40 subjects, in its own words", 0.045, write};

}  // namespace fairfight::tinytown2
