#include "fairfight/fights/repair/best_latent.h"

#include <algorithm>

#include "fairfight/arena/basis.h"
#include "fairfight/base/statistics.h"
#include "fairfight/dict/file.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Codes at the last token of each prompt: [prompts, width], dense.
at::Tensor codes_at_ends(const Transformer& model, const Site& site, const Dictionary& dictionary, const std::vector<Tokens>& prompts) {
  at::NoGradGuard no_grad;
  std::vector<int64_t> last;
  for (const auto& prompt : prompts) last.push_back(int64_t(prompt.size()) - 1);
  const auto rows = model.at(site, pad(prompts).tokens).index({at::arange(int64_t(prompts.size())), at::tensor(last)});
  const Codes codes = dictionary.encode(rows);
  return at::zeros({int64_t(prompts.size()), codes.width}).scatter_add_(1, codes.indices.to(at::kLong), codes.values);
}

}  // namespace

double best_latent(const Transformer& model, const Site& site, const Dictionary& dictionary, const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless) {
  const auto positive = codes_at_ends(model, site, dictionary, harmful), negative = codes_at_ends(model, site, dictionary, harmless);
  double best = 0.5;
  const auto active = (positive.abs().sum(0) + negative.abs().sum(0)).nonzero().flatten();
  const auto column = [](const at::Tensor& x, int64_t j) {
    const auto c = x.select(1, j).to(at::kDouble).contiguous();
    return std::vector<double>(c.data_ptr<double>(), c.data_ptr<double>() + c.numel());
  };
  for (int64_t i = 0; i < active.numel(); ++i) {
    const int64_t j = active[i].item<int64_t>();
    const double a = auroc(column(negative, j), column(positive, j));
    best = std::max({best, a, 1 - a});
  }
  return best;
}

KeptDictionaries::KeptDictionaries(const Card& card, size_t model, const std::filesystem::path& folder) {
  for (const Site& site : card.sites)
    at_sites_.emplace_back(site, load_dictionary(dictionary_file(folder, card, bases_of(card)[0], site, card.seeds[model], card.dictionary_seeds[0])).dictionary);
}

std::vector<double> KeptDictionaries::best_latents(const Transformer& model, const std::vector<Tokens>& harmful, const std::vector<Tokens>& harmless) const {
  std::vector<double> best;
  for (const auto& [site, dictionary] : at_sites_) best.push_back(best_latent(model, site, *dictionary, harmful, harmless));
  return best;
}

}  // namespace fairfight
