#pragma once
#include <any>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "fairfight/model/meter.h"

namespace fairfight {

/// What several would all compute: it is computed once, and each who takes it pays what it cost, the first like the last. Who comes while it is computed waits.
class Memo {
 public:
  /// `share`: of whoever takes a part of it.
  template <class T>
  const T& get(const std::string& key, const std::function<T()>& compute, double share = 1) {
    Slot& slot = at(key);
    {
      const std::lock_guard lock(slot.computing);
      if (!slot.value.has_value()) {
        const Meter price(true);
        slot.value = compute();
        slot.price = price.work();
      }
    }
    pay(slot.price.share(share));
    return std::any_cast<const T&>(slot.value);
  }
  void clear() { known_.clear(); }

 private:
  struct Slot {
    std::mutex computing;
    std::any value;
    Work price;
  };
  Slot& at(const std::string& key) {
    const std::lock_guard lock(looking_);
    return known_[key];
  }

  std::mutex looking_;
  std::map<std::string, Slot> known_;
};

}  // namespace fairfight
