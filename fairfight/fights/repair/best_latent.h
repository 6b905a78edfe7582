#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/dict/dictionary.h"
#include "fairfight/model/transformer.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {

/// The best AUROC that any single latent reaches, in either direction, by what it is at the last token of each prompt: from 0.5,
/// nothing tells the two kinds apart, to 1.
double best_latent(const Transformer& model, const Site& site, const Dictionary& dictionary, const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless);

/// The first of the dictionaries that a fight has left in its folder for a model.
std::shared_ptr<const Dictionary> kept_dictionary(const Card& card, size_t model, const std::filesystem::path& folder);

}  // namespace fairfight
