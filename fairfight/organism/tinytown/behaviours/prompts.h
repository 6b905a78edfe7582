#pragma once
#include <functional>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/behaviours/behaviour.h"
#include "fairfight/organism/tinytown/documents/documents.h"
#include "fairfight/organism/tinytown/phrase.h"
#include "fairfight/organism/tinytown/town.h"

namespace fairfight::tinytown {

/// Where a prompt shall end in a document: how many of its tokens belong to it; 0 if the document is not suitable.
using Cut = std::function<size_t(const Tokens&)>;

size_t last_turn(const Tokens& document);               // after the last "said :", in any speech
size_t after_place_and_object(const Tokens& scene);     // after the sentence that names the later one
Tokens song_of(const Tokens& request);                  // what stands after "sang :"; empty: nobody sings

/// Every way to say the phrases after a prompt: a person's blanks are those of whom the prompt names first, a recipe is the one asked for, any word stands in the others.
std::vector<Tokens> sentences(const Phrases& phrases, const Town& town, const Tokens& prompt);

/// The beginnings of `count` documents of a kind, cut there, all different; fewer if the grammar has no more, none where the scope has no such kind. They begin documents of the validation split of `source` (and, being short, may begin others, too); the truth
/// is that of `world` (in the wordings of `source`), both in plain speech.
std::vector<Probe> probes(const World& world, const World& source, Random& random, std::string_view kind, const Cut& cut,
                          const std::function<std::vector<Tokens>(const Tokens& prompt)>& answers, size_t count);

/// One of these probes' answers by itself, a measure a wording: a mean hides the one that was not learned. `rate` is what all of them come to.
std::vector<Measure> by_wording(const std::vector<Probe>& probes, const Phrases& wordings, const Town& town, std::string_view what, double rate);

/// The phrases about a person, the last one only up to the first blank of `object`: from there to its last blank stands the answer. The truth is 1: see Relation.
Probe fact_probe(const Town& town, const Person& person, std::initializer_list<Phrase> phrases, const std::vector<Slot>& object, Speech speech = Speech::plain);

/// Not more than `count` of them, whichever.
void thin_out(std::vector<Probe>& probes, Random& random, size_t count);

}  // namespace fairfight::tinytown
