#include <fmt/format.h>
#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/methods/hooks.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

class AffineHook final : public Hook {
 public:
  AffineHook(std::vector<AffineEdit> edits, int64_t from) : edits_(std::move(edits)), from_(from) {
    for (auto& e : edits_)
      for (auto* t : {&e.left, &e.right, &e.mean}) *t = t->detach().to(at::kFloat).contiguous();
  }

  std::string_view kind() const override { return "affine"; }
  std::string about() const override { return fmt::format("x + L Rᵀ (x − μ) at {}", fmt::join(site_names(), ", ")); }

  Afterwards attach(const Config& config, Taps& taps) const override {
    for (const auto& e : edits_) {
      require_width(config, e.site, e.mean.size(0));
      taps.edit(e.site, [this, &e](const at::Tensor& x, const Chunk& chunk) { return edit_from(from_, x, chunk, [&e](const at::Tensor& y) { return y + (y - e.mean).matmul(e.right).matmul(e.left.t()); }); });
    }
    return nullptr;
  }
  Gradient gradient() const override { return Gradient::exact; }

  Json settings() const override { return {{"sites", site_names()}, {"from", from_}}; }

  Tensors tensors() const override {
    Tensors all;
    for (size_t i = 0; i < edits_.size(); ++i) {
      all[fmt::format("{}.left", i)] = edits_[i].left;
      all[fmt::format("{}.right", i)] = edits_[i].right;
      all[fmt::format("{}.mean", i)] = edits_[i].mean;
    }
    return all;
  }

 private:
  std::vector<std::string> site_names() const {
    std::vector<std::string> names;
    for (const auto& e : edits_) names.push_back(e.site.name());
    return names;
  }

  std::vector<AffineEdit> edits_;
  int64_t from_;
};

std::shared_ptr<const Hook> rebuild_affine(const Json& settings, const Tensors& tensors) {
  Fields fields(settings, "hook.settings");
  const auto sites = fields.texts("sites");
  const int64_t from = fields.integer("from", 0, INT32_MAX);
  fields.finish();
  std::vector<AffineEdit> edits;
  for (size_t i = 0; i < sites.size(); ++i) {
    const auto mean = require_hook_tensor(tensors, fmt::format("{}.mean", i), at::kFloat, {-1});
    const auto left = require_hook_tensor(tensors, fmt::format("{}.left", i), at::kFloat, {mean.size(0), -1});
    edits.push_back({Site::parse(sites[i]), left, require_hook_tensor(tensors, fmt::format("{}.right", i), at::kFloat, left.sizes()), mean});
  }
  return affine_hook(std::move(edits), from);
}

}  // namespace

std::shared_ptr<const Hook> affine_hook(std::vector<AffineEdit> edits, int64_t from) {
  for (const auto& e : edits)
    if (e.mean.dim() != 1 || e.left.dim() != 2 || e.left.size(0) != e.mean.size(0) || e.right.sizes() != e.left.sizes())
      fail("[affine_hook] at {}: got left [{}], right [{}], mean [{}], expected [d, rank] twice and [d]", e.site.name(),
           fmt::join(e.left.sizes(), ", "), fmt::join(e.right.sizes(), ", "), fmt::join(e.mean.sizes(), ", "));
  return std::make_shared<AffineHook>(std::move(edits), from);
}

extern const HookKind kAffine{"affine", rebuild_affine};

}  // namespace fairfight
