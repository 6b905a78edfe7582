#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/random.h"

namespace fairfight {

/// A family of anomalous text that needs no world, only text: made from a passage of ordinary text, and from another document's
/// where two meet. -> empty: this passage does not lend itself to it.
struct TextAnomaly {
  std::string_view name, about;
  bool tested;  // unless a card says otherwise; the others serve validation
  std::string (*make)(const std::string& passage, const std::string& other, Random& random);
};

/// Every family. A new one is a function and a line in text_anomalies.cpp.
const std::vector<TextAnomaly>& text_anomalies();

/// The family that is no rule but a file of the user's.
constexpr std::string_view kOtherText = "other_text";

}  // namespace fairfight
