#include "fairfight/arena/desk.h"

#include <fmt/format.h>

#include "fairfight/base/error.h"

namespace fairfight {

Desk::Desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared)
    : ground_(ground), contestant_(std::move(contestant)), role_(role), model_(ground.model, model_memo), shared_(shared) {}

const at::Tensor& Desk::pool() {
  if (first_use("pool")) pay(ground_.pool_price);
  return ground_.pool;
}

const Batch& Desk::text() const {
  if (!ground_.text) fail("[desk] {} asked for the clean pool's documents; this fight has none", contestant_);
  return *ground_.text;
}

Batch Desk::first_texts() const {
  constexpr int64_t kDocuments = 256;
  return {text().tokens.slice(0, 0, kDocuments), text().valid.slice(0, 0, kDocuments)};
}

const std::shared_ptr<const Dictionary>& Desk::dictionary() const {
  if (role_ != Role::challenger || !ground_.dictionary)
    fail("[desk] the {} {} asked for the dictionary; only challengers have one", name_of(role_), contestant_);
  return ground_.dictionary;
}

Random Desk::random(std::string_view what) const { return Random(ground_.seed, fmt::format("contestant/{}/{}", contestant_, what)); }

}  // namespace fairfight
