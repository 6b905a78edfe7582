#pragma once
#include <set>
#include <string>

#include "fairfight/io/jinja/tree.h"

namespace fairfight::jinja {

/// The variables that a target sets.
std::set<std::string> names_of(const Expression& target);

/// Fills in `hidden` of all blocks, as jinja2 compiles names: a block that sets a name before it reads it knows nothing of
/// that name from outside, unless a block around it has it.
void hide_names(Block& whole);

}  // namespace fairfight::jinja
