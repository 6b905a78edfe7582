#include "fairfight/io/toml.h"

#include "fairfight/base/json.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {

/// A card becomes an object of strict JSON.
void toml(std::string_view bytes) {
  Json value;
  if (!done_or_refused([&] { value = parse_toml(bytes, "fuzz"); })) return;
  require(value.is_object() && parse_json(dump_json(value), "fuzz") == value, "a card is strict JSON");
}

}  // namespace fairfight::fuzz
