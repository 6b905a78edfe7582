#pragma once
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <vector>

namespace fairfight {

/// Neighbours are of one length: little of a slice is padding.
template <class Item, class Length>
std::vector<std::vector<Item>> slices_of(std::vector<Item> items, Length length) {
  constexpr size_t kSlice = 64;  // documents a pass
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) { return length(a) < length(b); });
  std::vector<std::vector<Item>> slices;
  for (size_t i = 0; i < items.size(); i += kSlice)
    slices.emplace_back(items.begin() + int64_t(i), items.begin() + int64_t(std::min(items.size(), i + kSlice)));
  return slices;
}

template <class Slices>
std::vector<at::Tensor> tokens_of(const Slices& slices) {
  std::vector<at::Tensor> tokens;
  for (const auto& s : slices) tokens.push_back(s.tokens);
  return tokens;
}

}  // namespace fairfight
