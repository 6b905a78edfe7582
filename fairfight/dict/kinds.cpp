#include "fairfight/dict/kinds.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

extern const Kind kTopK, kPca, kKMeans, kRandom, kNeurons;

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> list{
      kTopK,
      kPca,
      kKMeans,
      kRandom,
      kNeurons,
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
                                  const Checkpoints& checkpoints, TrainingLog* log) {
  const Kind& kind = kind_by_name(settings.kind);
  require_learnable(settings, rows.d_model());
  const at::NoGradGuard no_grad;
  return kind.learn(rows, settings, tick, checkpoints, log);
}

void require_learnable(const DictionarySettings& settings, int64_t d_model) {
  require_sound(settings);
  if (kind_by_name(settings.kind).orthogonal && settings.width > d_model)
    fail("[dictionary] {}: got a width of {}, expected at most the {} dimensions of the rows; it is the number of axes", settings.kind,
         settings.width, d_model);
}

void require_read(std::string_view kind, const std::vector<std::string>& given) {
  const auto& reads = kind_by_name(kind).reads;
  for (const auto& name : given)
    if (std::find(reads.begin(), reads.end(), name) == reads.end())
      fail("[dictionary] {}: got \"{}\", which makes no difference to this kind, expected some of {}; leave it out", kind, name, fmt::join(reads, ", "));
}

std::unique_ptr<Dictionary> rebuild(std::string_view kind, const Tensors& tensors) {
  auto dictionary = kind_by_name(kind).rebuild(tensors);
  if (tensors.contains("most_norm")) {  // a file from before sinks were left alone has none
    const double most = require_tensor(tensors, "most_norm", at::kDouble, {}, "dictionary").item<double>();
    if (!(most > 0)) fail("[dictionary] most_norm: got {}, expected more than 0", most);
    dictionary->leave_alone_above(most);
  }
  return dictionary;
}

double learning_flops(const DictionarySettings& settings, int64_t d_model, int64_t rows) {
  return kind_by_name(settings.kind).flops(settings, d_model, rows);
}

}  // namespace fairfight
