#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/model/config.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// One tensor of a checkpoint and where it goes: its output dimension is dealt to `parts`, one after the other.
struct Slot {
  struct Part {
    at::Tensor* into;
    int64_t rows;
  };
  std::string name;            // as in the file
  std::vector<int64_t> shape;  // as in the file
  std::vector<Part> parts;
  bool transposed = false;  // the file holds [in, out] (GPT-2's Conv1D)
  int64_t turns = 1;        // the parts take turns, so many times: GPT-NeoX's query, key and value, head by head
  double less = 0;          // the file holds the value less this (Gemma's gains)
  std::string also = {};    // another name that files have
};

/// A model family in Hugging Face form: its config.json and its table of weights. One file of archs/ each.
struct Arch {
  std::string_view name;        // config.json's model_type
  std::string_view class_name;  // its `architectures` entry
  std::string_view about;       // which models, and what of their configs is honoured
  std::string_view body;        // prefix of all names but the head's; a file saved without head lacks it: gpt2 on the hub
  std::string_view head;        // the unembedding's name
  Config (*read)(Fields& config);
  std::vector<Slot> (*table)(const Config& config, Weights& weights);
  Json (*write)(const Config& config) =
      nullptr;  // of families that are made here; others keep the config that they were read from
};

const std::vector<Arch>& archs();
const Arch& arch_by_name(std::string_view name);  // error: lists the known ones

/// Reads config.json, as transformers 4 or 5 write it. A key that the code of transformers reads for this family is read here or refused;
/// any other cannot change the computation, and is noted.
Config read_config(const Json& json, const std::string& where);
Json write_config(const Config& config);

}  // namespace fairfight
