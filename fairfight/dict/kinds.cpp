#include "fairfight/dict/kinds.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

extern const Kind kTopK, kPca, kKMeans, kRandom, kNeurons;

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      kTopK, kPca, kKMeans, kRandom, kNeurons,
  };
  return list;
}

const Kind& kind_by_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& kind : kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  fail("[dictionary] got kind \"{}\", expected one of: {}", name, fmt::join(known, ", "));
}

std::unique_ptr<Dictionary> learn(const Rows& rows, const DictionarySettings& settings, const Tick& tick,
                                  const Checkpoints& checkpoints) {
  const Kind& kind = kind_by_name(settings.kind);
  require_sound(settings);
  const at::NoGradGuard no_grad;
  return kind.learn(rows, settings, tick, checkpoints);
}

std::unique_ptr<Dictionary> rebuild(std::string_view kind, const Tensors& tensors) {
  return kind_by_name(kind).rebuild(tensors);
}

double learning_flops(const DictionarySettings& settings, int64_t d_model, int64_t rows) {
  return kind_by_name(settings.kind).flops(settings, d_model, rows);
}

}  // namespace fairfight
