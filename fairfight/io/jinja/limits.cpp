#include "fairfight/io/jinja/limits.h"

#include "fairfight/base/error.h"

namespace fairfight::jinja {

void Limits::step(size_t steps) {
  steps_ += steps;
  if (steps_ > kMaxSteps) fail("[chat_template] {}: takes more than {} steps", what_, kMaxSteps);
}
void Limits::text(size_t bytes) {
  if (bytes > kMaxText) fail("[chat_template] {}: makes a text of more than {} bytes", what_, kMaxText);
  step(bytes / 64);
}
void Limits::items(size_t count) {
  if (count > kMaxItems) fail("[chat_template] {}: makes a list of more than {} items", what_, kMaxItems);
  step(count / 4);
}
void Limits::refuse(std::string_view what) const {
  fail("[chat_template] {}: {}; fairfight does not implement this", what_, what);
}
void Limits::wrong(std::string_view why) const { fail("[chat_template] {}: {}", what_, why); }
Limits::Deeper::Deeper(Limits& limits) : limits_(limits) {
  if (++limits.depth_ > kDeepest) {
    --limits.depth_;  // the destructor of what was never made does not run
    limits.wrong("is nested too deeply, or calls itself without an end");
  }
}

}  // namespace fairfight::jinja
