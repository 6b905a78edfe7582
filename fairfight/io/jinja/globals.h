#pragma once
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "fairfight/io/jinja/objects.h"

namespace fairfight::jinja {

using Clock = std::function<std::tm()>;
using KeepNamespace = std::function<void(const std::shared_ptr<Namespace>&)>;

/// What is there from the start. `now` and `what` must outlive it; `keep` hears of each namespace that is made.
std::map<std::string, Value> globals(const Clock& now, const std::string& what, const KeepNamespace& keep);

}  // namespace fairfight::jinja
