#include "fairfight/model/taps.h"

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
  return *this;
}

size_t Taps::reads() const {
  size_t count = 0;
  for (const auto& [site, entry] : entries_) count += entry.reads.size();
  return count;
}

}  // namespace fairfight
