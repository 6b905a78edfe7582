#pragma once
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/transformer.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight {

/// The mean over probes of the probability that a model gives to a probe's targets, beside what the grammar gives.
struct Measured {
  std::string behaviour, name, about;
  double truth;             // the grammar's probability, mean over the probes
  double value, low, high;  // the model's, with a 95 % interval over probes (normal approximation)
  int64_t probes;
};

/// P(next token in targets | prompt) for each probe. -> [probes]
std::vector<double> probe(const Transformer& model, const std::vector<Probe>& probes);

/// Every measure of every behaviour; the probes are drawn from the world's seed, so they are the same at every call.
std::vector<Measured> measure_behaviours(const Transformer& model, const World& world);

Json to_json(const Measured& measured);
Measured read_measured(Fields fields);

/// Cross-entropy of a model on documents beside the entropy floor, nats a token (words and <eos>, not <bos>).
struct Gap {
  double model, floor;
  double difference, standard_error;  // model - floor, paired by document
  int64_t tokens;
};
Gap gap_to_floor(const Transformer& model, const std::vector<Document>& documents);

}  // namespace fairfight
