#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/base/tokens.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/model/transformer.h"

namespace fairfight {

/// The best AUROC that any single latent reaches, in either direction, by what it is at the last token of each prompt: from 0.5,
/// nothing tells the two kinds apart, to 1.
double best_latent(const Transformer& model, const Site& site, const Dictionary& dictionary, const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless);

/// The same of the first dictionary that a fight has left in its folder for a model, at each of the card's sites.
class KeptDictionaries {
 public:
  KeptDictionaries(const Card& card, size_t model, const std::filesystem::path& folder);
  std::vector<double> best_latents(const Transformer& model, const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless) const;  // by site

 private:
  std::vector<std::pair<Site, std::shared_ptr<const Dictionary>>> at_sites_;
};

}  // namespace fairfight
