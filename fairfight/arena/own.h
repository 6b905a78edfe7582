#pragma once
#include <optional>
#include <string>

#include "fairfight/arena/card.h"
#include "fairfight/model/config.h"

namespace fairfight {

/// What a command line brings in place of a card's: a user's model and files. Empty: as the card says.
struct Own {
  std::string model, site;              // a site's name, or a fraction of the depth
  std::string text, other_text, field;  // see io/texts.h
  std::string behaviour, oracle;        // what is to be repaired, by examples; a model that was trained without it
  std::optional<Products> weights;
  bool bos = false;                     // before every text
  bool any() const { return !model.empty() || !site.empty() || !text.empty() || !other_text.empty() || !field.empty() || !behaviour.empty() || !oracle.empty() || weights || bos; }
};

/// The card about the user's model: it alone, with the card's first seed, every dictionary seed, and as much more to spend as a
/// token costs more in it than in the card's. Without a site everyone reads behind the middle block. The rest is the fight's
/// (FightEntry::bring). -> what the user should hear.
std::string bring(Card& card, const Own& own);

/// A card that names a depth reads at that depth of its models. Error: it is not the same site in all of them.
void settle_site(Card& card);

/// Of folders, names in the hub's cache or shipped organisms; nothing else of them is read.
std::vector<Config> configs_of(const std::vector<std::string>& models);

}  // namespace fairfight
