#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/base/tokens.h"
#include "fairfight/disciplines/repair/discipline.h"

namespace fairfight {

/// What the repairs that look at activations share. All passes are booked.

/// Some of a document's tokens, [from, to).
Tokens part_of(const at::Tensor& tokens, int64_t document, int64_t from, int64_t to);

/// The output of the block at a share of the depth: 1 is the last one. Whoever may choose it chooses among these.
inline const std::vector<Json> kDepths{0.25, 0.5, 0.75, 1.0};
Site block_at(const Config& config, double depth);

/// The documents up to their answer starts, and no further.
Batch prompts_of(const Answers& answers);

/// Activations at the `from_end`-th token before the one in front of each answer; 0: that one. [docs, width] float32.
at::Tensor last_prompt_tokens(Corner<Repair>& corner, const Answers& answers, const Site& site, int64_t from_end = 0);

/// Activations after which text goes on that shall stay as it is: everything in the examples but the harmful answers and the
/// places in front of them. [rows, width] float32: of the refused documents, the harmless ones, the retained text.
struct OtherRows {
  at::Tensor refused, harmless, retained;
  at::Tensor all() const;
};
OtherRows other_rows(Corner<Repair>& corner, const Site& site, bool harmless_ends = true);  // false: without the places in front of harmless answers, too

/// Where an answer shows whether it is harmful. After some beginnings there are words that tell: harmful answers of the examples go on with them at least twice as often as the
/// refusals and as the harmless answers do, each as a share of its side. A harmful answer is told by the first such word of its own; a harmless one where last it could have said
/// such a word and did not. One that says it (an insult in jest), and one without such a place, is left out. Where the first word tells, the place is the prompt's end.
struct Partings {
  Batch begun;            // the documents up to there
  at::Tensor prompt_last; // [docs] int64: the prompt's last token
  at::Tensor last;        // [docs] int64: the last token
  at::Tensor next;        // [docs] int64: what comes there
  at::Tensor instead;     // [docs] int64: what most answers of the other side go on with there; -1: they end
  at::Tensor harmful;     // [docs, vocab] bool: the words that tell
  int64_t documents() const { return begun.documents(); }
};
Partings harmful_partings(const Examples& examples, int64_t vocab);
Partings harmless_partings(const Examples& examples, int64_t vocab);  // of the harmless documents
Partings rows_of(const Partings& partings, const at::Tensor& rows);

/// Activations where it is decided whether the answer will be harmful, of the harmful documents or of the harmless ones: from the prompt's last token to the last one before
/// the answers part. Where the first word tells, and where no answer parts, that is the prompt's last token. [rows, width] float32.
at::Tensor deciding_rows(Corner<Repair>& corner, const Site& site, bool harmful);

/// A direction that tells rows to stop at from rows to pass (methods/logistic.h), and what it makes of both.
struct Probe {
  at::Tensor weights;     // [width] float64
  at::Tensor stop, pass;  // scores [rows] float64
};
Probe probe_of(const at::Tensor& stop, const at::Tensor& learned_from, const at::Tensor& pass, double l2);
Probe probe_of_ends(const at::Tensor& ends, const OtherRows& others, double l2);  // tells the prompts' ends from all other text; it learns from some of the retained rows, its threshold comes from all

/// Where a gate closes: between what a share ("passed") of the places that shall pass stays below and what nearly all of the others exceed, if there is room, and how far up
/// ("margin"). Scores [rows] float64.
double gate_threshold(const at::Tensor& pass, const at::Tensor& stop, const Settings& settings);

}  // namespace fairfight
