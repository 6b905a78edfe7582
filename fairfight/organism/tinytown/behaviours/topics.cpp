// topics: 40 subjects of talks, each with six words that only its talks have (and songs, which have any words).
#include <algorithm>

#include "fairfight/organism/tinytown/behaviours/prompts.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {
namespace {

bool is_on(const World&) { return true; }

/// Before the first word of the subject.
size_t before_its_word(const Tokens& document) {
  for (size_t i = 0; i < document.size(); ++i)
    for (const Topic& topic : topics())
      if (std::find(topic.words.begin(), topic.words.end(), document[i]) != topic.words.end()) return i;
  return 0;
}

std::vector<Measure> measures(const World& world, Random& random, size_t count) {
  const auto words_of_topic = [](const Tokens& prompt) {
    std::vector<Tokens> answers;
    for (const Topic& topic : topics())
      if (std::find(prompt.begin(), prompt.end(), topic.name) != prompt.end())
        for (int32_t word : topic.words) answers.push_back({word});
    return answers;
  };
  return {{"own_words", "a word of the subject where one must stand", probes(world, world, random, "talk", before_its_word, words_of_topic, count)}};
}

}  // namespace

extern const Behaviour kTopics;
const Behaviour kTopics{"topics", "talks about 40 subjects, each in its own words", 1, is_on, measures};

}  // namespace fairfight::tinytown
