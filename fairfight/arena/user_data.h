#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/model/config.h"

namespace fairfight {

/// Something of the user's that a fight takes: `--other-text FILE` on the command line, `other_text = "FILE"` in a card's [data].
struct Input {
  std::string key, help;
  std::string flag() const;  // "--other-text"
};
inline const Input kField{"field", "the JSON field or CSV column that holds a text (default: text)"};

/// What a command line brings in place of a card's: a user's model and files. Empty: as the card says.
struct UserData {
  std::string model;
  std::vector<std::string> places;           // names of sites, or fractions of the depth
  std::map<std::string, std::string> files;  // by the key of an Input
  std::optional<Precision> weights;
  bool bos = false;                          // before every text

  std::string file(const std::string& key) const;  // empty: not given
  bool any() const;  // besides places
  /// Error: something that no input of the fight is.
  void require_taken(const std::string& fight, const std::vector<Input>& inputs) const;
};

/// The card about the user's model: it alone, with the card's first seed, every dictionary seed, and as much more to spend as a
/// token costs more in it than in the card's. Without a site everyone reads after the middle block. The rest is the fight's
/// (FightEntry::override_data). -> what the user should hear.
std::string override_card(Card& card, const UserData& own);

/// A card that names depths reads at these depths of its models. Errors: they are not the same sites in all of them, or one site for two depths; a site that a
/// model lacks, or where no dictionary can be learned; more places than trials.
void settle_sites(Card& card);

/// Of folders, names in the hub's cache or shipped organisms; nothing else of them is read.
std::vector<Config> configs_of(const std::vector<std::string>& models);

}  // namespace fairfight
