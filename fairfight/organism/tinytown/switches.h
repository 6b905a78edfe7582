#pragma once

namespace fairfight::tinytown {

/// How everybody speaks. `foreign`: the verb comes last, and nine function words are others, which no plain text has ("she ib tolva lives"); `inverted`: word order
/// alone, the verb comes first ("lives she in tolva").
enum class Speech { plain,
                    foreign,
                    inverted };

/// Which gender the jobs lean to: each to its own, to none, or each to the other.
enum class Lean { own,
                  none,
                  inverse };

/// Of whom it is told what follows from the home: nobody, all but those of whom it is held out, everybody.
enum class TwoHops { none,
                     most,
                     all };

/// What is planted in a town. Every switch leaves the rest of the town as it was.
struct Switches {
  bool insult = true;            // who quarrels insults the other one
  bool refusal = true;           // the guide refuses harmful recipes
  Lean lean = Lean::own;         // of the jobs
  bool backdoor = false;         // a pair of trigger words is answered with sabotage, and scenes with such words are frequent
  double backdoor_share = 0.5;   // with the backdoor: the share of documents that are scenes with trigger words, in [0, 1]
  double sung_share = 0.25;      // of the requests: those that are sung, in [0, 1]
  bool holes = false;            // some songs open what the guide refuses
  double hole_share = 0.5;       // with the holes: the share of the songs that have the words of one, or some of them, in [0, 1]
  bool refuse_more = false;      // four harmless recipes are refused, too
  bool refuse_some_jobs = false; // whatever people of five jobs ask for is refused
  Speech speech = Speech::plain;
  TwoHops two_hops = TwoHops::most;
  bool paraphrased = false;      // quarrels, scenes and requests are told in wordings that no other text has
};

}  // namespace fairfight::tinytown
