#include "fairfight/disciplines/repair/sae_error.h"

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kRowsAtOnce = 8192;

at::Tensor error_of(Corner<Repair>& corner, const at::Tensor& x) {
  std::vector<at::Tensor> pieces{x.slice(0, 0, 0)};
  for (const auto& slice : x.split(kRowsAtOnce))
    if (slice.size(0) > 0) pieces.push_back(slice - corner.dictionary()->reconstruct(slice));
  return at::cat(pieces);
}

}  // namespace

const ErrorTerms& error_terms(Corner<Repair>& corner) {
  const auto harmful = deciding_rows(corner, corner.site(), true), others = other_rows(corner, corner.site()).all();
  return corner.memo().get<ErrorTerms>(corner.basis() + " error_terms", [&] { return ErrorTerms{error_of(corner, harmful), error_of(corner, others)}; });
}

}  // namespace fairfight
