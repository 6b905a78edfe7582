#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/dict/kinds.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/site.h"

namespace fairfight {

/// A TOML file that says who fights whom about what. Unknown keys are errors.
struct Card {
  std::string fight;                     // a name that `fairfight fights` lists
  std::vector<std::string> models;       // folders, names in the hub's cache or shipped organisms, one a seed
  Precision weights = Precision::float32;  // what a user's model is loaded as
  bool bos = false;                      // a <bos> before every text of a user's, whatever the tokenizer does
  std::vector<int64_t> seeds;            // of data and contestants, paired with the models
  std::vector<int64_t> dictionary_seeds; // every model gets a dictionary of each
  std::vector<Site> sites;               // where contestants read; of several each chooses one, or all of them at once, with its settings
  std::vector<double> depths;            // in the sites' place, fractions of the models' depth: settle_sites makes sites of them
  std::vector<std::string> contestants;  // empty: all of the fight's roster
  int64_t trials = 10;                   // settings a contestant may try on validation
  int64_t resamples = 1000;              // of the bootstrap
  double level = 0.95;                   // of each one-sided bound that the judge reads
  double margin = 0.05;                  // of "competitive": a share of the way from no skill to perfect
  enum class Controls { all,
                        champion,
                        none } controls = Controls::all;  // which challengers meet the control bases
  bool study = false;                    // one side alone may play and nothing is inspected: a study beside a fight, not from a file
  double budget_flops = 0;               // of a contestant's run, its share of the dictionary included; 0: no limit
  DictionarySettings dictionary;
  Json data;                             // the fight's own table: families, number of items ...
  std::string beacon;                    // a public random value that nobody knew when the card was written; may be empty
  std::string sha256;                    // of the file
  std::string test_stream;               // what tests are drawn with: settle_test's, and a study's is that of the fight beside it

  /// Names of sites, or fractions of the depth.
  void read_at(const std::vector<std::string>& places, const std::string& where);
  void require_distinct_sites(const std::string& where) const;

  /// The test follows from all that the card says and from who plays with which search space (`roster`: roster_json in arena/referee.h), so that whoever changes the margin, drops
  /// somebody or tunes otherwise after a look at it has another test; and from the beacon, so that nobody can know it before that is public.
  void settle_test(const Json& roster);

  static Card read(const std::filesystem::path& path);
  Json json() const;
};

}  // namespace fairfight
