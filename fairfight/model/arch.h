#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/config.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// One tensor of a checkpoint and where it goes: `parts` are filled from equal pieces of its output dimension.
struct Slot {
  std::string name;            // as in the file
  std::vector<int64_t> shape;  // as in the file
  std::vector<at::Tensor*> parts;
  bool transposed = false;  // the file holds [in, out] (GPT-2's Conv1D)
};

/// A model family in Hugging Face form: its config.json and its table of weights. One file of archs/ each.
struct Arch {
  std::string_view name;        // config.json's model_type
  std::string_view class_name;  // its `architectures` entry
  std::string_view body;        // prefix of all names but the head's; a file saved without head lacks it: gpt2 on the hub
  Config (*read)(Fields& config);
  Json (*write)(const Config& config);
  std::vector<Slot> (*table)(const Config& config, Weights& weights);
};

const std::vector<Arch>& archs();
const Arch& arch_by_name(std::string_view name);  // error: lists the known ones

/// Reads config.json; keys that change the computation in a way that is not implemented are refused, harmless ones skipped.
Config read_config(const Json& json, const std::string& where);
Json write_config(const Config& config);

}  // namespace fairfight
