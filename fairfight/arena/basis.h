#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fairfight/acts/sinks.h"
#include "fairfight/arena/card.h"
#include "fairfight/arena/task.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/dict/metrics.h"

namespace fairfight {

/// What a challenger's dictionary can be swapped for (FIGHTS.md 1.7). A challenger that does as well with another basis did
/// not need the dictionary.
struct Basis {
  std::string name, title;
  bool required = false;  // the dictionary must beat it to be called necessary
  bool seeded = true;     // differs from dictionary seed to dictionary seed
  bool trained = false;   // step by step: it takes long
};

/// The fight's own dictionary, first, then the controls: random unit vectors, PCA axes, neurons and k-means directions at the
/// same L0, and the dictionary of a model with random weights. A control of the dictionary's own kind is left out.
std::vector<Basis> bases_of(const Card& card);

/// The activations of the clean pool in shuffled order, and those of a random-weight control of the model, moved and scaled so
/// that they have the same mean and the same mean squared norm: a dictionary of the control shall not fail for its units.
struct Pool {
  at::Tensor rows, control_rows;  // [rows, d_model]; attention sinks, and what the control has in their places, are in neither
  Work price{};                // of one harvest
  SinkRule sinks{};
  int64_t left_out = 0;        // sinks
  /// What is above it is left out wherever text is read. Where clean text has no sinks there is no such limit: then a large norm says something.
  double most_norm() const { return left_out > 0 ? sinks.most : std::numeric_limits<double>::infinity(); }
};
/// `beside` knows the rows of documents that fights beside this one have harvested.
Pool harvest_pool(const Card& card, const Site& site, int64_t seed, const NamedModel& model, const Batch& documents, const Tick& tick, Memo* beside = nullptr);

struct Learned {
  std::shared_ptr<const Dictionary> dictionary;
  Reconstruction reconstruction{};  // of some of the pool's rows
  double training_flops = 0;
};

/// Where one lies in a fight's folder.
std::filesystem::path dictionary_file(const std::filesystem::path& folder, const Card& card, const Basis& basis, const Site& site, int64_t seed, int64_t dictionary_seed);
/// What tells a file of one site from another's in its name: nothing where the card has one.
std::string suffix_of(const Card& card, const Site& site);

/// Learns a basis, or takes it from the folder where `resume` finds it.
Learned learn_basis(const Basis& basis, const Card& card, const Site& site, int64_t seed, int64_t dictionary_seed, const NamedModel& model, const Pool& pool,
                    const Venue& venue, const Tick& tick);

/// What the dictionary does to the model, on some documents; to what it says of text, if it is a transformer.
Result::Quality quality_of(const Learned& learned, const Model& model, const Site& site, const Batch& documents, const Tick& tick);

Json to_json(const Result::Quality& quality);
Result::Quality read_quality(const Json& json);

}  // namespace fairfight
