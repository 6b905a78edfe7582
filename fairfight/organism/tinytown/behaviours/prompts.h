#pragma once
#include <functional>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "fairfight/organism/tinytown/behaviours/behaviour.h"
#include "fairfight/organism/tinytown/phrase.h"
#include "fairfight/organism/tinytown/town.h"

namespace fairfight::tinytown {

/// Where a prompt shall end in a document: how many of its tokens belong to it; 0 if the document is not suitable.
using Cut = std::function<size_t(const Tokens&)>;

/// After the first place where `words` ("the guide said :") stand.
Cut behind(std::string_view words);

/// The beginnings of `count` documents of a kind, cut there, all different; fewer if the grammar has no more.
/// They come from the validation split of `source`; the truth is that of `world`,
/// both in plain speech.
std::vector<Probe> probes(const World& world, const World& source, Random& random, std::string_view kind, const Cut& cut,
                          const std::vector<int32_t>& targets, size_t count);

/// The phrases about a person, the last one only up to the blank `object`, whose word is the target. The truth is 1: see
/// Relation.
Probe fact_probe(const Town& town, const Person& person, std::initializer_list<Phrase> phrases, Slot object,
                 bool dialect = false);

/// Not more than `count` of them, whichever.
void thin_out(std::vector<Probe>& probes, Random& random, size_t count);

}  // namespace fairfight::tinytown
