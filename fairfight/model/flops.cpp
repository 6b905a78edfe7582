#include "fairfight/model/flops.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

thread_local CountedFlops* counting = nullptr;

// The dispatch key that libtorch keeps for tests, and only tests count ("Fake" is taken by the newest); above autograd, whose own products come by as well.
constexpr auto kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

/// 2 m n k of a product, and on to the kernel. `first` is the place of the left factor among the arguments.
template <size_t first>
void count_and_run(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  const auto arguments = torch::jit::last(*stack, op.schema().arguments().size());
  const auto a = arguments[first].toTensor(), b = arguments[first + 1].toTensor();
  count_product(2.0 * double(a.numel()) * double(b.dim() > 1 ? b.size(-1) : 1));
  op.redispatchBoxed(keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, kKey), stack);
}

}  // namespace

TORCH_LIBRARY_IMPL(_, TESTING_ONLY_GenericMode, library) { library.fallback(torch::CppFunction::makeFallthrough()); }

TORCH_LIBRARY_IMPL(aten, TESTING_ONLY_GenericMode, library) {
  for (const char* name : {"mm", "mm.out", "bmm", "bmm.out", "mv", "mv.out", "dot", "dot.out"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&count_and_run<0>>());
  for (const char* name : {"addmm", "addmm.out", "addmm_", "baddbmm", "baddbmm.out", "baddbmm_", "addmv", "addmv.out", "addmv_"})
    library.impl(name, torch::CppFunction::makeFromBoxedFunction<&count_and_run<1>>());
}

struct CountedFlops::Listening {
  c10::impl::IncludeDispatchKeyGuard guard{kKey};
};

CountedFlops::CountedFlops() : outer_(counting), listening_(std::make_unique<Listening>()) { counting = this; }
CountedFlops::~CountedFlops() { counting = outer_; }

void count_product(double flops) {
  if (counting) counting->precision_ += flops;
}
void count_attention(double flops) {
  if (counting) counting->attention_ += flops;
}

}  // namespace fairfight
