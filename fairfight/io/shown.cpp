#include "fairfight/io/shown.h"

namespace fairfight {

std::string shown(std::string_view untrusted) {
  size_t limit = 80;
  const bool cut = untrusted.size() > limit;
  while (cut && limit > 0 && (untrusted[limit] & 0xc0) == 0x80) --limit;  // not inside a UTF-8 character
  std::string line(untrusted.substr(0, limit));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = ' ';
  return cut ? line + "..." : line;
}

}  // namespace fairfight
