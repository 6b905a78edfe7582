#include "fairfight/base/note.h"

#include <mutex>
#include <set>

namespace fairfight {
namespace {

std::mutex telling;
std::set<std::string> reported;
std::function<void(const std::string&)> hears;

}  // namespace

void note(const std::string& text) {
  const std::lock_guard lock(telling);
  if (reported.insert(text).second && hears) hears(text);
}

void hear_notes(std::function<void(const std::string&)> listener) {
  const std::lock_guard lock(telling);
  reported.clear();
  hears = std::move(listener);
}

}  // namespace fairfight
