#include "fairfight/model/flops.h"

#include <ATen/record_function.h>

#include <map>
#include <string_view>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

thread_local CountedFlops* counting = nullptr;

/// The place of the left factor among the arguments; the right one is next. In-place and .out variants have the same.
const std::map<std::string_view, size_t> kProducts{
    {"aten::mm", 0},     {"aten::bmm", 0},     {"aten::mv", 0},       {"aten::dot", 0},   {"aten::addmm", 1},
    {"aten::addmm_", 1}, {"aten::baddbmm", 1}, {"aten::baddbmm_", 1}, {"aten::addmv", 1}, {"aten::addmv_", 1}};

/// libtorch's profiler hook: called by the dispatcher, once for each operator that anybody calls on this thread.
std::unique_ptr<at::ObserverContext> count(const at::RecordFunction& call) {
  const auto product = kProducts.find(call.name());
  if (product == kProducts.end()) return nullptr;
  const auto &a = call.inputs()[product->second].toTensor(), &b = call.inputs()[product->second + 1].toTensor();
  count_product(2.0 * double(a.numel()) * double(b.dim() > 1 ? b.size(-1) : 1));
  return nullptr;
}

}  // namespace

struct CountedFlops::Listening {
  at::CallbackHandle handle = at::addThreadLocalCallback(at::RecordFunctionCallback(&count).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
  ~Listening() { at::removeCallback(handle); }
};

CountedFlops::CountedFlops() : outer_(counting), listening_(outer_ ? nullptr : std::make_unique<Listening>()) { counting = this; }
CountedFlops::~CountedFlops() { counting = outer_; }

void count_product(double flops) {
  if (counting) counting->products_ += flops;
}
void count_attention(double flops) {
  if (counting) counting->attention_ += flops;
}

}  // namespace fairfight
