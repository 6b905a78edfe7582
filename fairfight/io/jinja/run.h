#pragma once
#include <ctime>
#include <functional>
#include <map>

#include "fairfight/io/jinja/tree.h"

namespace fairfight::jinja {

/// What a template writes. `now`: what its strftime_now goes by.
std::string run(const Block& block, const std::map<std::string, Value>& variables, const std::function<std::tm()>& now,
                const std::string& what);

}  // namespace fairfight::jinja
