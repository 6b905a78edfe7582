#include "cli/held_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fairfight/acts/harvest.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/dict/metrics.h"
#include "fairfight/model/flops.h"

namespace fairfight {
namespace {

constexpr size_t kDocuments = 1000;
constexpr int64_t kTokens = 32'768;  // behind FVU and L0
constexpr int64_t kSpliced = 4096;   // tokens behind the change of cross-entropy, a difference token by token
constexpr size_t kLines = 3;         // the dictionary, PCA axes, neurons

/// The basis of a kind with as many active features a row.
std::unique_ptr<Dictionary> at_l0(const std::string& kind, double l0, DictionarySettings settings, const Rows& rows, double most_norm) {
  settings.kind = kind;
  settings.k = std::clamp<int64_t>(std::llround(l0), 1, rows.d_model());
  settings.width = kind == "pca" ? settings.k : rows.d_model();
  settings.aux_k = 0;
  auto basis = learn(rows, settings);
  basis->leave_alone_above(most_norm);
  return basis;
}

}  // namespace

HeldOut::HeldOut(const LoadedModel& model, const TextOptions& text) : model_(model), text_(text_of(model, text, tinytown::Split::test, kDocuments, kTokens).batches) {}

double HeldOut::flops(const Config& config, const Site& site) {
  const double spliced = forward_flops(config, kSpliced);
  return forward_flops(config, kTokens, site) + double(kLines) * (3 * spliced - 2 * forward_flops(config, kSpliced, site));
}

void HeldOut::print(const Dictionary& dictionary, const DictionarySettings& settings, const Rows& rows, const Site& site, const Tick& tick) const {
  const double harvesting = forward_flops(model_.model.config(), kTokens, site) / flops(model_.model.config(), site);
  const MemoryRows unseen(harvest(model_.model, site, text_, [&](double f, std::string_view note) { tick(harvesting * f, note); }), 0);
  std::vector<Batch> spliced;
  for (int64_t left = kSpliced; const Batch& batch : text_) {
    const int64_t documents = std::min(batch.documents(), std::max<int64_t>(1, left / batch.tokens.size(1)));
    spliced.push_back({batch.tokens.slice(0, 0, documents), batch.valid.slice(0, 0, documents)});
    left -= spliced.back().count();
    if (left <= 0 || documents < batch.documents()) break;
  }
  size_t lines = 0;
  const auto line = [&](const std::string& name, const Dictionary& basis) {
    const Reconstruction r = measure_reconstruction(basis, unseen, unseen.count());
    const Splice s = measure_splice(model_.model, site, basis, spliced, [&](double f, std::string_view) { tick(harvesting + (1 - harvesting) * (double(lines) + f) / kLines, name); });
    ++lines;
    fmt::print("{:<26} {:>8.4f} {:>8.1f} {:>6.1f} % {:>+14.4f}\n", name, r.fvu, r.l0, 100 * r.dead, s.delta_ce());
    return r;
  };
  fmt::print("\n{:<26} {:>8} {:>8} {:>8} {:>14}\n", "on held-out text", "FVU", "L0", "dead", "change of CE");
  const Reconstruction r = line(fmt::format("{} of width {}", dictionary.kind(), dictionary.width()), dictionary);
  for (const auto& [kind, name] : {std::pair("pca", "PCA axes at that L0"), {"neurons", "neurons at that L0"}})
    if (dictionary.kind() != kind) line(name, *at_l0(kind, r.l0, settings, rows, dictionary.most_norm()));
  fmt::print("{} rows, {} of them attention sinks and left out; CE in nats a token\n", unseen.count(), r.left_out);
}

double times_seen(const DictionarySettings& settings, int64_t rows) {
  const auto& reads = kind_by_name(settings.kind).reads;
  const bool steps = std::find(reads.begin(), reads.end(), "batch") != reads.end();  // else each row once
  return steps ? double(settings.steps() * settings.batch) / double(rows) : std::min(1.0, double(settings.tokens) / double(rows));
}

}  // namespace fairfight
