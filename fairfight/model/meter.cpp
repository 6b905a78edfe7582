#include "fairfight/model/meter.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/library.h>

#include <atomic>
#include <cmath>

#include "fairfight/model/torch.h"

namespace fairfight {

/// libtorch hands this kind of information on to the threads of a backward pass.
struct Meter::Counter : c10::DebugInfoBase, std::enable_shared_from_this<Meter::Counter> {
  std::atomic<int64_t> flops{0}, tokens_forward{0}, tokens_backward{0}, queries{0};
  void add(const Work& w) {
    flops += w.flops;
    tokens_forward += w.tokens_forward;
    tokens_backward += w.tokens_backward;
    queries += w.queries;
  }
};

namespace {

auto info_kind() { return c10::DebugInfoKind::TEST_INFO; }  // an enumerator, in newer libtorches an object
// The dispatch key that libtorch keeps for tests ("Fake" is taken by the newest); above autograd, whose own products come by as well.
constexpr auto kKey = c10::DispatchKey::TESTING_ONLY_GenericMode;

Meter::Counter* counting() { return static_cast<Meter::Counter*>(c10::ThreadLocalDebugInfo::get(info_kind())); }

/// 2 m n k of a product, and on to the kernel. `first` is the place of the left factor among the arguments.
template <size_t first>
void count_and_run(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  const auto arguments = torch::jit::last(*stack, op.schema().arguments().size());
  const auto a = arguments[first].toTensor(), b = arguments[first + 1].toTensor();
  count_flops(2.0 * double(a.numel()) * double(b.dim() > 1 ? b.size(-1) : 1));
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

Work& Work::operator+=(const Work& other) {
  flops += other.flops;
  tokens_forward += other.tokens_forward;
  tokens_backward += other.tokens_backward;
  queries += other.queries;
  return *this;
}

Work Work::share(double of) const {
  const auto part = [of](int64_t whole) { return int64_t(std::llround(of * double(whole))); };
  return {part(flops), part(tokens_forward), part(tokens_backward), queries};
}

struct Meter::Joined::Listening {
  explicit Listening(std::shared_ptr<Counter> counter) : info(info_kind(), std::move(counter)) {}
  c10::impl::IncludeDispatchKeyGuard key{kKey};
  c10::DebugInfoGuard info;
};

Meter::Joined::Joined(std::shared_ptr<Counter> counter) : listening_(counter ? std::make_unique<Listening>(std::move(counter)) : nullptr) {}
Meter::Joined::~Joined() = default;

Meter::Meter(bool apart) : counter_(std::make_shared<Counter>()), around_(apart ? nullptr : innermost()), joined_(counter_) {}
Meter::~Meter() {
  if (around_) around_->add(work());
}

Work Meter::work() const { return {counter_->flops, counter_->tokens_forward, counter_->tokens_backward, counter_->queries}; }

std::shared_ptr<Meter::Counter> Meter::innermost() {
  auto* counter = counting();
  return counter ? counter->shared_from_this() : nullptr;
}

void count_flops(double flops) {
  if (auto* counter = counting()) counter->flops += std::llround(flops);
}
void count_pass(int64_t tokens, bool recorded) {
  if (auto* counter = counting()) counter->add({0, tokens, recorded ? tokens : 0, 1});
}
void pay(const Work& work) {
  if (auto* counter = counting()) counter->add(work);
}

}  // namespace fairfight
