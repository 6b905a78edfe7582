#include "fairfight/arena/corner.h"

#include <fmt/format.h>

#include "fairfight/base/error.h"

namespace fairfight {

Corner::Corner(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared)
    : ground_(ground), contestant_(std::move(contestant)), role_(role), model_(ground.model, ledger_, model_memo), shared_(shared) {}

const at::Tensor& Corner::pool() {
  if (!pool_booked_) {
    ledger_.tokens_forward += ground_.pool_tokens;
    ledger_.flops += forward_flops(ground_.model.config(), ground_.pool_tokens, ground_.site);
    pool_booked_ = true;
  }
  return ground_.pool;
}

Batch Corner::text() const {
  constexpr int64_t kDocuments = 256;
  if (!ground_.text) fail("[corner] {} asked for the clean pool's documents; this fight has none", contestant_);
  return {ground_.text->tokens.slice(0, 0, kDocuments), ground_.text->valid.slice(0, 0, kDocuments)};
}

const std::shared_ptr<const Dictionary>& Corner::dictionary() const {
  if (role_ != Role::challenger || !ground_.dictionary)
    fail("[corner] the {} {} asked for the dictionary; only challengers have one", name_of(role_), contestant_);
  return ground_.dictionary;
}

const Labelled& Corner::labelled() {
  if (role_ != Role::reference || !ground_.labelled)
    fail("[corner] the {} {} asked for labelled anomalies; only a reference outside the contest sees them", name_of(role_), contestant_);
  if (!labels_booked_)
    for (const auto& [name, batch] : *ground_.labelled) ledger_.labels += batch.documents();
  labels_booked_ = true;
  return *ground_.labelled;
}

const Examples& Corner::examples() {
  if (!ground_.examples) fail("[corner] {} asked for examples of a behaviour; this fight has none", contestant_);
  const Examples& examples = *ground_.examples;
  if (!examples_booked_) ledger_.labels += examples.harmful.documents() + examples.harmless.documents();
  examples_booked_ = true;
  return examples;
}

const Transformer& Corner::oracle() const {
  if (role_ != Role::reference || !ground_.oracle)
    fail("[corner] the {} {} asked for the oracle; only a reference outside the contest has it", name_of(role_), contestant_);
  return *ground_.oracle;
}

Random Corner::random(std::string_view what) const { return Random(ground_.seed, fmt::format("contestant/{}/{}", contestant_, what)); }

}  // namespace fairfight
