#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "fairfight/dict/kinds.h"
#include "fairfight/model/site.h"

namespace fairfight {

/// A TOML file that says who fights whom about what. Unknown keys are errors.
struct Card {
  std::string fight;                     // a name that `fairfight fights` lists
  std::vector<std::string> models;       // folders or shipped organisms, one a seed
  std::vector<int64_t> seeds;            // dictionary and contestants' seeds, paired with the models
  Site site;
  std::vector<std::string> contestants;  // empty: all of the fight's roster
  int64_t trials = 6;                    // settings a contestant may try on validation
  int64_t resamples = 2000;              // of the bootstrap
  double level = 0.95;                   // of the intervals
  DictionarySettings dictionary;
  Json data;                             // the fight's own table: families, number of items ...
  std::string sha256;                    // of the file

  static Card read(const std::filesystem::path& path);
  Json json() const;
};

}  // namespace fairfight
