#include "fairfight/fights/repair/dose.h"

#include <algorithm>
#include <cmath>

namespace fairfight {

size_t documents_of(double share, size_t documents) {
  return share > 0 ? std::max<size_t>(1, size_t(std::llround(share * double(documents)))) : 0;
}

std::vector<Tokens> mixed(const std::vector<Tokens>& ordinary, const std::vector<Tokens>& others) {
  const size_t all = ordinary.size() + others.size();
  std::vector<Tokens> documents;
  auto next = ordinary.begin(), other = others.begin();
  for (size_t i = 0; i < all; ++i)
    documents.push_back((i + 1) * others.size() / all > i * others.size() / all ? *other++ : *next++);
  return documents;
}

}  // namespace fairfight
