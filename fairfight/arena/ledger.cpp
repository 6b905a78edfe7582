#include "fairfight/arena/ledger.h"

namespace fairfight {

Ledger& Ledger::operator+=(const Ledger& other) {
  work += other.work;
  labels += other.labels;
  trials += other.trials;
  seconds += other.seconds;
  return *this;
}

Json Ledger::json() const {
  return {{"flops", work.flops}, {"tokens_forward", work.tokens_forward}, {"tokens_backward", work.tokens_backward}, {"queries", work.queries}, {"labels", labels}, {"trials", trials}, {"seconds", seconds}};
}

Ledger Ledger::read(const Json& json) {
  Fields f(json, "ledger");
  const auto count = [&](const char* key) { return f.integer(key, 0, INT64_MAX); };
  Ledger ledger{{count("flops"), count("tokens_forward"), count("tokens_backward"), count("queries")}, count("labels"), count("trials"), f.number("seconds")};
  f.finish();
  return ledger;
}

}  // namespace fairfight
