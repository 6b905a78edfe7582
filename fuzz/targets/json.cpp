#include "fairfight/base/json.h"

#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {

/// What was parsed comes back from its own text.
void json(std::string_view bytes) {
  Json value;
  if (!done_or_refused([&] { value = parse_json(bytes, "fuzz"); })) return;
  require(parse_json(dump_json(value), "fuzz") == value, "parse -> dump -> parse changes nothing");
}

}  // namespace fairfight::fuzz
