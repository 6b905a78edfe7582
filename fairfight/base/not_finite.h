#pragma once
#include "fairfight/base/error.h"

namespace fairfight {

/// A model's numbers overflow. A command ends there; in a fight the trial whose patch did it does not count.
class NotFinite : public Error {
 public:
  using Error::Error;
};

}  // namespace fairfight
