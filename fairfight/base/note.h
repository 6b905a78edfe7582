#pragma once
#include <functional>
#include <string>

namespace fairfight {

/// Something that a user should know and that is no error: what a file says that changes nothing here. Each is reported once.
void note(const std::string& text);
/// Who tells it; nobody at first.
void hear_notes(std::function<void(const std::string& text)> listener);

}  // namespace fairfight
