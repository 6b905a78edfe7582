#include "fairfight/model/taps.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {

Taps& Taps::read(const Site& site, at::Tensor* out) {
  entries_[site].reads.push_back(out);
  return *this;
}

Taps& Taps::edit(const Site& site, Edit change) {
  return edit(site, [change = std::move(change)](const at::Tensor& x, const Chunk&) { return change(x); });
}

Taps& Taps::edit(const Site& site, ChunkEdit change) {
  entries_[site].edits.push_back(std::move(change));
  return *this;
}

Taps& Taps::append(const Taps& later) {
  for (const auto& [site, entry] : later.entries_) {
    auto& mine = entries_[site];
    mine.edits.insert(mine.edits.end(), entry.edits.begin(), entry.edits.end());
    mine.reads.insert(mine.reads.end(), entry.reads.begin(), entry.reads.end());
  }
  if (later.positions_.defined()) positions_ = later.positions_;
  return *this;
}

Taps& Taps::only_at(const at::Tensor& positions) {
  positions_ = positions.dim() == 1 ? positions.unsqueeze(1) : positions;
  return *this;
}

size_t Taps::reads() const {
  size_t count = 0;
  for (const auto& [site, entry] : entries_) count += entry.reads.size();
  return count;
}

std::vector<Site> Taps::sites() const {
  std::vector<Site> sites;
  for (const auto& [site, entry] : entries_) sites.push_back(site);
  return sites;
}

at::Tensor Taps::edited(const Site& site, at::Tensor x, const Chunk& chunk) const {
  const auto found = entries_.find(site);
  if (found == entries_.end()) return x;
  for (const auto& edit : found->second.edits) {
    auto changed = edit(x, chunk);
    if (changed.sizes() != x.sizes()) fail("[tap] an edit at {} returned shape [{}], expected [{}]", site.name(), fmt::join(changed.sizes(), ", "), fmt::join(x.sizes(), ", "));
    x = changed;
  }
  return x;
}

at::Tensor Taps::meet(const Site& site, at::Tensor x, const Chunk& chunk) const {
  x = edited(site, std::move(x), chunk);
  if (const auto found = entries_.find(site); found != entries_.end())
    for (auto* out : found->second.reads) *out = x;
  return x;
}

bool Taps::begin_at_or_behind(const Site& end_of_block) const {
  return std::all_of(entries_.begin(), entries_.end(), [&](const auto& e) {
    const Site& site = e.first;
    if (before_blocks(site.point)) return false;
    return behind_blocks(site.point) || site.layer > end_of_block.layer || site == end_of_block;
  });
}

bool Taps::end_before(int64_t layer) const {
  return std::all_of(entries_.begin(), entries_.end(), [&](const auto& e) {
    const Site& site = e.first;
    return before_blocks(site.point) || (!behind_blocks(site.point) && site.layer < layer);
  });
}

}  // namespace fairfight
