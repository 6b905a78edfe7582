#include "fairfight/arena/corner.h"

#include "fairfight/base/error.h"

namespace fairfight {

Corner::Corner(const Ground& ground, std::string contestant, bool challenger, Memo& memo)
    : ground_(ground), contestant_(std::move(contestant)), challenger_(challenger), model_(ground.model, ledger_, memo) {}

const at::Tensor& Corner::pool() {
  if (!pool_booked_) {
    ledger_.tokens_forward += ground_.pool_tokens;
    ledger_.flops += forward_flops(ground_.model.config(), ground_.pool_tokens, ground_.site);
    pool_booked_ = true;
  }
  return ground_.pool;
}

const Dictionary& Corner::dictionary() const {
  if (!challenger_) fail("[corner] the baseline {} asked for the dictionary; only challengers have one", contestant_);
  return ground_.dictionary;
}

Random Corner::random(std::string_view what) const { return Random(ground_.seed, fmt::format("contestant/{}/{}", contestant_, what)); }

}  // namespace fairfight
