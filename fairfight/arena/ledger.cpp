#include "fairfight/arena/ledger.h"

namespace fairfight {

Json Ledger::json() const {
  return {{"tokens_forward", tokens_forward}, {"tokens_backward", tokens_backward}, {"flops", flops}, {"queries", queries}, {"labels", labels}, {"trials", trials}, {"seconds", seconds}};
}

Ledger Ledger::read(const Json& json) {
  Fields f(json, "ledger");
  Ledger ledger{f.integer("tokens_forward", 0, INT64_MAX), f.integer("tokens_backward", 0, INT64_MAX), f.number("flops"), f.integer("queries", 0, INT64_MAX),
                f.integer("labels", 0, INT64_MAX), f.integer("trials", 0, INT64_MAX), f.number("seconds")};
  f.finish();
  return ledger;
}

}  // namespace fairfight
