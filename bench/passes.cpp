// The times of a model's passes, as one line of JSON: what beside_transformers.py sets beside those of transformers.
#include <fmt/format.h>
#include <sys/mman.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "fairfight/base/environment.h"
#include "fairfight/base/error.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/generate.h"
#include "fairfight/model/torch.h"

using namespace fairfight;

namespace {

/// The shortest of some runs: what stands in the way of a run is not its own.
template <class Run>
double seconds(int64_t runs, Run run) {
  double best = INFINITY;
  for (int64_t i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

/// Nothing but read(2), into fresh memory: a malloc may hand out what it keeps from the run before.
void read_whole(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) fail("[bench] {} cannot be read", path);
  std::setvbuf(file, nullptr, _IONBF, 0);
  const size_t size = std::filesystem::file_size(path);
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const size_t done = memory == MAP_FAILED ? 0 : std::fread(memory, 1, size, file);
  if (memory != MAP_FAILED) munmap(memory, size);
  std::fclose(file);
  if (done != size) fail("[bench] {} cannot be read", path);
}

}  // namespace

int main(int count, char** arguments) {
  settle_environment(arguments);
  CLI::App app{"The times of a model's passes, in seconds"};
  std::string folder, dtype = "float32";
  int threads = 0;
  int64_t batch = 8, pos = 128, prompt = 16, tokens = 64, runs = 3;
  app.add_option("model", folder, "a Hugging Face folder with one model.safetensors")->required();
  app.add_option("--dtype", dtype, "float32 or bfloat16");
  app.add_option("--threads", threads, "default: all cores");
  app.add_option("--batch", batch, "texts of a pass");
  app.add_option("--pos", pos, "tokens of each");
  app.add_option("--prompt", prompt, "tokens before the first that is generated");
  app.add_option("--tokens", tokens, "that are generated, greedily, at batch 1");
  app.add_option("--runs", runs, "of which the fastest counts");
  CLI11_PARSE(app, count, arguments);
  try {
    start_engine(threads);
    const at::NoGradGuard no_grad;
    LoadOptions options;
    options.weights = precision_by_name(dtype);
    options.hash = false;
    const double read = seconds(runs, [&] { read_whole(folder + "/model.safetensors"); });
    std::optional<LoadedModel> loaded;
    const double load = seconds(runs, [&] {
      loaded.reset();
      loaded = load_model(folder, false, options);
    });
    const Transformer& model = loaded->model;
    const Config& c = model.config();
    const auto ids = (at::arange(batch * pos, at::kLong) * 7919 % c.vocab).view({batch, pos});
    const double prefill = seconds(runs, [&] { model.logits(ids); });
    const double harvest = seconds(runs, [&] { model.at({Point::resid_post, c.n_layers / 2 - 1}, ids); });
    std::vector<int32_t> start;
    for (int64_t i = 0; i < prompt; ++i) start.push_back(int32_t(i * 7919 % c.vocab));
    const double decode = seconds(runs, [&] { generate(model, {start}, tokens, 0, {}, Random(0, "bench")); });
    fmt::print(R"({{"read": {:.6f}, "load": {:.6f}, "prefill": {:.6f}, "harvest": {:.6f}, "decode": {:.6f}, "machine": "{}"}})"
               "\n",
               read, load, prefill,
               harvest, decode, describe_machine());
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
