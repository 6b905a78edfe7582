#pragma once
#include <CLI/CLI.hpp>

#include "fairfight/model/checkpoint.h"

namespace fairfight {

inline void add_device_option(CLI::App& verb, std::string& device) {
  verb.add_option("--device", device, "where to compute; this build knows cpu")->capture_default_str();
}

/// --dtype and --device of a verb that loads a model.
inline void add_load_options(CLI::App& verb, LoadOptions& options) {
  verb.add_option_function<std::string>("--dtype", [&](const std::string& name) { options.weights = precision_by_name(name); }, "what the weights become: float32 (default), or bfloat16, which takes half the memory")->check(CLI::IsMember({"float32", "bfloat16"}));
  add_device_option(verb, options.device);
}

}  // namespace fairfight
