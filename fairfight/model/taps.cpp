#include "fairfight/model/taps.h"

#include <algorithm>

#include "fairfight/model/torch.h"

namespace fairfight {

Taps& Taps::read(const Site& site, at::Tensor* out) {
  entries_[site].reads.push_back(out);
  return *this;
}

Taps& Taps::edit(const Site& site, Edit change) {
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

/// Points are numbered in the order of a pass: embeddings, then block by block, then the final norm.
bool Taps::begin_at_or_behind(const Site& end_of_block) const {
  return std::all_of(entries_.begin(), entries_.end(), [&](const auto& e) {
    const Site& site = e.first;
    if (site.point < Point::resid_pre) return false;
    if (site.point > Point::resid_post) return true;
    return site.layer > end_of_block.layer || site == end_of_block;
  });
}

bool Taps::end_before(int64_t layer) const {
  return std::all_of(entries_.begin(), entries_.end(), [&](const auto& e) {
    const Site& site = e.first;
    return site.point < Point::resid_pre || (site.point <= Point::resid_post && site.layer < layer);
  });
}

}  // namespace fairfight
