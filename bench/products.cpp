// The maps of a block in a training, forward and backward: linears() beside at::linear of float32, alone and on all cores at once as
// trials run, in float32 and, where the CPU multiplies it, in bfloat16.
#include <fmt/format.h>

#include <chrono>
#include <functional>

#include "fairfight/base/environment.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/kernels.h"
#include "fairfight/model/torch.h"

using namespace fairfight;

namespace {

constexpr double kSeconds = 1.5;  // a measurement

/// Runs a second, of as many copies of the work as there are.
double rate(size_t copies, const std::function<void(size_t)>& work) {
  std::vector<double> rates(copies);
  side_by_side(copies, [&](size_t i) {
    work(i);
    const auto start = std::chrono::steady_clock::now();
    double gone = 0;
    int64_t runs = 0;
    while (gone < kSeconds) {
      work(i);
      ++runs;
      gone = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    rates[i] = double(runs) / gone;
  });
  double sum = 0;
  for (const double r : rates) sum += r;
  return sum;
}

}  // namespace

int main(int, char** arguments) {
  settle_environment(arguments);
  start_engine(0);
  struct Shape {
    int64_t rows, in, out;
    size_t maps;
  };
  for (const size_t copies : {size_t(1), size_t(engine_threads())})
    for (const auto& [rows, in, out, maps] : {Shape{600, 128, 128, 3}, Shape{600, 128, 512, 2}, Shape{600, 512, 128, 1}, Shape{2400, 128, 512, 2}}) {
      std::vector<at::Tensor> x(copies);
      std::vector<std::vector<Linear>> all(copies);
      for (size_t i = 0; i < copies; ++i) {
        x[i] = at::randn({1, rows, in}).set_requires_grad(true);
        for (size_t m = 0; m < maps; ++m) all[i].push_back({at::randn({out, in}).set_requires_grad(true), {}, {}});
      }
      const auto ours = [&](size_t i, Precision products) {
        const auto y = linears(x[i], all[i], products);
        std::vector<at::Tensor> ones;
        for (const auto& t : y) ones.push_back(at::ones_like(t));
        torch::autograd::backward(y, ones);
      };
      const auto plain = [&](size_t i) {
        std::vector<at::Tensor> y, ones;
        for (const auto& m : all[i]) {
          y.push_back(at::linear(x[i], m.w));
          ones.push_back(at::ones_like(y.back()));
        }
        torch::autograd::backward(y, ones);
      };
      const double flops = 6 * double(rows * in * out) * double(maps);
      for (const auto products : {Precision::float32, Precision::bfloat16}) {
        if (products == Precision::bfloat16 && training_precision() != products) continue;
        const auto these = [&](size_t i) { ours(i, products); };
        const double a = rate(copies, these), b = rate(copies, plain), c = rate(copies, these), d = rate(copies, plain);
        fmt::print("{} at once, {} x [{}, {}] of {} rows, {}: {:.2f} times as fast as at::linear ({:.0f} GFLOP/s)\n", copies, maps, out, in, rows,
                   name_of(products), (a + c) / (b + d), (a + c) / 2e9 * flops);
      }
    }
}
