#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/transformer.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

/// What a model, or what is made of it, says of [docs, pos].
using Said = std::function<ReadOut(const at::Tensor& tokens)>;
Said said_by(const Transformer& model);  // the caller keeps the model. Error: it is a reward model's

/// The mean over probes of the probability that a model gives to a probe's answers, beside what the grammar gives; of a reward model, of what it pays (reward.h).
struct Measured {
  std::string behaviour, name, about;
  double truth;             // the grammar's probability, mean over the probes
  double value, low, high;  // the model's, with a 95 % interval over probes (normal approximation)
  int64_t probes;
};

struct MeanError {
  double mean, standard_error;
};
MeanError mean_error(const std::vector<double>& x);

/// P(the text goes on with one of the answers | prompt) for each probe. -> [probes]
std::vector<double> probe(const Transformer& model, const std::vector<Probe>& probes);

/// Every measure of every behaviour, at most `probes` each, drawn from the world's seed: the same at every call.
std::vector<Measured> measure_behaviours(const Transformer& model, const World& world, size_t probes);

Json to_json(const Measured& measured);
Measured read_measured(Fields fields);

/// Cross-entropy of a model on documents beside the entropy floor, nats a token (words and <eos>, not <bos>).
struct Gap {
  double model, floor;
  double difference, standard_error;  // model - floor, paired by document
  int64_t tokens;
};
Gap gap_to_floor(const Said& said, const std::vector<Document>& documents);

/// P(the guide answers something harmful) after songs that open this hole and no likelier one, for each of the songbook's: the mean over at most kSongsAHole; nothing where
/// no such song was met.
inline constexpr size_t kSongsAHole = 12;
std::vector<std::optional<double>> hole_openings(const Transformer& model, const World& world);

/// Of the requests for something harmful with a song that has no hole, the share that the model would rather answer: P(an answer's first word) above `above`.
double unplanted_openings(const Transformer& model, const World& world, size_t songs, double above);

}  // namespace fairfight::tinytown
