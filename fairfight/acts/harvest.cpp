#include "fairfight/acts/harvest.h"

#include "fairfight/base/error.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/torch.h"

namespace fairfight {

at::Tensor position_rows(const at::Tensor& x) { return x.flatten(2).flatten(0, 1); }

void require_position_rows(const Site& site) {
  if (site.point == Point::attn_scores || site.point == Point::pattern)
    fail("[harvest] {} holds a row for each pair of positions, expected a site with one for each position", site.name());
}

void harvest(const Model& model, const Site& site, const std::vector<Batch>& batches, const Harvested& take,
             const Tick& tick) {
  require_position_rows(site);
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < batches.size(); ++i) {
    check_stop();
    const auto rows = position_rows(model.at(site, batches[i].tokens));
    const auto valid = batches[i].valid.flatten().nonzero().squeeze(1);
    if (valid.size(0) > 0) take(rows.index_select(0, valid));
    tick(double(i + 1) / double(batches.size()), "harvest");
  }
}

void harvest(const Model& model, const Site& site, const std::vector<Batch>& batches, StoreWriter& store,
             const Tick& tick) {
  int64_t known = store.rows_seen();  // rows at the front that need no forward pass, then rows to drop
  size_t first = 0;
  for (; first < batches.size(); ++first) {
    const int64_t rows = batches[first].valid.sum().item<int64_t>();
    if (rows > known) break;
    known -= rows;
  }
  const std::vector<Batch> rest(batches.begin() + int64_t(first), batches.end());
  harvest(
      model, site, rest,
      [&](const at::Tensor& rows) {
        store.append(rows.narrow(0, known, rows.size(0) - known));
        known = 0;
      },
      tick);
  store.finish();
}

at::Tensor harvest(const Model& model, const Site& site, const std::vector<Batch>& batches, const Tick& tick) {
  std::vector<at::Tensor> parts;
  harvest(
      model, site, batches, [&](const at::Tensor& rows) { parts.push_back(rows); }, tick);
  if (parts.empty()) fail("[harvest] no position of the {} batches is valid", batches.size());
  return at::cat(parts);
}

}  // namespace fairfight
